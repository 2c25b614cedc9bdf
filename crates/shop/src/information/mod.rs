//! 店舗情報 (seed 000 "店舗情報"): 会社情報 and サイト情報, as the operator registered them and the shop reads them.
//!
//! The name of the site is the name of the shop, and the address for questions is that of its mails, which another crate
//! keeps: each stands in one place.

pub mod rows;

use kernel::charset;
use kernel::{ShopId, Timestamp};
use serde_json::json;
use store::{StoreError, Tx};

use crate::by::By;

/// Characters of one field at the most.
pub const FIELD_MAX: usize = 200;
/// Characters of a shop's name at the most: it is also who its mails are from.
pub const NAME_MAX: usize = 80;

/// What is known of a shop beyond its name. A field that is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Information {
    /// 会社名.
    pub company_name: String,
    /// 会社名(フリガナ).
    pub company_kana: String,
    /// 代表者名.
    pub representative: String,
    /// 郵便番号: `158-0094`.
    pub postal_code: String,
    /// 会社住所.
    pub address: String,
    /// 会社電話番号.
    pub phone: String,
    /// サイトURL.
    pub site_url: String,
    /// 問い合わせ先: 電話番号.
    pub contact_phone: String,
    /// 問い合わせ先: 受付時間.
    pub contact_hours: String,
}

/// A field that cannot be taken as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} must be {expected}")]
pub struct Unfit {
    /// Which field.
    pub field: &'static str,
    /// What is expected.
    pub expected: &'static str,
}

impl Information {
    /// Names and values, in the order of the page.
    pub fn fields(&self) -> [(&'static str, &str); 9] {
        [
            ("company_name", &self.company_name),
            ("company_kana", &self.company_kana),
            ("representative", &self.representative),
            ("postal_code", &self.postal_code),
            ("address", &self.address),
            ("phone", &self.phone),
            ("site_url", &self.site_url),
            ("contact_phone", &self.contact_phone),
            ("contact_hours", &self.contact_hours),
        ]
    }

    /// With every field looked at by `read`, which is given its name.
    pub fn read(read: impl Fn(&'static str) -> String) -> Information {
        Information {
            company_name: read("company_name"),
            company_kana: read("company_kana"),
            representative: read("representative"),
            postal_code: read("postal_code"),
            address: read("address"),
            phone: read("phone"),
            site_url: read("site_url"),
            contact_phone: read("contact_phone"),
            contact_hours: read("contact_hours"),
        }
    }

    /// Without spaces around the fields and with the usual form of a postal code; or every field that cannot be taken.
    pub fn checked(&self) -> Result<Information, Vec<Unfit>> {
        let mut tidy = Information::read(|name| {
            let own = self.fields().into_iter().find(|(field, _)| *field == name);
            own.map_or("", |(_, text)| text.trim()).to_owned()
        });
        let mut unfit: Vec<Unfit> = Vec::new();
        for (field, text) in tidy.fields() {
            unfit.extend(line(field, text).err());
        }
        match postal_code(&tidy.postal_code) {
            Some(code) => tidy.postal_code = code,
            None => unfit.push(Unfit { field: "postal_code", expected: "seven digits such as 158-0094" }),
        }
        for (field, text) in [("phone", &tidy.phone), ("contact_phone", &tidy.contact_phone)] {
            if !text.is_empty() && !is_phone(text) {
                unfit.push(Unfit { field, expected: "digits and hyphens such as 03-1234-5678" });
            }
        }
        if !tidy.site_url.is_empty() && !is_url(&tidy.site_url) {
            unfit.push(Unfit { field: "site_url", expected: "an address that begins with https:// or http://" });
        }
        // It goes into mails.
        if !charset::unfit(&tidy.contact_hours, 1).is_empty() {
            unfit.push(Unfit { field: "contact_hours", expected: "characters that Japanese mail can carry" });
        }
        let mut named: Vec<&str> = Vec::new();
        unfit.retain(|one| {
            !named.contains(&one.field) && {
                named.push(one.field);
                true
            }
        });
        if unfit.is_empty() { Ok(tidy) } else { Err(unfit) }
    }
}

/// One line of at most [`FIELD_MAX`] characters.
fn line(field: &'static str, text: &str) -> Result<(), Unfit> {
    let fits = text.chars().count() <= FIELD_MAX && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(Unfit { field, expected: "one line of at most 200 characters" }) }
}

/// The name of a shop, サイト名: it can be carried by mails, whose sender it is.
pub fn checked_name(name: &str) -> Result<String, Unfit> {
    let name = name.trim();
    let count = name.chars().count();
    let fits =
        (1..=NAME_MAX).contains(&count) && !name.chars().any(char::is_control) && charset::unfit(name, 1).is_empty();
    let expected = "one line of 1 to 80 characters that Japanese mail can carry";
    if fits { Ok(name.to_owned()) } else { Err(Unfit { field: "name", expected }) }
}

/// `158-0094`; nothing for nothing.
fn postal_code(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let is_code = digits.len() == 7 && digits.bytes().all(|digit| digit.is_ascii_digit());
    match text {
        "" => Some(String::new()),
        _ if is_code => Some(format!("{}-{}", &digits[..3], &digits[3..])),
        _ => None,
    }
}

fn is_phone(text: &str) -> bool {
    let known = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'(' | b')'));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    known && (9..=15).contains(&digits)
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\'))
        && !host.is_empty()
        && !host.contains('@')
}

