//! Reading a request: strictly in the order of the table, because the live API answers 400 to members out of order
//! (contract 2). Namespaces of members are not looked at: clients qualify them as their own copy of the WSDL said.

use roxmltree::{Document, Node, ParsingOptions};

use super::schema::{self, CREDENTIALS, CREDENTIALS_ONCE, ENVELOPE_NS, Kind, Member, Model, OPERATIONS_NS, Operation};

/// Bytes of a request at the most: a hundred orders are about 40,000.
pub const BODY_MAX: usize = 256 << 10;
/// Elements and texts of a request at the most.
const NODES_MAX: u32 = 20_000;
const XSI_NS: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Longest text that is taken.
const TEXT_MAX: usize = 1_000;

/// Who calls.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// 認証キー.
    pub auth_key: String,
    /// 店舗URL.
    pub shop_url: String,
    /// ユーザID.
    pub user_name: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({} of {})", self.user_name, self.shop_url)
    }
}

/// A request that could be read.
#[derive(Debug)]
pub struct Call {
    /// What is asked.
    pub operation: &'static Operation,
    /// Who asks.
    pub credentials: Credentials,
    /// The parts after the credentials, in the order of the table.
    pub parts: Vec<Given>,
}

/// What a member holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Nothing: left out, empty where a number is expected, or `xsi:nil`.
    Nothing,
    /// Text.
    Text(String),
    /// A number of 32 bits.
    Int(i32),
    /// The members of one model, in the order of the table.
    One(Vec<Given>),
    /// The members of each.
    Many(Vec<Vec<Given>>),
    /// Numbers.
    Ints(Vec<i32>),
}

/// Why a request could not be read; the text is for who wrote the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Another version of SOAP.
    #[error("the envelope is not one of SOAP 1.1")]
    Version,
    /// It is no XML, or no envelope, or does not fit the WSDL.
    #[error("{0}")]
    Malformed(String),
}

impl Given {
    /// The text, empty if there is none.
    pub fn text(&self) -> &str {
        match self {
            Given::Text(text) => text,
            _ => "",
        }
    }

    /// The number, if there is one.
    pub fn int(&self) -> Option<i64> {
        match self {
            Given::Int(number) => Some(i64::from(*number)),
            _ => None,
        }
    }
}

