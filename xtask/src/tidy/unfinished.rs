//! Nothing unfinished on the main branch: no marks for later, no macros that stop the program, no tests that do not run.

use super::finding::Finding;
use super::source::{RustFile, has_word};
use crate::repository::TextFile;

const MARKS: &[&str] = &["TODO", "FIXME", "XXX"];
const MACROS: &[&str] = &["todo!", "unimplemented!", "dbg!"];

/// Marks in any text file, unfinished code in the Rust files. The checks' own words are exempt.
pub fn check(texts: &[TextFile], files: &[RustFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in texts.iter().filter(|file| !is_exempt(&file.path)) {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(mark) = MARKS.iter().find(|mark| has_word(line, mark)) {
                let remedy = "finish it now, or write an issue and delete the mark";
                findings.push(Finding::new(&file.path, index + 1, format!("`{mark}`"), remedy));
            }
        }
    }
    for file in files.iter().filter(|file| !is_exempt(&file.path)) {
        for (number, code) in file.code_lines() {
            if let Some(name) = MACROS.iter().find(|name| has_word(code, name)) {
                findings.push(Finding::new(&file.path, number, format!("`{name}`"), "write what belongs there"));
            }
            if code.contains("#[ignore") {
                let remedy = "make it quick enough for every run; the number of rounds may come from the environment";
                findings.push(Finding::new(&file.path, number, "a test that is ignored", remedy));
            }
        }
    }
    findings
}

fn is_exempt(path: &str) -> bool {
    path == "Cargo.lock" || path.starts_with("xtask/src/tidy/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let text = TextFile::new(path, text);
        let files = if path.ends_with(".rs") { vec![RustFile::parse(&text)] } else { Vec::new() };
        check(&[text], &files).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn unfinished_code_is_found() {
        assert_eq!(
            lines("crates/a/src/a.rs", "fn a() { todo!() }\nfn b() { dbg!(1); }\n#[ignore]\nfn c() {}"),
            [1, 2, 3]
        );
        assert_eq!(lines("README.md", "fine\nTODO: more"), [2]);
        assert_eq!(lines("crates/a/src/a.rs", "// FIXME later"), [1]);
    }

    #[test]
    fn names_and_texts_are_free() {
        assert_eq!(lines("crates/a/src/a.rs", "let a = \"todo!\"; let todos = 1; // METODOLOGY"), [0; 0]);
        assert_eq!(lines("xtask/src/tidy/a.rs", "// TODO"), [0; 0]);
    }
}
