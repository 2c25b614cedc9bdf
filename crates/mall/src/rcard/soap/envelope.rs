//! Writing an answer: `S:Envelope`, `<op>Response`, `result` (contract 2), and faults.

use super::schema::{ENVELOPE_NS, Kind, Member, Model, Namespace, Operation};

const XSI_NS: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// What a member of an answer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The element is left out.
    Absent,
    /// `xsi:nil`.
    Nil,
    /// Text; may be empty.
    Text(String),
    /// A number.
    Int(i64),
    /// Members of each of a list, in the order of the table.
    Many(Vec<Vec<Value>>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(number)
    }
}

/// The envelope with the answer to `operation`; `result` has the members of its model.
pub fn answer(operation: &Operation, result: &[Value]) -> String {
    let (outer, inner) = (Namespace::Operations, Namespace::Models);
    let mut out = String::with_capacity(1_024);
    let name = format!("{}:{}Response", outer.prefix(), operation.name);
    out.push_str(&format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<S:Envelope xmlns:S=\"{ENVELOPE_NS}\"><S:Body><{name} \
         xmlns:{}=\"{}\" xmlns:{}=\"{}\" xmlns:xsi=\"{XSI_NS}\">",
        outer.prefix(),
        outer.uri(),
        inner.prefix(),
        inner.uri(),
    ));
    write_model(&mut out, &format!("{}:result", outer.prefix()), operation.result, result);
    out.push_str(&format!("</{name}></S:Body></S:Envelope>"));
    out
}

/// The envelope of a fault; `code` is `Client`, `Server` or `VersionMismatch`.
pub fn fault(code: &str, why: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<S:Envelope xmlns:S=\"{ENVELOPE_NS}\"><S:Body><S:Fault>\
         <faultcode>S:{code}</faultcode><faultstring>{}</faultstring></S:Fault></S:Body></S:Envelope>",
        escaped(why)
    )
}

fn write_model(out: &mut String, element: &str, model: &Model, values: &[Value]) {
    assert_eq!(values.len(), model.members.len(), "the members of {}", model.name);
    out.push_str(&format!("<{element}>"));
    for (member, value) in model.members.iter().zip(values) {
        write(out, model.namespace, member, value);
    }
    out.push_str(&format!("</{element}>"));
}

fn write(out: &mut String, namespace: Namespace, member: &Member, value: &Value) {
    let element = format!("{}:{}", namespace.prefix(), member.name);
    match (value, member.kind) {
        (Value::Absent, _) => {}
        (Value::Nil, _) => out.push_str(&format!("<{element} xsi:nil=\"true\"/>")),
        (Value::Text(text), _) => out.push_str(&format!("<{element}>{}</{element}>", escaped(text))),
        (Value::Int(number), _) => out.push_str(&format!("<{element}>{number}</{element}>")),
        (Value::Many(list), Kind::Many(model)) => {
            out.push_str(&format!("<{element}>"));
            let one = format!("{}:{}", Namespace::Models.prefix(), model.name);
            for values in list {
                write_model(out, &one, model, values);
            }
            out.push_str(&format!("</{element}>"));
        }
        (Value::Many(_), _) => unreachable!("{element} is no list"),
    }
}

/// Text as XML holds it. Characters that XML 1.0 does not have at all become U+FFFD.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            c if c.is_ascii_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::schema::{OPERATIONS, RESULTS};
    use super::*;

    #[test]
    fn an_answer_is_written_in_the_order_of_the_table() {
        let written = answer(&OPERATIONS[0], &["RCCS_N00-000".into(), "正常終了".into(), 167_130_928.into()]);
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body>\
            <ns1:getRCCSRequestIdResponse xmlns:ns1=\"http://orderapi.rms.rakuten.co.jp/rccsapi-services/RCCSAPI\" \
            xmlns:ns2=\"java:jp.co.rakuten.rms.mall.rccsapi.model.entity\" \
            xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
            <ns1:result><ns1:errorCode>RCCS_N00-000</ns1:errorCode><ns1:message>正常終了</ns1:message>\
            <ns1:requestId>167130928</ns1:requestId></ns1:result></ns1:getRCCSRequestIdResponse></S:Body></S:Envelope>";
        assert_eq!(written, expected);
    }

    #[test]
    fn lists_stand_in_elements_with_the_name_of_their_model() {
        let mut one = vec![Value::Absent; 19];
        one[6] = Value::Nil;
        one[14] = "A & <B>".into();
        let operation = &OPERATIONS[6];
        assert!(std::ptr::eq(operation.result, &RESULTS));
        let written = answer(operation, &["c".into(), "m".into(), Value::Many(vec![one])]);
        let inside = "<ns1:rccsResults><ns2:UiRCCSResultModel><ns2:ccsErrorCodeDetail xsi:nil=\"true\"/>\
            <ns2:ownerName>A &amp; &lt;B&gt;</ns2:ownerName></ns2:UiRCCSResultModel></ns1:rccsResults></ns1:result>";
        assert!(written.contains(inside), "{written}");
        assert!(roxmltree::Document::parse(&written).is_ok());
    }

    #[test]
    fn whatever_stands_in_a_text_the_answer_is_xml() {
        let written = fault("Client", "]]> & \u{0} \r\n \u{ffff} <x a=\"1\">");
        let document = roxmltree::Document::parse(&written).unwrap();
        let said = document.descendants().find(|node| node.has_tag_name("faultstring")).and_then(|node| node.text());
        assert_eq!(said, Some("]]> & \u{fffd} \r\n \u{fffd} <x a=\"1\">"));
    }
}
