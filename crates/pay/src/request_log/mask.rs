//! What must not stand in the request log: keys and secrets, cookies, the details of cards.

use http::{HeaderMap, HeaderName};
use serde_json::Value;

/// What stands where something was taken out.
const MASKED: &str = "[masked]";
/// A run of hexadecimal digits of at least this length is a private key's, whatever stands before it.
const KEY_DIGITS: usize = 96;
/// Digits of a card number.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Text without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// The text.
    pub bytes: Vec<u8>,
    /// Whether something was taken out.
    pub altered: bool,
}

/// Header lines as they came, without secrets: `name: value\r\n`.
pub fn headers(headers: &HeaderMap) -> Vec<u8> {
    let mut lines = Vec::new();
    for (name, value) in headers {
        lines.extend_from_slice(name.as_str().as_bytes());
        lines.extend_from_slice(b": ");
        if is_secret(name) {
            let scheme = value.to_str().ok().and_then(|text| text.split_once(' ')).map(|(scheme, _)| scheme);
            let scheme = scheme.filter(|scheme| ["basic", "bearer"].contains(&scheme.to_ascii_lowercase().as_str()));
            lines.extend(scheme.into_iter().flat_map(|scheme| [scheme.as_bytes(), b" "].concat()));
            lines.extend_from_slice(MASKED.as_bytes());
        } else {
            lines.extend(text(value.as_bytes()).bytes);
        }
        lines.extend_from_slice(b"\r\n");
    }
    lines
}

fn is_secret(name: &HeaderName) -> bool {
    let words = ["authorization", "cookie", "secret", "token", "password", "signature", "api-key"];
    words.iter().any(|word| name.as_str().contains(word))
}

/// Any text: private keys, webhook secrets, tokens and numbers of cards are taken out.
pub fn text(bytes: &[u8]) -> Masked {
    let mut masked = Masked { bytes: Vec::with_capacity(bytes.len()), altered: false };
    let mut at = 0;
    while at < bytes.len() {
        let secret = secret_at(bytes, at);
        let number = order_number_at(bytes, at);
        if number > 0 {
            masked.bytes.extend_from_slice(&bytes[at..at + number]);
            at += number;
        } else if secret > 0 {
            masked.bytes.extend_from_slice(MASKED.as_bytes());
            masked.altered = true;
            at += secret;
        } else {
            // What is no secret as a whole holds none in its middle.
            let end = at + skip(bytes, at);
            masked.bytes.extend_from_slice(&bytes[at..end]);
            at = end;
        }
    }
    masked
}

/// Length of the secret that begins at `at`, 0 if none does.
fn secret_at(bytes: &[u8], at: usize) -> usize {
    let (before, rest) = bytes.split_at(at);
    if before.last().is_some_and(u8::is_ascii_alphanumeric) {
        return 0;
    }
    let hex = run(rest, u8::is_ascii_hexdigit);
    if hex >= KEY_DIGITS && !before.ends_with(b"_public_") {
        return hex;
    }
    if hex >= 32 && before.ends_with(b"choba_") {
        return hex;
    }
    if before.ends_with(b"whsec_") {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=%_-".contains(byte);
        return run(rest, is_part);
    }
    card_number(rest)
}

/// Length of the order number that begins at `at`, 0 if none does: `1573621905-20261122-0000000021` here, six digits first on
/// the marketplace. One in ten would be taken for the number of a card otherwise.
fn order_number_at(bytes: &[u8], at: usize) -> usize {
    let (before, rest) = bytes.split_at(at);
    if before.last().is_some_and(u8::is_ascii_alphanumeric) {
        return 0;
    }
    let shop = run(rest, u8::is_ascii_digit);
    let length = shop + 20;
    let Some(number) = rest.get(..length).filter(|_| [6, 10].contains(&shop)) else { return 0 };
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let (date, serial) = (&number[shop + 1..shop + 9], &number[shop + 10..]);
    let months = b"01".as_slice()..=b"12".as_slice();
    let is_date = date.starts_with(b"20") && months.contains(&&date[4..6]) && digits(date);
    let is_apart = number[shop] == b'-' && number[shop + 9] == b'-';
    let ends = !rest.get(length).is_some_and(|byte| byte.is_ascii_alphanumeric());
    if is_apart && is_date && digits(serial) && ends { length } else { 0 }
}

