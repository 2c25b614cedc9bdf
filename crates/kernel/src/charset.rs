//! What Japanese mail can carry: ASCII and JIS X 0208, and no 機種依存文字 (contract online-lite-api "Rules": Mail).
//!
//! The tables are those of the Encoding Standard, through `encoding_rs`. Its EUC-JP puts a character of two bytes into
//! row (区) `first byte - 0xA0`, so the row tells the standard characters (rows 1 to 8 and 16 to 84) from what NEC and
//! IBM added (rows 13 and 89 to 92). Seven characters of JIS X 0208 have two spellings in Unicode, that of the standard
//! and that of Windows; both pass, because a person who types `〜` or `～` cannot see which of the two it is.

use std::fmt;

use encoding_rs::EUC_JP;

/// The standard's spellings of characters that the Encoding Standard knows only as Windows spells them: ― ‖ − ～ ￠ ￡ ￢.
const STANDARD_SPELLINGS: [char; 7] =
    ['\u{2014}', '\u{2016}', '\u{2212}', '\u{301C}', '\u{00A2}', '\u{00A3}', '\u{00AC}'];

/// Why a character cannot stand in a Japanese mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// ｱ: of one byte in the old encodings, which mail cannot carry.
    HalfWidthKatakana,
    /// ① Ⅰ ㈱ ㎝: row 13, which NEC filled.
    NecSpecial,
    /// 髙 﨑 ⅰ: what IBM added, in the rows (89 to 92) that NEC gave it.
    IbmExtension,
    /// A control character other than a line break or a tabulator.
    Control,
    /// é, 𠮷, an emoji, a combining mark, the second half of か + ゛: not in JIS X 0208 at all.
    OutsideJis,
}

impl Why {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Why::HalfWidthKatakana => "半角カナ",
            Why::NecSpecial => "NEC特殊文字",
            Why::IbmExtension => "IBM拡張文字",
            Why::Control => "制御文字",
            Why::OutsideJis => "JIS X 0208にない文字",
        }
    }
}

/// A character that cannot stand in a Japanese mail, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The character.
    pub character: char,
    /// Its place in the text in characters, from 1.
    pub position: usize,
    /// Its line, from 1. `\n`, `\r\n` and `\r` end a line.
    pub line: usize,
    /// Its place in the line in characters, from 1.
    pub column: usize,
    /// Why.
    pub why: Why,
}

impl fmt::Display for Unfit {
    /// `① (U+2460, NEC特殊文字), line 2, character 5`. What cannot be seen is shown by its number only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unfit { character, line, column, why, .. } = self;
        let number = u32::from(*character);
        match why {
            Why::Control => write!(f, "U+{number:04X} ({})", why.label())?,
            Why::OutsideJis if !character.is_alphanumeric() => write!(f, "U+{number:04X} ({})", why.label())?,
            _ => write!(f, "{character} (U+{number:04X}, {})", why.label())?,
        }
        write!(f, ", line {line}, character {column}")
    }
}

/// The first `most` characters of `text` that cannot stand in a Japanese mail, in their order.
pub fn unfit(text: &str, most: usize) -> Vec<Unfit> {
    let (mut line, mut column, mut before) = (1, 0, None);
    let mut found = Vec::new();
    for (index, character) in text.chars().enumerate() {
        if found.len() == most {
            break;
        }
        column += 1;
        if let Some(why) = why_unfit(character) {
            found.push(Unfit { character, position: index + 1, line, column, why });
        }
        match character {
            // The second half of a line break that was counted already.
            '\n' if before == Some('\r') => column = 0,
            '\n' | '\r' => (line, column) = (line + 1, 0),
            _ => {}
        }
        before = Some(character);
    }
    found
}

/// Why `character` cannot stand in a Japanese mail; none if it can.
pub fn why_unfit(character: char) -> Option<Why> {
    match character {
        '\n' | '\r' | '\t' | ' '..='~' => return None,
        '\u{FF61}'..='\u{FF9F}' => return Some(Why::HalfWidthKatakana),
        _ if character.is_control() => return Some(Why::Control),
        _ if STANDARD_SPELLINGS.contains(&character) => return None,
        _ => {}
    }
    match row(character) {
        Some(13) => Some(Why::NecSpecial),
        Some(89..=92) => Some(Why::IbmExtension),
        Some(1..=8 | 16..=84) => None,
        Some(_) | None => Some(Why::OutsideJis),
    }
}

/// The row (区, from 1) of a character in the table of JIS X 0208 with its extensions.
fn row(character: char) -> Option<u8> {
    let mut buffer = [0; 4];
    let (bytes, _, unknown) = EUC_JP.encode(character.encode_utf8(&mut buffer));
    match *bytes {
        // 0x8E begins half-width katakana; a single byte is ASCII or what stands for it.
        [first, _] if !unknown && first > 0xA0 => Some(first - 0xA0),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
