//! The bytes of a mail: folding, encoded words, lines. Whole mails are read back by an independent parser in
//! `tests/mail`.

use base64::Engine as _;
use proptest::prelude::*;

use super::*;

fn message(subject: &str, text: &str) -> Message {
    Message {
        id: "018f-n".into(),
        from: Sender { name: "お茶の店 千鳥".into(), address: "mail@shop.example.jp".parse().unwrap() },
        reply_to: Some("contact@example.jp".parse().unwrap()),
        to: "taro@example.ne.jp".parse().unwrap(),
        subject: subject.into(),
        text: text.into(),
        // 2026-11-22T01:10:00Z.
        date: Timestamp::from_seconds(1_795_309_800),
    }
}

/// Headers with their folding undone, and the body.
fn parts(bytes: &[u8]) -> (Vec<(String, String)>, String) {
    let text = std::str::from_utf8(bytes).expect("ASCII");
    let (head, body) = text.split_once("\r\n\r\n").expect("a body");
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
    (unfolded.split("\r\n").map(|line| header(line).expect("a header")).collect(), body.to_owned())
}

fn value(bytes: &[u8], name: &str) -> String {
    let found: Vec<String> =
        parts(bytes).0.into_iter().filter(|(key, _)| key == name).map(|(_, value)| value).collect();
    assert_eq!(found.len(), 1, "{name}");
    found.into_iter().next().unwrap_or_default()
}

/// Each encoded word by itself, so that a character split between two of them shows.
fn decoded(value: &str) -> String {
    let mut text = String::new();
    for word in value.split(' ') {
        match word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?=")) {
            Some(base64) => {
                assert!(word.len() <= 75, "{word}");
                let bytes = base64::engine::general_purpose::STANDARD.decode(base64).expect("Base64");
                text.push_str(std::str::from_utf8(&bytes).expect("whole characters"));
            }
            None => {
                let space = if text.is_empty() { "" } else { " " };
                text.push_str(&format!("{space}{word}"));
            }
        }
    }
    text
}

#[test]
fn a_mail_has_the_headers_that_clients_need() {
    let bytes = message("ご注文の確認", "楽天 太郎 様\n\n.\nありがとうございます。").to_bytes();
    assert!(bytes.is_ascii());
    assert_eq!(value(&bytes, "Message-ID"), "<018f-n@shop.example.jp>");
    assert_eq!(value(&bytes, "Date"), "Sun, 22 Nov 2026 01:10:00 +0000");
    assert_eq!(value(&bytes, "To"), "taro@example.ne.jp");
    assert_eq!(value(&bytes, "Reply-To"), "contact@example.jp");
    assert_eq!(value(&bytes, "MIME-Version"), "1.0");
    assert_eq!(value(&bytes, "Content-Type"), "text/plain; charset=utf-8");
    assert_eq!(value(&bytes, "Content-Transfer-Encoding"), "base64");
    assert_eq!(value(&bytes, "Auto-Submitted"), "auto-generated");
    assert_eq!(decoded(&value(&bytes, "Subject")), "ご注文の確認");
    let from = value(&bytes, "From");
    let (name, address) = from.rsplit_once(' ').unwrap();
    assert_eq!((decoded(name).as_str(), address), ("お茶の店 千鳥", "<mail@shop.example.jp>"));
    let body = parts(&bytes).1.replace("\r\n", "");
    let body = base64::engine::general_purpose::STANDARD.decode(body).unwrap();
    assert_eq!(String::from_utf8(body).unwrap(), "楽天 太郎 様\r\n\r\n.\r\nありがとうございます。");
}

#[test]
fn nothing_ends_a_header_early() {
    let mut sly = message("a\r\nBcc: everybody@example.jp\r\n\r\nbody", "text");
    sly.from.name = "b\nX-Sly: 1\u{2028}\u{85}".into();
    sly.id = "id>\r\nX-Sly: 2".into();
    let bytes = sly.to_bytes();
    let names: Vec<String> = parts(&bytes).0.into_iter().map(|(name, _)| name).collect();
    let expected = [
        "Message-ID",
        "Date",
        "From",
        "To",
        "Subject",
        "Content-Type",
        "Auto-Submitted",
        "Reply-To",
        "MIME-Version",
        "Content-Transfer-Encoding",
    ];
    assert!(names.iter().all(|name| expected.contains(&name.as_str())), "{names:?}");
    assert_eq!(names.len(), expected.len());
}

proptest! {
    #[test]
    fn any_subject_and_text_come_back(
        subject in "[ぁ-ん亜-腕髙a-zA-Z0-9 =?_!-/\\PC]{0,80}",
        text in "[\\PC\\n.]{0,400}",
    ) {
        let bytes = message(&subject, &text).to_bytes();
        prop_assert!(bytes.is_ascii());
        let whole = String::from_utf8(bytes.clone()).unwrap();
        prop_assert!(!whole.replace("\r\n", "").contains(['\r', '\n']), "a bare line break");
        for line in whole.split("\r\n") {
            prop_assert!(line.len() <= 78, "{} characters: {line}", line.len());
        }
        let body = parts(&bytes).1.replace("\r\n", "");
        let body = base64::engine::general_purpose::STANDARD.decode(body).unwrap();
        prop_assert_eq!(String::from_utf8(body).unwrap(), text.replace('\n', "\r\n"));
    }

    #[test]
    fn no_character_is_split_between_encoded_words(subject in "[ぁ-ん亜-腕髙😀]{1,80}") {
        prop_assert_eq!(decoded(&value(&message(&subject, "").to_bytes(), "Subject")), subject);
    }
}