impl Call {
    /// Reads a request.
    ///
    /// # Errors
    ///
    /// Why it cannot be read: [`Unreadable`].
    pub fn read(body: &[u8]) -> Result<Call, Unreadable> {
        let text = std::str::from_utf8(body).map_err(|_| malformed("the request is not UTF-8"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES_MAX, ..ParsingOptions::default() };
        let document = Document::parse_with_options(text, options).map_err(|error| malformed(error.to_string()))?;
        let envelope = document.root_element();
        if envelope.tag_name().name() != "Envelope" {
            return Err(malformed("the root is no Envelope"));
        }
        if envelope.tag_name().namespace() != Some(ENVELOPE_NS) {
            return Err(Unreadable::Version);
        }
        let soap = |node: &Node<'_, '_>, name: &str| {
            node.tag_name().name() == name && node.tag_name().namespace() == Some(ENVELOPE_NS)
        };
        let body = elements(envelope).find(|node| soap(node, "Body")).ok_or_else(|| malformed("no Body"))?;
        let mut inside = elements(body);
        let asked = inside.next().ok_or_else(|| malformed("the Body is empty"))?;
        if inside.next().is_some() {
            return Err(malformed("the Body holds more than one operation"));
        }
        called(asked)
    }
}

fn called(asked: Node<'_, '_>) -> Result<Call, Unreadable> {
    let name = asked.tag_name();
    let known = schema::OPERATIONS.iter().find(|operation| operation.name == name.name());
    let operation = known.filter(|_| name.namespace() == Some(OPERATIONS_NS));
    let operation = operation.ok_or_else(|| malformed(format!("there is no operation {}", shown(name.name()))))?;
    let mut inside: Vec<Node<'_, '_>> = elements(asked).collect();
    let is_credentials = |node: &Node<'_, '_>| [CREDENTIALS.name, CREDENTIALS_ONCE].contains(&node.tag_name().name());
    if !inside.first().is_some_and(is_credentials) {
        return Err(malformed(format!("{}: {} comes first", operation.name, CREDENTIALS.name)));
    }
    let credentials = held(&CREDENTIALS, inside.remove(0), operation.name)?;
    let parts = members(operation.parts, &inside, operation.name)?;
    Ok(Call { operation, credentials: credentials_of(&credentials), parts })
}

fn credentials_of(given: &Given) -> Credentials {
    let members: &[Given] = match given {
        Given::One(members) => members,
        _ => &[],
    };
    let text = |place: usize| members.get(place).map_or(String::new(), |given| given.text().to_owned());
    Credentials { auth_key: text(0), shop_url: text(1), user_name: text(2) }
}

/// The members of a model or operation: each at its place, none unknown, none twice, and all that are needed.
fn members(expected: &[Member], found: &[Node<'_, '_>], within: &str) -> Result<Vec<Given>, Unreadable> {
    let mut given = Vec::with_capacity(expected.len());
    let mut left = found.iter().peekable();
    for member in expected {
        match left.next_if(|node| node.tag_name().name() == member.name) {
            Some(node) => given.push(held(member, *node, within)?),
            None if member.optional => given.push(Given::Nothing),
            None => return Err(malformed(format!("{within}: {} is missing or out of order", member.name))),
        }
    }
    match left.next() {
        None => Ok(given),
        Some(node) => {
            let name = shown(node.tag_name().name());
            Err(malformed(format!("{within}: {name} is unknown, out of order or there twice")))
        }
    }
}

fn held(member: &Member, node: Node<'_, '_>, within: &str) -> Result<Given, Unreadable> {
    let nil = node.attribute((XSI_NS, "nil")).is_some_and(|nil| matches!(nil.trim(), "true" | "1"));
    let place = format!("{within}/{}", member.name);
    let given = match member.kind {
        _ if nil => Given::Nothing,
        Kind::Text | Kind::DateTime => Given::Text(text(node, &place)?),
        Kind::Int => match text(node, &place)?.trim() {
            "" => Given::Nothing,
            digits => Given::Int(number(digits, &place)?),
        },
        Kind::One(model) => Given::One(one(model, node, &place)?),
        Kind::Many(model) => Given::Many(many(model, node, &place)?),
        Kind::Ints => Given::Ints(ints(node, &place)?),
    };
    if given == Given::Nothing && !member.optional {
        return Err(malformed(format!("{place}: a value is needed")));
    }
    Ok(given)
}

fn one(model: &Model, node: Node<'_, '_>, place: &str) -> Result<Vec<Given>, Unreadable> {
    let found: Vec<Node<'_, '_>> = elements(node).collect();
    members(model.members, &found, place)
}

fn many(model: &Model, node: Node<'_, '_>, place: &str) -> Result<Vec<Vec<Given>>, Unreadable> {
    elements(node)
        .map(|element| match element.tag_name().name() {
            name if name == model.name => one(model, element, place),
            name => Err(malformed(format!("{place}: {} where {} is expected", shown(name), model.name))),
        })
        .collect()
}

fn ints(node: Node<'_, '_>, place: &str) -> Result<Vec<i32>, Unreadable> {
    elements(node)
        .map(|element| match element.tag_name().name() {
            "int" => number(text(element, place)?.trim(), place),
            name => Err(malformed(format!("{place}: {} where int is expected", shown(name)))),
        })
        .collect()
}

fn number(digits: &str, place: &str) -> Result<i32, Unreadable> {
    digits.parse().map_err(|_| malformed(format!("{place}: a whole number is expected")))
}

/// All text of an element that holds nothing else.
fn text(node: Node<'_, '_>, place: &str) -> Result<String, Unreadable> {
    if elements(node).next().is_some() {
        return Err(malformed(format!("{place}: text is expected")));
    }
    let text: String = node.children().filter_map(|child| child.is_text().then(|| child.text()).flatten()).collect();
    if text.len() > TEXT_MAX {
        return Err(malformed(format!("{place}: at most {TEXT_MAX} bytes")));
    }
    Ok(text)
}

fn elements<'a, 'input>(node: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(Node::is_element)
}

fn malformed(why: impl Into<String>) -> Unreadable {
    Unreadable::Malformed(why.into())
}

/// A name from outside, short enough to be repeated.
fn shown(name: &str) -> String {
    name.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the contract's source, with its prefixes.
    fn envelope(body: &str) -> String {
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="{ENVELOPE_NS}" xmlns:ns1="java:jp.co.rakuten.rms.mall.rccsapi.model.entity"
 xmlns:ns2="{OPERATIONS_NS}" xmlns:ns3="java:language_builtins" xmlns:xsi="{XSI_NS}">
<SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>"#
        )
    }

    const WHO: &str = "<ns2:userAuthModel><ns1:authKey>key</ns1:authKey><ns1:shopUrl>shop</ns1:shopUrl>\
                       <ns1:userName>user</ns1:userName></ns2:userAuthModel>";

    fn authori(members: &str) -> Result<Call, Unreadable> {
        let body = format!(
            "<ns2:authori>{WHO}<ns2:intVal>167130928</ns2:intVal><ns2:uiAuthoriRequestModels>\
             <ns1:UiAuthoriRequestModel>{members}</ns1:UiAuthoriRequestModel></ns2:uiAuthoriRequestModels></ns2:authori>"
        );
        Call::read(envelope(&body).as_bytes())
    }