/// How far one may go on from `at` without passing over the beginning of a secret.
fn skip(bytes: &[u8], at: usize) -> usize {
    run(&bytes[at..], u8::is_ascii_alphanumeric).max(1)
}

fn run(bytes: &[u8], is_part: impl Fn(&u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| is_part(byte)).count()
}

/// Length of the card number that `rest` begins with, in groups or not; 0 if it begins with none.
fn card_number(rest: &[u8]) -> usize {
    let (mut digits, mut length, mut at) = (Vec::new(), 0, 0);
    while at < rest.len() {
        if rest[at].is_ascii_digit() {
            digits.push(rest[at] - b'0');
            at += 1;
            length = at;
            continue;
        }
        let gap = if rest[at..].starts_with(b"%20") { 3 } else { usize::from(b" -+".contains(&rest[at])) };
        let goes_on = gap > 0 && rest.get(at + gap).is_some_and(u8::is_ascii_digit);
        if length == 0 || !goes_on {
            break;
        }
        at += gap;
    }
    let ends = !rest.get(length).is_some_and(|byte| byte.is_ascii_alphabetic());
    if ends && CARD_DIGITS.contains(&digits.len()) && passes_luhn(&digits) { length } else { 0 }
}

fn passes_luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| u32::from(if index % 2 == 1 { doubled(*digit) } else { *digit }))
        .sum();
    sum.is_multiple_of(10)
}

/// The body of the helper that makes charges, which may hold the details of a card. What is no JSON keeps no number of
/// more than two digits.
pub fn helper_body(bytes: &[u8]) -> Masked {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return without_numbers(bytes) };
    let mut kept = value.clone();
    let mut altered = hide_cards(&mut kept, false);
    // A name that is spelled with escapes or comes twice would pass by what was read.
    let raw = String::from_utf8_lossy(bytes);
    altered |= raw.contains("\\u") || raw.matches("\"card\"").count() > 1;
    let masked = if altered { text(kept.to_string().as_bytes()) } else { text(bytes) };
    Masked { altered: altered || masked.altered, ..masked }
}

