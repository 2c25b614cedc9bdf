//! What a buyer types is checked field by field: a wrong one is named (contract online-lite-api "Charge object": address).

use kernel::PREFECTURES;

use crate::charge::Address;
use crate::rules;

/// Why a field is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Nothing was typed.
    #[error("is missing")]
    Missing,
    /// Over [`rules::TEXT_MAX`] characters.
    #[error("is too long")]
    TooLong,
    /// A control character.
    #[error("has a control character")]
    Control,
    /// No full-width katakana.
    #[error("must be full-width katakana")]
    NotKatakana,
    /// No seven digits.
    #[error("must be seven digits")]
    Zip,
    /// No prefecture.
    #[error("must be a prefecture")]
    Prefecture,
    /// No ten or eleven digits that begin with 0.
    #[error("must be ten or eleven digits")]
    Telephone,
    /// No mail address.
    #[error("must be a mail address")]
    Email,
    /// Fewer than eight characters, far too many, or the mail address.
    #[error("must have 8 to 256 characters and not be the mail address")]
    Password,
    /// Somebody has it already.
    #[error("is taken")]
    Taken,
}

/// The fields that are wrong, by their names.
pub type WrongFields = Vec<(&'static str, Wrong)>;

/// What was typed, by the contract's names of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// 姓.
    pub last_name: String,
    /// 名.
    pub first_name: String,
    /// セイ.
    pub last_name_kana: String,
    /// メイ.
    pub first_name_kana: String,
    /// 郵便番号, with or without a hyphen.
    pub address_zip: String,
    /// 都道府県.
    pub address_state: String,
    /// 市区町村.
    pub address_city: String,
    /// 番地、建物名.
    pub address_line: String,
    /// 電話番号, with or without hyphens.
    pub tel: String,
}

/// The address, or every field that is wrong.
pub fn check(typed: &Typed) -> Result<Address, WrongFields> {
    let mut wrong = Vec::new();
    let mut keep = |name: &'static str, checked: Result<String, Wrong>| match checked {
        Ok(text) => Some(text),
        Err(why) => {
            wrong.push((name, why));
            None
        }
    };
    let address = Address {
        country: Some("JPN".to_owned()),
        last_name: keep("last_name", text(&typed.last_name)),
        first_name: keep("first_name", text(&typed.first_name)),
        last_name_kana: keep("last_name_kana", katakana(&typed.last_name_kana)),
        first_name_kana: keep("first_name_kana", katakana(&typed.first_name_kana)),
        address_zip: keep("address_zip", zip(&typed.address_zip)),
        address_state: keep("address_state", prefecture(&typed.address_state)),
        address_city: keep("address_city", text(&typed.address_city)),
        address_line: keep("address_line", text(&typed.address_line)),
        tel: keep("tel", telephone(&typed.tel)),
    };
    if wrong.is_empty() { Ok(address) } else { Err(wrong) }
}

/// One to [`rules::TEXT_MAX`] characters, none of them a control character.
pub fn text(typed: &str) -> Result<String, Wrong> {
    let text = typed.trim();
    match text.chars().count() {
        0 => Err(Wrong::Missing),
        length if length > rules::TEXT_MAX => Err(Wrong::TooLong),
        _ if text.chars().any(char::is_control) => Err(Wrong::Control),
        _ => Ok(text.to_owned()),
    }
}

/// Full-width katakana, with the long-vowel mark, the middle dot and spaces.
pub fn katakana(typed: &str) -> Result<String, Wrong> {
    let text = text(typed)?;
    let fits = |c: char| matches!(c, 'ァ'..='ヺ' | 'ー' | '・' | ' ' | '　');
    if text.chars().all(fits) { Ok(text) } else { Err(Wrong::NotKatakana) }
}

fn digits(typed: &str) -> String {
    let half_width = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        other => other,
    };
    typed.chars().map(half_width).filter(|c| !matches!(c, '-' | 'ー' | '－' | '−' | '‐' | ' ')).collect()
}

fn zip(typed: &str) -> Result<String, Wrong> {
    let digits = digits(&text(typed)?);
    let fits = digits.len() == 7 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(digits) } else { Err(Wrong::Zip) }
}

fn telephone(typed: &str) -> Result<String, Wrong> {
    let digits = digits(&text(typed)?);
    let fits = matches!(digits.len(), 10 | 11) && digits.starts_with('0');
    if fits && digits.bytes().all(|byte| byte.is_ascii_digit()) { Ok(digits) } else { Err(Wrong::Telephone) }
}

fn prefecture(typed: &str) -> Result<String, Wrong> {
    let text = text(typed)?;
    if PREFECTURES.contains(&text.as_str()) { Ok(text) } else { Err(Wrong::Prefecture) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Typed {
        let text = str::to_owned;
        Typed {
            last_name: text("楽天"),
            first_name: text("太郎"),
            last_name_kana: text("ラクテン"),
            first_name_kana: text("タロー"),
            address_zip: text("１５８-００９４"),
            address_state: text("東京都"),
            address_city: text("世田谷区"),
            address_line: text("玉川1-14-1"),
            tel: text("03-1234-5678"),
        }
    }

    #[test]
    fn what_people_type_becomes_an_address() {
        let address = check(&typed()).unwrap();
        let kept = [address.address_zip, address.tel, address.country, address.first_name_kana].map(Option::unwrap);
        assert_eq!(kept, ["1580094", "0312345678", "JPN", "タロー"]);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wrong = |change: fn(&mut Typed)| {
            let mut typed = typed();
            change(&mut typed);
            check(&typed).unwrap_err()
        };
        assert_eq!(wrong(|typed| typed.last_name_kana = "らくてん".into()), [("last_name_kana", Wrong::NotKatakana)]);
        assert_eq!(wrong(|typed| typed.first_name_kana = "ﾀﾛｳ".into()), [("first_name_kana", Wrong::NotKatakana)]);
        assert_eq!(wrong(|typed| typed.address_zip = "12345".into()), [("address_zip", Wrong::Zip)]);
        assert_eq!(wrong(|typed| typed.address_state = "東京".into()), [("address_state", Wrong::Prefecture)]);
        assert_eq!(wrong(|typed| typed.tel = "12".into()), [("tel", Wrong::Telephone)]);
        assert_eq!(wrong(|typed| typed.address_city = " ".into()), [("address_city", Wrong::Missing)]);
        assert_eq!(wrong(|typed| typed.last_name = "a\u{7}".into()), [("last_name", Wrong::Control)]);
        assert_eq!(check(&Typed::default()).unwrap_err().len(), 9);
    }
}