    const HELP: &str = r#"<ns1:helpItem xsi:nil="true"/>"#;
    const ORDER: &str = "<ns1:orderNumber>338459-20180528-00000804</ns1:orderNumber>";
    const PAY: &str = "<ns1:payType>0</ns1:payType>";
    const PRICE: &str = "<ns1:price>208</ns1:price>";

    #[test]
    fn a_request_is_read_in_full() {
        let call = authori(&[HELP, ORDER, PAY, PRICE].concat()).unwrap();
        assert_eq!(call.operation.name, "authori");
        let Credentials { auth_key, shop_url, user_name } = &call.credentials;
        assert_eq!([auth_key.as_str(), shop_url, user_name], ["key", "shop", "user"]);
        let order =
            vec![Given::Nothing, Given::Text("338459-20180528-00000804".into()), Given::Int(0), Given::Int(208)];
        assert_eq!(call.parts, [Given::Int(167_130_928), Given::Many(vec![order])]);
        assert!(!format!("{call:?}").contains("key"), "the key is not shown");
    }

    #[test]
    fn members_out_of_order_missing_unknown_or_twice_are_refused() {
        for wrong in [
            vec![ORDER, HELP, PAY, PRICE],
            vec![HELP, ORDER, PRICE, PAY],
            vec![HELP, PAY, PRICE],
            vec![HELP, ORDER, ORDER, PAY, PRICE],
            vec![HELP, ORDER, PAY, PRICE, "<ns1:zzz/>"],
            vec![HELP, ORDER, PAY, "<ns1:price>many</ns1:price>"],
            vec![HELP, ORDER, PAY, "<ns1:price>2147483648</ns1:price>"],
            vec![HELP, ORDER, PAY, "<ns1:price/>"],
            vec![HELP, "<ns1:orderNumber><b/></ns1:orderNumber>", PAY, PRICE],
        ] {
            assert!(matches!(authori(&wrong.concat()), Err(Unreadable::Malformed(_))), "{wrong:?}");
        }
        assert!(authori(&[ORDER, PAY, PRICE].concat()).is_ok(), "what is nil may be left out");
    }

    #[test]
    fn credentials_may_have_their_older_name_and_no_namespace() {
        let body = "<ns2:getRCCSRequestId><arg0><authKey>k</authKey><shopUrl>s</shopUrl><userName>u</userName></arg0>\
                    </ns2:getRCCSRequestId>";
        assert_eq!(Call::read(envelope(body).as_bytes()).unwrap().credentials.auth_key, "k");
    }

    #[test]
    fn lists_of_numbers_and_empty_numbers_are_read() {
        let body = format!(
            "<ns2:getRCCSResult>{WHO}<ns2:ints><ns3:int>1</ns3:int><ns3:int> 2 </ns3:int></ns2:ints></ns2:getRCCSResult>"
        );
        assert_eq!(Call::read(envelope(&body).as_bytes()).unwrap().parts, [Given::Ints(vec![1, 2])]);
        let search = "<ns1:brandName xsi:nil=\"true\"/><ns1:cardStatus>-1</ns1:cardStatus>\
                      <ns1:fromDate>2018-07-29</ns1:fromDate><ns1:payType/><ns1:toDate>2018-08-28</ns1:toDate>";
        let body = format!(
            "<ns2:getRCCSResultAll>{WHO}<ns2:uiRCCSResultSearchModel>{search}</ns2:uiRCCSResultSearchModel>\
             </ns2:getRCCSResultAll>"
        );
        let call = Call::read(envelope(&body).as_bytes()).unwrap();
        let Given::One(members) = &call.parts[0] else { panic!("{call:?}") };
        assert_eq!(members[1], Given::Int(-1));
        assert_eq!(members[6], Given::Nothing);
    }

    #[test]
    fn dangerous_and_foreign_documents_are_refused() {
        let entity = "<!DOCTYPE a [<!ENTITY x \"y\">]>".to_owned() + &envelope("<ns2:getRCCSRequestId/>");
        let twelve = envelope("").replace(ENVELOPE_NS, "http://www.w3.org/2003/05/soap-envelope");
        let many = envelope(&"<a/>".repeat(NODES_MAX as usize));
        let deep = envelope(&("<a>".repeat(50_000) + &"</a>".repeat(50_000)));
        for wrong in ["", "<a", "{}", &entity, &many, &deep, &envelope(""), &envelope("<getRCCSRequestId/>")] {
            assert!(matches!(Call::read(wrong.as_bytes()), Err(Unreadable::Malformed(_))));
        }
        assert_eq!(Call::read(twelve.as_bytes()).unwrap_err(), Unreadable::Version);
        assert!(Call::read(b"\xff\xfe<").is_err());
    }
}
