//! What is wrong with a mail's texts, all of it at once: for who is still typing. Pure; [`super::Wanted::new`] refuses by
//! the same rules.

use kernel::charset::{self, Unfit};
use serde::{Serialize, Serializer};

use crate::rules;

/// Characters that are pointed at in one text, at the most.
pub const POINTED_AT_MAX: usize = 100;

/// What is to be said about the texts of a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    object: &'static str,
    /// Whether the mail could be sent as far as its texts go.
    pub fits: bool,
    /// About 件名.
    pub subject: CheckedText,
    /// About 自由記述欄.
    pub body: CheckedText,
}

/// What is to be said about one text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckedText {
    /// Characters; a line break is one.
    pub count: usize,
    /// Characters at the most.
    pub most: usize,
    /// Whether there are several lines where only one may be.
    pub broken: bool,
    /// 機種依存文字, the first of them.
    pub unfit: Vec<Pointed>,
}

impl CheckedText {
    fn of(text: &str, most: usize, one_line: bool) -> CheckedText {
        let unfit = charset::unfit(text, POINTED_AT_MAX);
        let broken = one_line && text.contains(['\n', '\r']);
        CheckedText { count: length(text), most, broken, unfit: unfit.into_iter().map(Pointed).collect() }
    }

    fn fits(&self) -> bool {
        (1..=self.most).contains(&self.count) && !self.broken && self.unfit.is_empty()
    }
}

/// A character that Japanese mail cannot carry, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointed(pub Unfit);

impl Serialize for Pointed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            character: char,
            code: String,
            position: usize,
            line: usize,
            column: usize,
            why: &'static str,
        }
        let Unfit { character, position, line, column, why } = self.0;
        let code = format!("U+{:04X}", u32::from(character));
        Shown { character, code, position, line, column, why: why.label() }.serialize(serializer)
    }
}

/// Characters of a text. A form of a browser has two characters for a line break that was one when it was typed.
pub fn length(text: &str) -> usize {
    text.chars().count() - text.matches("\r\n").count()
}

/// Looks at the texts of a mail.
pub fn check(subject: &str, body: &str) -> Checked {
    let subject = CheckedText::of(subject, rules::SUBJECT_MAX, true);
    let body = CheckedText::of(body, rules::BODY_MAX, false);
    Checked { object: "mail_check", fits: subject.fits() && body.fits(), subject, body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notification::Wanted;

    #[test]
    fn what_fits_is_what_can_be_sent() {
        let (long, longest) = ("い".repeat(4_001), "い".repeat(4_000));
        for (subject, body) in [
            ("件名", "本文"),
            ("", "本文"),
            ("件名", ""),
            ("件\n名", "本文"),
            ("件名", "①"),
            ("髙", "本文"),
            ("件名", long.as_str()),
            ("件名", longest.as_str()),
            ("件名", "一\r\n二"),
        ] {
            assert_eq!(check(subject, body).fits, Wanted::new("x", subject, body).is_ok(), "{subject:?} {body:?}");
        }
    }

    #[test]
    fn characters_are_pointed_at_by_their_places() {
        let checked = check("①", "一行目\r\n二㈱");
        let shown = serde_json::to_value(&checked).expect("it is JSON");
        assert_eq!(shown["subject"]["unfit"][0]["position"], 1);
        let second = &shown["body"]["unfit"][0];
        let expected = serde_json::json!({
            "character": "㈱", "code": "U+3231", "position": 7, "line": 2, "column": 2, "why": "NEC特殊文字",
        });
        assert_eq!((second, &shown["body"]["count"]), (&expected, &serde_json::json!(6)));
    }
}