/// How far a shop's registration for Live (本申込) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// None was received.
    None,
    /// It was received, and is looked at; machine time.
    Received(Timestamp),
    /// It is complete: Live can be used since then, machine time.
    Complete(Timestamp),
}

impl Registration {
    /// The word of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Registration::None => "none",
            Registration::Received(_) => "received",
            Registration::Complete(_) => "complete",
        }
    }

    /// Since when it is so.
    pub fn since(self) -> Option<Timestamp> {
        match self {
            Registration::None => None,
            Registration::Received(at) | Registration::Complete(at) => Some(at),
        }
    }
}

/// Replaces what is known of a shop, its name included. What the fields say is personal in part, so the audit row only
/// names those that changed. Doing it twice is doing it once.
pub fn replace(tx: &mut Tx<'_>, shop: ShopId, name: &str, after: &Information, by: &By) -> Result<(), StoreError> {
    let Some(found) = rows::find(tx, shop)? else { return Ok(()) };
    let fields = found.information.fields().into_iter().zip(after.fields());
    let mut changed: Vec<&str> = fields.filter(|(old, new)| old != new).map(|(old, _)| old.0).collect();
    if found.name != name {
        changed.push("name");
    }
    if changed.is_empty() {
        return Ok(());
    }
    let object = format!("information of shop {shop}");
    let entry = by.record(shop, tx.machine_now(), ("shop.information", &object), &json!({ "changed": changed }));
    tx.execute_all(&[rows::save(shop, after), rows::rename(shop, name), entry]).map(|_| ())
}

/// Notes that 本申込 was received, or that it is complete; a step that was made already stays as it was made.
pub fn register(tx: &mut Tx<'_>, shop: ShopId, complete: bool, by: &By) -> Result<(), StoreError> {
    let Some(found) = rows::find(tx, shop)? else { return Ok(()) };
    let is_done = match found.registration {
        Registration::None => false,
        Registration::Received(_) => !complete,
        Registration::Complete(_) => true,
    };
    if is_done {
        return Ok(());
    }
    let now = tx.machine_now();
    let after = if complete { "complete" } else { "received" };
    let object = format!("registration of shop {shop}");
    let fields = json!({ "registration": [found.registration.as_str(), after] });
    let entry = by.record(shop, now, ("shop.registration", &object), &fields);
    let step = if complete { crate::rows::register_live(shop, now) } else { rows::received(shop, now) };
    tx.execute_all(&[step, entry]).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl Fn(&mut Information)) -> Vec<&'static str> {
        let mut information = Information::default();
        change(&mut information);
        information.checked().map(|_| Vec::new()).unwrap_or_else(|unfit| unfit.iter().map(|one| one.field).collect())
    }

    #[test]
    fn fields_are_tidied_and_what_cannot_be_is_named() {
        let typed =
            Information { postal_code: " 1580094 ".into(), phone: "03-1234-5678".into(), ..Information::default() };
        assert_eq!(typed.checked().unwrap().postal_code, "158-0094");
        assert_eq!(refused(|shop| shop.postal_code = "158-009".into()), ["postal_code"]);
        assert_eq!(refused(|shop| shop.phone = "お電話ください".into()), ["phone"]);
        assert_eq!(refused(|shop| shop.company_name = "あ".repeat(201)), ["company_name"]);
        assert_eq!(refused(|shop| shop.address = "一行\n二行".into()), ["address"]);
        assert_eq!(refused(|shop| shop.contact_hours = "平日①".into()), ["contact_hours"]);
        for url in ["javascript:alert(1)", "https://", "https://a@b", "https://店.example", "ftp://a"] {
            assert_eq!(refused(|shop| shop.site_url = url.into()), ["site_url"], "{url}");
        }
        assert_eq!(refused(|shop| shop.site_url = "https://shop.example/tea?a=1".into()), [""; 0]);
        assert_eq!(refused(|shop| shop.company_name = "髙島㈱".into()), [""; 0]);
    }

    #[test]
    fn a_name_is_one_that_mails_can_be_from() {
        assert_eq!(checked_name(" お茶の店 ").as_deref(), Ok("お茶の店"));
        for wrong in ["", "  ", "a\nb", "お茶の店㈱", &"あ".repeat(81)] {
            assert!(checked_name(wrong).is_err(), "{wrong}");
        }
    }
}
