//! `application/x-www-form-urlencoded`: query strings and bodies. Strict where guessing could cost money: a broken
//! escape, text that is no UTF-8, or a name given twice is an error that names it.

use crate::charge::item::{Item, Items};
use crate::error::ApiError;
use crate::rules;

/// Pairs at the most: a thousand items with four parameters each, and room.
pub const PAIRS_MAX: usize = 5_000;

/// Decoded names and values, in the order sent, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    /// Parses `a=1&b[c]=2`; brackets may be escaped or not.
    pub fn parse(text: &[u8]) -> Result<Form, ApiError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for part in text.split(|byte| *byte == b'&').filter(|part| !part.is_empty()) {
            let mut halves = part.splitn(2, |byte| *byte == b'=');
            let name = decoded(halves.next().unwrap_or_default(), "a parameter's name")?;
            let value = decoded(halves.next().unwrap_or_default(), &name)?;
            if pairs.len() == PAIRS_MAX {
                return Err(ApiError::too_many_parameters());
            }
            pairs.push((name, value));
        }
        let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ApiError::invalid(
                "invalid_parameter",
                format!("{} is given more than once.", shown(twice[0])),
            ));
        }
        Ok(Form { pairs })
    }

    /// Of names and values that came in another form; a name given twice is as if it were not given.
    pub fn of(pairs: Vec<(String, String)>) -> Form {
        let once = |name: &str| pairs.iter().filter(|(given, _)| given == name).count() == 1;
        let pairs = pairs.iter().filter(|(name, _)| once(name)).cloned().collect();
        Form { pairs }
    }

    /// The value of `name`, if it is given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Every name and value, in the order sent.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The same bytes for the same names and values in any order.
    pub fn canonical(&self) -> Vec<u8> {
        let mut pairs: Vec<&(String, String)> = self.pairs.iter().collect();
        pairs.sort();
        let mut bytes = Vec::new();
        for text in pairs.iter().flat_map(|(name, value)| [name, value]) {
            bytes.extend((text.len() as u64).to_be_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes
    }

    /// The items of a change of amount; none when no parameter speaks of items or amounts. Whatever does is meant as part of
    /// a change: a slip in it, or an `amount`, must never turn the request into a cancel, which is final.
    pub fn items(&self) -> Result<Option<Items>, ApiError> {
        let given: Vec<&(String, String)> = self.pairs.iter().filter(|(name, _)| speaks_of_a_change(name)).collect();
        if given.is_empty() {
            return Ok(None);
        }
        let mut numbers = Vec::new();
        for (name, _) in given {
            numbers.push(item_number(name).ok_or_else(|| unknown_item_parameter(name))?);
        }
        let count = numbers.into_iter().max().unwrap_or(0);
        let items = (1..=count).map(|number| self.item(number)).collect::<Result<Vec<Item>, ApiError>>()?;
        Ok(Some(Items::new(items).map_err(ApiError::items_of_form)?))
    }

    fn item(&self, number: usize) -> Result<Item, ApiError> {
        let value = |field: &str| {
            let name = format!("item_{field}_{number}");
            self.get(&name).ok_or_else(|| ApiError::missing(&name))
        };
        let quantity = value("quantity")?;
        let unit_price = value("unit_price")?;
        Ok(Item {
            id: value("id")?.to_owned(),
            name: value("name")?.to_owned(),
            quantity: digits(quantity)
                .and_then(|digits| digits.parse().ok())
                .ok_or_else(|| ApiError::parameter(&format!("item_quantity_{number}"), "a whole number from 1"))?,
            unit_price: digits(unit_price)
                .and_then(|digits| digits.parse().ok())
                .ok_or_else(|| ApiError::parameter(&format!("item_unit_price_{number}"), "a whole number of yen"))?,
        })
    }
}

const ITEM_FIELDS: [&str; 4] = ["id", "name", "quantity", "unit_price"];

fn speaks_of_a_change(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = ["item", "amount", "price", "quantity", "total", "point"];
    words.iter().any(|word| name.contains(word)) || is_field_of_an_item(&name)
}

/// `id_1`, `name[1]`, `id-1`: what identifies an item, without the word that says so. A name in lower case.
fn is_field_of_an_item(name: &str) -> bool {
    let name = name.trim();
    let rest = ["id", "name"].iter().find_map(|field| name.strip_prefix(field));
    rest.is_some_and(|rest| {
        let number = rest.trim_matches(|c: char| !c.is_alphanumeric());
        number.starts_with(|c: char| c.is_ascii_digit()) && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The N of `item_id_N`, from 1, without leading zeros.
fn item_number(name: &str) -> Option<usize> {
    let rest = name.strip_prefix("item_")?;
    let (field, number) = rest.rsplit_once('_')?;
    let canonical = digits(number).filter(|number| !number.starts_with('0'))?;
    let number: usize = canonical.parse().ok()?;
    (ITEM_FIELDS.contains(&field) && number <= rules::ITEMS_MAX).then_some(number)
}

fn unknown_item_parameter(name: &str) -> ApiError {
    let message = format!(
        "{} is not a parameter of an item: a change expects item_id_N, item_name_N, item_quantity_N, item_unit_price_N, \
         N from 1 to {}; a cancel has none of them.",
        shown(name),
        rules::ITEMS_MAX
    );
    ApiError::invalid("invalid_parameter", message)
}

/// `text` if it is one to eighteen ASCII digits.
pub fn digits(text: &str) -> Option<&str> {
    ((1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

/// The beginning of a text from outside, for an error message.
fn shown(text: &str) -> String {
    text.chars().take(60).map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn decoded(text: &[u8], what: &str) -> Result<String, ApiError> {
    let broken = |problem: &str| ApiError::invalid("invalid_parameter", format!("{} {problem}.", shown(what)));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut nibble = || rest.next().and_then(|digit| char::from(*digit).to_digit(16));
                match (nibble(), nibble()) {
                    (Some(high), Some(low)) => bytes.push((high * 16 + low) as u8),
                    (None, _) | (_, None) => return Err(broken("has a broken %-escape")),
                }
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).map_err(|_| broken("is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form(text: &str) -> Result<Form, ApiError> {
        Form::parse(text.as_bytes())
    }

    fn message<T: std::fmt::Debug>(result: Result<T, ApiError>) -> String {
        result.unwrap_err().message
    }

    #[test]
    fn brackets_may_be_escaped_or_not() {
        let plain = form("payment[paid]=true&limit=5").unwrap();
        let escaped = form("payment%5Bpaid%5D=true&limit=5").unwrap();
        assert_eq!(plain, escaped);
        assert_eq!(plain.get("payment[paid]"), Some("true"));
        assert_eq!(form("a=x+y%E3%81%82").unwrap().get("a"), Some("x yあ"));
    }

    #[test]
    fn what_is_broken_is_named() {
        assert_eq!(message(form("limit=%4")), "limit has a broken %-escape.");
        assert_eq!(message(form("limit=%ff")), "limit is not UTF-8.");
        assert_eq!(message(form("limit=1&limit=2")), "limit is given more than once.");
        assert_eq!(message(form("limit=1&%6Cimit=1")), "limit is given more than once.");
    }

    #[test]
    fn items_are_read_and_slips_never_pass_as_no_items() {
        let one = "item_id_1=a&item_name_1=b&item_quantity_1=3&item_unit_price_1=1122";
        let items = form(one).unwrap().items().unwrap().unwrap();
        assert_eq!(items.total().get(), 3_366);
        for other in ["reason=x", "id=a", "name=b", "name_of_staff=x", "identity_1=a", "id_x=a"] {
            assert_eq!(form(other).unwrap().items(), Ok(None), "{other}");
        }
        for (slip, named) in [
            ("item_id_1=a", "item_quantity_1 is missing."),
            ("item_id_2=a&item_name_2=b&item_quantity_2=3&item_unit_price_2=1", "item_quantity_1 is missing."),
            ("item_id_0=a", "item_id_0 is not a parameter"),
            ("item_id_01=a", "item_id_01 is not a parameter"),
            ("item_id=a", "item_id is not a parameter"),
            ("item_ids_1=a", "item_ids_1 is not a parameter"),
            ("Item_id_1=a", "Item_id_1 is not a parameter"),
            ("items[0][id]=a", "items[0][id] is not a parameter"),
            ("+item_id_1=a", " item_id_1 is not a parameter"),
            ("data-item-id-1=a", "data-item-id-1 is not a parameter"),
            ("id_1=a&name_1=b", "id_1 is not a parameter"),
            ("name_12=b", "name_12 is not a parameter"),
            ("ID_1=a", "ID_1 is not a parameter"),
            ("id1=a", "id1 is not a parameter"),
            ("name[0]=b", "name[0] is not a parameter"),
            ("id-1=a", "id-1 is not a parameter"),
            ("item_id_1001=a", "item_id_1001 is not a parameter"),
        ] {
            let text = message(form(slip).unwrap().items());
            assert!(text.starts_with(named), "{slip}: {text}");
        }
        for quantity in ["", "-1", "+1", "1.0", "１", "99999999999"] {
            let text = one.replace("quantity_1=3", &format!("quantity_1={}", quantity.replace('+', "%2B")));
            assert!(message(form(&text).unwrap().items()).starts_with("item_quantity_1 must be"), "{quantity}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_parse_or_are_refused(bytes: Vec<u8>) {
            if let Ok(form) = Form::parse(&bytes) {
                let _ = form.items();
                let _ = form.canonical();
            }
        }

        #[test]
        fn what_was_encoded_comes_back(pairs in proptest::collection::btree_map("\\PC{1,12}", "\\PC{0,12}", 0..8)) {
            let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
            let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
            let form = Form::parse(text.join("&").as_bytes()).unwrap();
            let reversed: Vec<String> = text.into_iter().rev().collect();
            prop_assert_eq!(form.canonical(), Form::parse(reversed.join("&").as_bytes()).unwrap().canonical());
            for (name, value) in &pairs {
                prop_assert_eq!(form.get(name), Some(value.as_str()));
            }
        }
    }
}
