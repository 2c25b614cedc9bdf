//! A Rust file taken apart: code without comments and texts, the texts themselves, and which lines are tests.
//!
//! The checks look for words; a word in a comment or in a text is not code. A small scanner is enough for that: nothing
//! here needs a syntax tree.

use crate::repository::TextFile;

/// A Rust source file.
pub struct RustFile {
    /// Path from the root.
    pub path: String,
    /// The lines as written.
    pub lines: Vec<String>,
    /// The same lines with every comment and every text replaced by spaces.
    pub code: Vec<String>,
    /// The texts, without their quotes.
    pub literals: Vec<Literal>,
    /// For each line, whether only tests contain it.
    pub test: Vec<bool>,
}

/// A text in quotes.
pub struct Literal {
    /// Line on which it begins, from 1.
    pub line: usize,
    /// What stands between the quotes.
    pub text: String,
}

impl RustFile {
    /// Takes `file` apart.
    pub fn parse(file: &TextFile) -> RustFile {
        let mut scanner = Scanner::new(&file.text);
        scanner.run();
        let code: Vec<String> = scanner.code.lines().map(str::to_owned).collect();
        let lines: Vec<String> = file.text.lines().map(str::to_owned).collect();
        let all_test = is_test_path(&file.path);
        let test = if all_test { vec![true; code.len()] } else { test_lines(&code) };
        RustFile { path: file.path.clone(), lines, code, literals: scanner.literals, test }
    }

    /// Lines of code that are not only tests, each with its number from 1.
    pub fn shipped_code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code_lines().filter(|(number, _)| !self.is_test(*number))
    }

    /// All lines of code, each with its number from 1.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.iter().enumerate().map(|(index, line)| (index + 1, line.as_str()))
    }

    /// Whether line `number` (from 1) is only there for tests.
    pub fn is_test(&self, number: usize) -> bool {
        self.test.get(number - 1).copied().unwrap_or(false)
    }

    /// The crate below `crates/` that the file belongs to.
    pub fn crate_name(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }
}

/// Files that hold nothing but tests, and the test kit.
pub fn is_test_path(path: &str) -> bool {
    path.starts_with("crates/testkit/") || path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// Whether `code` has `word` where it is not a part of a longer name.
pub fn has_word(code: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(start, found)| {
        let before = code[..start].chars().next_back().is_some_and(part_of_name);
        let after = code[start + found.len()..].chars().next().is_some_and(part_of_name);
        let opens = word.starts_with(part_of_name);
        let closes = word.ends_with(part_of_name);
        !(opens && before || closes && after)
    })
}

/// Marks what an item under `#[cfg(test)]` spans: to its closing brace, or to its semicolon.
fn test_lines(code: &[String]) -> Vec<bool> {
    let mut test = vec![false; code.len()];
    let mut index = 0;
    while index < code.len() {
        if !code[index].trim_start().starts_with("#[cfg(test)]") {
            index += 1;
            continue;
        }
        let end = item_end(code, index);
        test[index..=end].fill(true);
        index = end + 1;
    }
    test
}

/// Index of the line on which the item that begins at `start` ends.
pub fn item_end(code: &[String], start: usize) -> usize {
    let mut braces = 0_usize;
    // `[u8; 2]` among the arguments: a semicolon in brackets ends nothing.
    let mut brackets = 0_usize;
    for (index, line) in code.iter().enumerate().skip(start) {
        for c in line.chars() {
            match c {
                '(' | '[' => brackets += 1,
                ')' | ']' => brackets = brackets.saturating_sub(1),
                '{' => braces += 1,
                '}' if braces <= 1 => return index,
                '}' => braces -= 1,
                ';' if braces == 0 && brackets == 0 => return index,
                _ => {}
            }
        }
    }
    code.len() - 1
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
    line: usize,
    code: String,
    literals: Vec<Literal>,
}

impl Scanner {
    fn new(text: &str) -> Scanner {
        Scanner { chars: text.chars().collect(), at: 0, line: 1, code: String::new(), literals: Vec::new() }
    }

