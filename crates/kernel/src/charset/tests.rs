//! Known characters by hand, from the tables of JIS X 0208 and of what NEC and IBM added.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(characters: &str, expected: Option<Why>) {
    for character in characters.chars() {
        assert_eq!(why_unfit(character), expected, "{character} U+{:04X}", u32::from(character));
    }
}

#[test]
fn jis_x_0208_and_ascii_pass() {
    check("azAZ09 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\t\r\n", None);
    // Rows 1 and 2, with both spellings of the seven that have two.
    check(
        "　、。，．・：；？！゛゜´｀¨＾￣＿ヽヾゝゞ〃仝々〆〇ー―‐／＼～∥｜…‥‘’“”（）〔〕［］｛｝〈〉《》「」『』【】",
        None,
    );
    check("＋－±×÷＝≠＜＞≦≧∞∴♂♀°′″℃￥＄￠￡％＃＆＊＠§☆★○●◎◇◆□■△▲▽▼※〒→←↑↓〓", None);
    check("〜‖−¢£¬—", None);
    // Row 2 has these too; NEC's row 13 only doubles them.
    check("∈∋⊆⊇⊂⊃∪∩∧∨￢⇒⇔∀∃∠⊥⌒∂∇≡≒≪≫√∽∝∵∫∬\u{212B}‰♯♭♪†‡¶◯", None);
    // Rows 3 to 8: full-width letters, kana, Greek, Cyrillic, lines.
    check("０９ＡＺａｚぁんァヶΑΩαωАЯЁаяё─│┌┐┘└├┬┤┴┼━┃╂", None);
    // The first and last of levels 1 and 2, and the two that came in 1990.
    check("亜腕弌龠堯槇遙瑤凜熙", None);
    check("楽天店舗様注文番号円髪崎渡辺斉", None);
}

#[test]
fn what_nec_and_ibm_added_is_named() {
    check("①⑳ⅠⅩ㍉㌔㌢㍍㌘㌧㎜㎝㎞㎎㎏㏄㎡㍻〝〟№㏍℡㊤㊥㊦㊧㊨㈱㈲㈹㍾㍽㍼∮∑∟⊿", Some(Why::NecSpecial));
    check("ⅰⅹ￤＇＂髙﨑德瀨增寬濵栁鄧黑纊褜鍈", Some(Why::IbmExtension));
    check("ｱｲｳﾝｰﾞﾟ｡｢｣､･", Some(Why::HalfWidthKatakana));
}

#[test]
fn what_no_old_encoding_has_is_named() {
    check(
        "é¥‾ü€™©®·–•\u{20BB7}😀♥☎✓㋿剝頰塡\u{3099}\u{309A}\u{0301}\u{FE0F}\u{200B}\u{00A0}\u{FEFF}",
        Some(Why::OutsideJis),
    );
    check("\0\u{7}\u{1b}\u{7f}\u{85}", Some(Why::Control));
}

#[test]
fn each_is_named_with_its_place() {
    let text = "いろは①\r\nABC髙\n\n\rｱ";
    let places: Vec<_> = unfit(text, 10).iter().map(|u| (u.character, u.position, u.line, u.column)).collect();
    assert_eq!(places, [('①', 4, 1, 4), ('髙', 10, 2, 4), ('ｱ', 14, 5, 1)]);
    assert_eq!(unfit(text, 10)[1].to_string(), "髙 (U+9AD9, IBM拡張文字), line 2, character 4");
    assert_eq!(unfit("か\u{3099}", 1)[0].to_string(), "U+3099 (JIS X 0208にない文字), line 1, character 2");
    assert_eq!(unfit(text, 2).len(), 2);
    assert_eq!(unfit("注文番号を確認しました。", 10), []);
}

proptest! {
    /// Whatever passes goes through the encoding of Japanese mail and back: written with ISO-2022-JP, read again, it is
    /// the same character, or the other spelling of it.
    #[test]
    fn what_passes_survives_iso_2022_jp(character: char) {
        prop_assume!(why_unfit(character).is_none() && !STANDARD_SPELLINGS.contains(&character));
        let mut buffer = [0; 4];
        let text: &str = character.encode_utf8(&mut buffer);
        let (bytes, _, unknown) = encoding_rs::ISO_2022_JP.encode(text);
        prop_assert!(!unknown);
        let (back, wrong) = encoding_rs::ISO_2022_JP.decode_without_bom_handling(&bytes);
        prop_assert!(!wrong);
        prop_assert_eq!(back.as_ref(), text);
    }

    /// Places count characters, whatever stands in the text.
    #[test]
    fn places_lead_to_the_characters(text in "[\\PCａ①\\n\\r]{0,40}") {
        let characters: Vec<char> = text.chars().collect();
        for found in unfit(&text, usize::MAX) {
            prop_assert_eq!(characters[found.position - 1], found.character);
            let lines: Vec<String> = text.replace("\r\n", "\n").replace('\r', "\n").split('\n').map(str::to_owned).collect();
            prop_assert_eq!(lines[found.line - 1].chars().nth(found.column - 1), Some(found.character));
        }
        let fit = characters.iter().filter(|character| why_unfit(**character).is_none()).count();
        prop_assert_eq!(unfit(&text, usize::MAX).len(), characters.len() - fit);
    }
}

/// All of JIS X 0208 is 6,879 characters (524 others, 6,355 kanji); seven of them have a second spelling.
#[test]
fn as_many_characters_pass_as_the_standard_has() {
    let pass = (0x80..=0x10_FFFF).filter_map(char::from_u32).filter(|character| why_unfit(*character).is_none());
    assert_eq!(pass.count(), 6_879 + STANDARD_SPELLINGS.len());
}
