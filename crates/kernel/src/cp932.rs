//! Shift_JIS as Windows knows it (CP932): what spreadsheets in Japan open without asking.
//!
//! The tables are those of the Encoding Standard, through `encoding_rs`, which knows seven characters of JIS X 0208 only
//! as Windows spells them; the standard's spellings go the same way, as does what stands for a yen sign.

use encoding_rs::SHIFT_JIS;

/// What stands for a character that cannot be carried: the geta of Japanese printers.
pub const GETA: char = '〓';

/// `text` in CP932, and the characters that it cannot carry, in their order; each is a [`GETA`] there.
pub fn encode(text: &str) -> (Vec<u8>, Vec<char>) {
    let (mut bytes, mut lost) = (Vec::with_capacity(text.len()), Vec::new());
    let mut buffer = [0; 4];
    for character in text.chars() {
        let windows = as_windows_spells(character);
        match SHIFT_JIS.encode(windows.encode_utf8(&mut buffer)) {
            (encoded, _, false) => bytes.extend_from_slice(&encoded),
            (_, _, true) => {
                lost.push(character);
                bytes.extend_from_slice(&SHIFT_JIS.encode(GETA.encode_utf8(&mut buffer)).0);
            }
        }
    }
    (bytes, lost)
}

fn as_windows_spells(character: char) -> char {
    match character {
        '\u{2014}' => '\u{2015}',
        '\u{2016}' => '\u{2225}',
        '\u{2212}' => '\u{FF0D}',
        '\u{301C}' => '\u{FF5E}',
        '\u{00A2}' => '\u{FFE0}',
        '\u{00A3}' => '\u{FFE1}',
        '\u{00AC}' => '\u{FFE2}',
        // The encoder would write a backslash and a tilde for these.
        '\u{00A5}' => '\u{FFE5}',
        '\u{203E}' => '\u{FFE3}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_windows() {
        let rows: [(&str, &[u8]); 7] = [
            ("A1,", b"A1,"),
            ("煎茶", &[0x90, 0xF7, 0x92, 0x83]),
            ("①髙", &[0x87, 0x40, 0xFB, 0xFC]),
            ("ｱ", &[0xB1]),
            ("〜～", &[0x81, 0x60, 0x81, 0x60]),
            ("¥", &[0x81, 0x8F]),
            ("−", &[0x81, 0x7C]),
        ];
        for (text, bytes) in rows {
            assert_eq!(encode(text), (bytes.to_vec(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_carried_is_told_and_replaced() {
        assert_eq!(encode("a🍵é"), (vec![b'a', 0x81, 0xAC, 0x81, 0xAC], vec!['🍵', 'é']));
    }
}