/// Takes out what stands under `card`, but for names of magic cards and tokens; whether there was anything.
fn hide_cards(value: &mut Value, inside: bool) -> bool {
    match value {
        Value::Object(fields) => {
            let hide = |(name, value): (&String, &mut Value)| hide_cards(value, inside || name == "card");
            fields.iter_mut().map(hide).fold(false, |any, hidden| any | hidden)
        }
        Value::Array(values) => {
            let hide = |value: &mut Value| hide_cards(value, inside);
            values.iter_mut().map(hide).fold(false, |any, hidden| any | hidden)
        }
        Value::String(text) if inside && is_name_of_card(text) => false,
        Value::String(_) | Value::Number(_) if inside => {
            *value = Value::String(MASKED.to_owned());
            true
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn is_name_of_card(text: &str) -> bool {
    text.starts_with("tok_")
        || acquirer::simulator::magic_card(text).is_some_and(|_| !text.starts_with(|c: char| c.is_ascii_digit()))
}

fn without_numbers(bytes: &[u8]) -> Masked {
    let mut masked = Masked { bytes: Vec::with_capacity(bytes.len()), altered: false };
    let mut at = 0;
    while at < bytes.len() {
        let digits = run(&bytes[at..], u8::is_ascii_digit);
        if digits > 2 {
            masked.bytes.extend_from_slice(MASKED.as_bytes());
            masked.altered = true;
        } else {
            masked.bytes.extend_from_slice(&bytes[at..at + digits.max(1)]);
        }
        at += digits.max(1);
    }
    Masked { bytes: text(&masked.bytes).bytes, altered: masked.altered }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn masked(input: &str) -> String {
        String::from_utf8(text(input.as_bytes()).bytes).unwrap()
    }

    #[test]
    fn order_numbers_stay_and_what_only_looks_like_one_does_not() {
        // Date and serial are 18 digits that pass the check of card numbers.
        for number in ["1573621905-20261124-0000000021", "123456-20261124-0000000021"] {
            assert!(passes_luhn(&[2, 0, 2, 6, 1, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1]));
            assert_eq!(masked(&format!("/charges/{number}/refund")), format!("/charges/{number}/refund"));
        }
        for (input, expected) in [
            ("20261124-0000000021", "[masked]"),
            ("1573621905-20261324-0000000029", "1573621905-[masked]"),
            ("123456-4111111111111111", "123456-[masked]"),
        ] {
            assert_eq!(masked(input), expected, "{input}");
        }
    }

    #[test]
    fn keys_and_secrets_are_taken_out_of_any_text() {
        let digits = "0a".repeat(48);
        let rows = [
            (format!("key=sandbox_private_{digits}&a=b"), "key=sandbox_private_[masked]&a=b".to_owned()),
            (format!("live%5Fprivate_{digits}"), "live%5Fprivate_[masked]".to_owned()),
            (format!("\"webhook_{digits}\""), "\"webhook_[masked]\"".to_owned()),
            (format!("sandbox_public_{digits};"), format!("sandbox_public_{digits};")),
            ("whsec_AbCd/12+3==\"".to_owned(), "whsec_[masked]\"".to_owned()),
            (format!("choba_{}", "0a".repeat(32)), "choba_[masked]".to_owned()),
            (format!("\"cipher\":\"{}\"", "0a".repeat(32)), format!("\"cipher\":\"{}\"", "0a".repeat(32))),
        ];
        for (given, expected) in rows {
            assert_eq!(masked(&given), expected);
        }
    }

    #[test]
    fn numbers_of_cards_are_taken_out_and_other_numbers_are_not() {
        for card in
            ["4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "4111+1111+1111+1111", "378282246310005"]
        {
            assert_eq!(masked(&format!("a={card}&b")), "a=[masked]&b", "{card}");
        }
        for other in [
            "1000000001-20261122-0000000042",
            "/sandbox/v1/charges/1000000001-20261122-0000000042/capture",
            "\"created\":1795305600,\"amount\":99999999",
            "4111111111111112",
            "evt_4111111111111111a",
            "03-1234-5678",
        ] {
            assert_eq!(masked(other), other);
        }
    }

    #[test]
    fn headers_that_prove_who_asks_are_masked() {
        let mut given = HeaderMap::new();
        given.insert("authorization", HeaderValue::from_static("Basic c2VjcmV0"));
        given.insert("cookie", HeaderValue::from_static("choba-staff=secret"));
        given.insert("x-lite-webhook-signature", HeaderValue::from_static("webhook_secret"));
        given.insert("idempotency-key", HeaderValue::from_static("order-1"));
        given.insert("accept", HeaderValue::from_bytes(b"a\xff").unwrap());
        let lines = headers(&given);
        let text = String::from_utf8_lossy(&lines);
        assert!(!text.contains("c2VjcmV0") && !text.contains("=secret") && !text.contains("webhook_"), "{text}");
        assert!(text.contains("authorization: Basic [masked]\r\n") && text.contains("idempotency-key: order-1\r\n"));
    }

    #[test]
    fn the_helper_keeps_names_of_magic_cards_and_nothing_else_of_a_card() {
        let helper = |body: &str| String::from_utf8(helper_body(body.as_bytes()).bytes).unwrap();
        for kept in [r#"{ "items": [], "card": "visa" }"#, r#"{"card":"tok_0a"}"#, r#"{"items":[{"unit_price":1080}]}"#]
        {
            assert_eq!(helper(kept), kept);
        }
        for given in [
            r#"{"card":{"number":"4111111111111111","security_code":"123","expiry_year":2030,"holder":"TARO"}}"#,
            r#"{"card":"4111 1111 1111 1112"}"#,
            r#"{"card":{"n\u0075mber":"123"}}"#,
            r#"{"card":{"number":"411111"},"card":"visa"}"#,
            r#"{"card":{"number":"4111111111111111","security_code":"123""#,
            r#"{"c\u0061rd":{"security_code":"123"}}"#,
        ] {
            let kept = helper(given);
            for secret in ["4111", "1112", "123", "2030", "TARO"] {
                assert!(!kept.contains(secret) || (secret == "TARO" && !given.contains("}")), "{given} keeps {kept}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_key_is_taken_out_wherever_it_stands(before in "[ -~]{0,40}", key in "[0-9a-f]{96}", after in "[^0-9a-zA-Z]{0,20}") {
            let given = format!("{before} test_private_{key}{after}");
            prop_assert!(!masked(&given).contains(&key));
        }

        #[test]
        fn what_holds_no_digit_and_no_secret_stays(given in "[g-z &={}\"\\[\\],:]{0,80}") {
            prop_assert_eq!(masked(&given), given);
        }
    }
}
