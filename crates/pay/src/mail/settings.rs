//! How a shop's mails look: what it says about itself, and whether the automatic ones are sent.

use kernel::charset::{self, Unfit};
use outbound::mail::Address;

use crate::rules;

/// What stands in a text for the buyer's full name (contract "Operations": Notification object).
pub const CUSTOMER_NAME: &str = "#CUSTOMER_NAME#";

/// The settings. A shop that never made any has the default ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailSettings {
    /// Whether mails are sent by themselves after 確定, キャンセル and 金額変更.
    pub automatic: bool,
    /// Where the shop reads its own mails, and where its buyers' answers go; none: its own go to nobody.
    pub contact_address: Option<Address>,
    /// Who the mails are from, for who reads them; none: the name of the shop.
    pub sender_name: Option<String>,
    /// 自動挿入文: what stands before every mail to a buyer; none: [`usual_opening`].
    pub opening: Option<String>,
}

impl Default for MailSettings {
    /// The automatic mails are sent (seed 000 "確定", "キャンセル", "金額変更").
    fn default() -> MailSettings {
        MailSettings { automatic: true, contact_address: None, sender_name: None, opening: None }
    }
}

/// Why settings are not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    /// A text is empty, too long, or of several lines where one is expected.
    #[error("{field} must be {expected}.")]
    Text {
        /// Which field.
        field: &'static str,
        /// What is expected.
        expected: String,
    },
    /// A text has characters that mail cannot carry.
    #[error("{}", characters(.field, .found))]
    Characters {
        /// Which field.
        field: &'static str,
        /// The first of them.
        found: Vec<Unfit>,
    },
}

/// Characters that are named in one answer.
pub const NAMED_MAX: usize = 10;

/// A sentence that names characters and their places.
pub fn characters(field: &str, found: &[Unfit]) -> String {
    let named: Vec<String> = found.iter().take(NAMED_MAX).map(ToString::to_string).collect();
    let more = if found.len() > NAMED_MAX { "; and more" } else { "" };
    format!("{field} has characters that Japanese mail cannot carry (機種依存文字): {}{more}.", named.join("; "))
}

impl MailSettings {
    /// The settings, if mails can be made with them.
    pub fn checked(self) -> Result<MailSettings, BadSettings> {
        if let Some(name) = &self.sender_name {
            text("sender_name", name, rules::SENDER_NAME_MAX, false)?;
        }
        if let Some(opening) = &self.opening {
            text("opening", opening, rules::OPENING_MAX, true)?;
        }
        Ok(self)
    }
}

fn text(field: &'static str, text: &str, most: usize, lines: bool) -> Result<(), BadSettings> {
    let count = text.chars().count();
    let broken = !lines && text.contains(['\n', '\r']);
    if count == 0 || count > most || broken {
        let one_line = if lines { "" } else { " in one line" };
        return Err(BadSettings::Text { field, expected: format!("1 to {most} characters{one_line}") });
    }
    let found = charset::unfit(text, NAMED_MAX + 1);
    if found.is_empty() { Ok(()) } else { Err(BadSettings::Characters { field, found }) }
}

/// What stands before the mails of a shop that did not write an opening of its own.
pub fn usual_opening(shop_name: &str) -> String {
    format!("{CUSTOMER_NAME} 様\n\n{shop_name}をご利用いただき、誠にありがとうございます。")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_no_mail_could_be_made_with_are_refused() {
        let good = MailSettings {
            automatic: true,
            contact_address: "shop@example.jp".parse().ok(),
            sender_name: Some("お茶の店".into()),
            opening: Some("#CUSTOMER_NAME# 様\nいつもありがとうございます。".into()),
        };
        assert_eq!(good.clone().checked(), Ok(good.clone()));
        let refused = |settings: MailSettings| settings.checked().expect_err("refused").to_string();
        for name in ["", "a\nb", &"あ".repeat(81)] {
            let settings = MailSettings { sender_name: Some(name.into()), ..good.clone() };
            assert_eq!(refused(settings), "sender_name must be 1 to 80 characters in one line.");
        }
        let settings = MailSettings { opening: Some("あ\n㈱い".into()), ..good.clone() };
        assert!(refused(settings).contains("㈱ (U+3231, NEC特殊文字), line 2, character 1"));
        let settings = MailSettings { opening: Some("あ".repeat(1_001)), ..good };
        assert_eq!(refused(settings), "opening must be 1 to 1000 characters.");
    }

    #[test]
    fn the_usual_opening_is_one_that_a_shop_could_write() {
        assert_eq!(charset::unfit(&usual_opening("お茶の店"), 1), []);
    }
}
