//! A QR code as one path of an SVG picture.

use std::fmt::Write as _;

use qrcode::{Color, QrCode};

/// Squares of quiet around the code (ISO/IEC 18004: four).
const QUIET: usize = 4;

/// What an `<svg>` needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    /// Squares of a side, with the quiet ones.
    pub size: usize,
    /// The dark squares, as the `d` of a path.
    pub path: String,
}

/// The code of `text`; none if it is too long for one.
pub(super) fn picture(text: &str) -> Option<Picture> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (index, _) in code.to_colors().iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        let (x, y) = (index % width + QUIET, index / width + QUIET);
        write!(path, "M{x} {y}h1v1h-1z").expect("writing to a text");
    }
    Some(Picture { size: width + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_begins_with_its_finder_inside_of_the_quiet_zone() {
        let picture = picture("otpauth://totp/Choba:owner@shop.example?secret=GEZDGNBVGY3TQOJQ&issuer=Choba").unwrap();
        // Seven dark squares in a row at the upper left, and a light one after them.
        for x in 4..11 {
            assert!(picture.path.contains(&format!("M{x} 4h1v1h-1z")), "{x}");
        }
        assert!(!picture.path.contains("M11 4h1v1h-1z"));
        assert!(!picture.path.contains("M3 "));
        assert!(picture.size >= 21 + 8);
    }
}
