//! What may be sent, and until when. Pure.

use kernel::charset::{self, Unfit};
use kernel::{ChargeNumber, Timestamp};

use super::check::length;
use crate::mail::settings::{NAMED_MAX, characters};
use crate::rules;

/// A mail as it was asked for, its texts checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// About which charge; none if the text names none that could be.
    pub charge: Option<ChargeNumber>,
    /// 件名.
    pub subject: String,
    /// 自由記述欄.
    pub body: String,
}

/// Why a mail is not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Empty or too long.
    #[error("{field} must be 1 to {most} characters, not {count}.")]
    Length {
        /// `subject` or `body`.
        field: &'static str,
        /// Characters at the most.
        most: usize,
        /// How many there are.
        count: usize,
    },
    /// A subject of several lines.
    #[error("subject must be one line.")]
    SubjectLines,
    /// 機種依存文字.
    #[error("{}", characters(.field, .found))]
    Characters {
        /// `subject` or `body`.
        field: &'static str,
        /// The first of them.
        found: Vec<Unfit>,
    },
    /// There is no such charge.
    #[error("charge: there is no such charge.")]
    NoSuchCharge,
    /// The time for mails is over.
    #[error("Mails can be sent until {} days after the order.", rules::NOTIFICATION_WINDOW_DAYS)]
    WindowClosed,
    /// The charge had all its mails.
    #[error("A charge has at most {} mails.", rules::NOTIFICATIONS_MAX)]
    TooMany,
}

impl Wanted {
    /// A mail whose texts Japanese mail can carry. A text that is no order number names no charge.
    pub fn new(charge: &str, subject: &str, body: &str) -> Result<Wanted, Refused> {
        if subject.contains(['\n', '\r']) {
            return Err(Refused::SubjectLines);
        }
        text("subject", subject, rules::SUBJECT_MAX)?;
        text("body", body, rules::BODY_MAX)?;
        Ok(Wanted { charge: charge.parse().ok(), subject: subject.to_owned(), body: body.to_owned() })
    }
}

fn text(field: &'static str, text: &str, most: usize) -> Result<(), Refused> {
    let count = length(text);
    if !(1..=most).contains(&count) {
        return Err(Refused::Length { field, most, count });
    }
    let found = charset::unfit(text, NAMED_MAX + 1);
    if found.is_empty() { Ok(()) } else { Err(Refused::Characters { field, found }) }
}

/// The number of the next mail of a charge that was ordered at `ordered` and has had `sent` mails.
pub fn next_number(ordered: Timestamp, sent: i64, now: Timestamp) -> Result<i64, Refused> {
    if now > ordered.plus_seconds(rules::NOTIFICATION_WINDOW_DAYS * 86_400) {
        return Err(Refused::WindowClosed);
    }
    if sent >= rules::NOTIFICATIONS_MAX {
        return Err(Refused::TooMany);
    }
    Ok(sent + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_counted_in_characters_before_anything_is_inserted() {
        let check = |subject: &str, body: &str| Wanted::new("x", subject, body).map_err(|refused| refused.to_string());
        let (subject, body) = ("あ".repeat(80), "い".repeat(4_000));
        assert!(check(&subject, &body).is_ok());
        assert!(check(&subject, &format!("{}\r\n{}", "い".repeat(3_998), "う")).is_ok());
        assert_eq!(check(&format!("{subject}あ"), "a"), Err("subject must be 1 to 80 characters, not 81.".into()));
        assert_eq!(check("a", &format!("{body}い")), Err("body must be 1 to 4000 characters, not 4001.".into()));
        assert_eq!(check("", "a"), Err("subject must be 1 to 80 characters, not 0.".into()));
        assert_eq!(check("a", ""), Err("body must be 1 to 4000 characters, not 0.".into()));
        assert_eq!(check("a\nb", "a"), Err("subject must be one line.".into()));
        let named = check("a", "髙橋様\n①番").unwrap_err();
        assert_eq!(
            named,
            "body has characters that Japanese mail cannot carry (機種依存文字): 髙 (U+9AD9, IBM拡張文字), line 1, \
             character 1; ① (U+2460, NEC特殊文字), line 2, character 1."
        );
        assert!(check("a", &"①".repeat(11)).unwrap_err().ends_with("; and more."));
    }

    #[test]
    fn thirty_mails_until_the_last_moment_of_the_window() {
        let ordered = Timestamp::from_seconds(1_795_309_800);
        let end = ordered.plus_seconds(180 * 86_400);
        for (sent, now, expected) in [
            (0, ordered, Ok(1)),
            (29, end, Ok(30)),
            (30, end, Err(Refused::TooMany)),
            (0, end.plus_micros(1), Err(Refused::WindowClosed)),
            (30, end.plus_micros(1), Err(Refused::WindowClosed)),
        ] {
            assert_eq!(next_number(ordered, sent, now), expected);
        }
    }
}