    fn run(&mut self) {
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('/', Some('/')) => self.blank_while(|scanner| scanner.peek(0) != Some('\n')),
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => self.quoted(),
                ('\'', _) => self.quote_or_lifetime(),
                ('r', Some('"' | '#')) if !self.inside_name() => self.raw_or_name(),
                _ => self.keep(),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// Whether the character before is part of a name (and not the `b` or `c` of a byte or C text).
    fn inside_name(&self) -> bool {
        let before = |back: usize| self.at.checked_sub(back).and_then(|at| self.chars.get(at)).copied();
        let in_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if matches!(before(1), Some('b' | 'c')) { in_name(before(2)) } else { in_name(before(1)) }
    }

    fn keep(&mut self) {
        let c = self.chars[self.at];
        self.line += usize::from(c == '\n');
        self.code.push(c);
        self.at += 1;
    }

    fn blank(&mut self) {
        let c = self.chars[self.at];
        self.line += usize::from(c == '\n');
        self.code.push(if c == '\n' { '\n' } else { ' ' });
        self.at += 1;
    }

    fn blank_while(&mut self, more: impl Fn(&Scanner) -> bool) {
        while self.at < self.chars.len() && more(self) {
            self.blank();
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while let Some(c) = self.peek(0) {
            let pair = (c, self.peek(1));
            if pair == ('/', Some('*')) || pair == ('*', Some('/')) {
                depth += if c == '/' { 1 } else { -1 };
                self.blank();
            }
            self.blank();
            if depth == 0 {
                return;
            }
        }
    }

    fn quoted(&mut self) {
        let line = self.line;
        self.blank();
        let mut text = String::new();
        while let Some(c) = self.peek(0) {
            if c == '"' {
                self.blank();
                break;
            }
            if c == '\\' {
                self.blank();
                text.push(c);
            }
            if let Some(c) = self.peek(0) {
                text.push(c);
                self.blank();
            }
        }
        self.literals.push(Literal { line, text });
    }

    fn raw_or_name(&mut self) {
        let hashes = self.chars[self.at + 1..].iter().take_while(|c| **c == '#').count();
        if self.peek(1 + hashes) != Some('"') {
            // `r#type`: a name, not a text.
            self.keep();
            return;
        }
        let line = self.line;
        for _ in 0..hashes + 2 {
            self.blank();
        }
        let mut text = String::new();
        while let Some(c) = self.peek(0) {
            if c == '"' && (0..hashes).all(|hash| self.peek(1 + hash) == Some('#')) {
                for _ in 0..=hashes {
                    self.blank();
                }
                break;
            }
            text.push(c);
            self.blank();
        }
        self.literals.push(Literal { line, text });
    }

    /// `'x'` and `'\n'` are characters, `'name` is a lifetime.
    fn quote_or_lifetime(&mut self) {
        if self.peek(1) == Some('\\') {
            self.blank();
            self.blank();
            self.blank();
            self.blank_while(|scanner| scanner.peek(0) != Some('\''));
            if self.at < self.chars.len() {
                self.blank();
            }
        } else if self.peek(2) == Some('\'') {
            self.blank();
            self.blank();
            self.blank();
        } else {
            self.keep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> RustFile {
        RustFile::parse(&TextFile::new("crates/pay/src/charge.rs", text))
    }

    #[test]
    fn comments_and_texts_are_not_code() {
        let file =
            parsed("let a = \"x // y\"; // f64\n/* f64 /* f64 */ */ let b = '\"'; let c: &'static str = r#\"a\"b\"#;");
        assert_eq!(file.code[0].trim_end(), "let a =         ;");
        assert_eq!(file.code[1].trim(), "let b =    ; let c: &'static str =         ;");
        let texts: Vec<&str> = file.literals.iter().map(|literal| literal.text.as_str()).collect();
        assert_eq!(texts, ["x // y", "a\"b"]);
    }

    #[test]
    fn escapes_raw_names_and_byte_texts_are_understood() {
        let file = parsed(
            "let a = \"q\\\"q\"; let r#type = b\"SELECT\"; let d = br\"\\\"; let q = '\\''; let u = '\\u{3042}';\nend",
        );
        let texts: Vec<&str> = file.literals.iter().map(|literal| literal.text.as_str()).collect();
        assert_eq!(texts, ["q\\\"q", "SELECT", "\\"]);
        assert_eq!(file.code[1], "end");
        assert!(file.code[0].contains("r#type"));
    }

    #[test]
    fn lines_under_cfg_test_are_tests() {
        let file = parsed(
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { {} }\n}\nfn c() {}\n#[cfg(test)]\nuse x;\nfn d() {}",
        );
        assert_eq!(file.test, [false, true, true, true, true, false, true, true, false]);
    }

    #[test]
    fn a_word_is_not_a_part_of_a_name() {
        assert!(has_word("let x: f64 = 1", "f64"));
        assert!(!has_word("let xf64y", "f64"));
        assert!(has_word("use rand::Rng", "rand::"));
        assert!(!has_word("operand::x", "rand::"));
    }
}
