//! A file is one concept and a function fits a screen. What is longer stands in a list that may only shrink.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::source::{RustFile, has_word, item_end};
use crate::repository::TextFile;

/// Where the exceptions stand: `path lines` for a file, `path#function lines` for a function.
pub const RATCHET: &str = "xtask/ratchet.txt";
const FILE_LINES_MAX: usize = 700;
const FUNCTION_LINES_MAX: usize = 70;
/// A test's table of rows is data, and stands beside what reads it.
const TEST_FUNCTION_LINES_MAX: usize = 140;

/// Files and functions that are too long and not excepted, and exceptions that are no longer needed.
pub fn check(files: &[RustFile], ratchet: Option<&TextFile>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut allowed = exceptions(ratchet, &mut findings);
    for long in files.iter().flat_map(long_items) {
        let excepted = allowed.remove(&long.key);
        let (path, found) = (&long.path, long.lines);
        match excepted {
            None => {
                let remedy =
                    if long.key.contains('#') { "split it by its steps" } else { "find the second concept in it" };
                let message = format!("{} has {found} lines, more than {}", long.what, long.max);
                findings.push(Finding::new(path, long.line, message, remedy));
            }
            Some(exception) if found > exception.lines => {
                let message = format!("{} grew from {} to {found} lines", long.what, exception.lines);
                findings.push(Finding::new(path, long.line, message, "an exception may only shrink: split it"));
            }
            Some(exception) if found < exception.lines => {
                let message = format!("{} shrank to {found} lines", long.key);
                findings.push(Finding::new(
                    RATCHET,
                    exception.line,
                    message,
                    "write the new number, so that it cannot grow again",
                ));
            }
            Some(_) => {}
        }
    }
    for (key, exception) in allowed {
        findings.push(Finding::new(
            RATCHET,
            exception.line,
            format!("{key} is no longer too long"),
            "delete this line",
        ));
    }
    findings
}

struct Exception {
    line: usize,
    lines: usize,
}

fn exceptions(ratchet: Option<&TextFile>, findings: &mut Vec<Finding>) -> BTreeMap<String, Exception> {
    let mut allowed = BTreeMap::new();
    for (index, text) in ratchet.iter().flat_map(|file| file.text.lines()).enumerate() {
        let line = index + 1;
        if text.trim().is_empty() || text.starts_with('#') {
            continue;
        }
        match text.split_once(' ').and_then(|(key, lines)| Some((key, lines.trim().parse().ok()?))) {
            Some((key, lines)) => {
                allowed.insert(key.to_owned(), Exception { line, lines });
            }
            None => findings.push(Finding::new(
                RATCHET,
                line,
                "not an exception",
                "write `path#function lines` or `path lines`",
            )),
        }
    }
    allowed
}

/// Something that is longer than it should be.
struct Long {
    key: String,
    what: String,
    path: String,
    line: usize,
    lines: usize,
    max: usize,
}

fn long_items(file: &RustFile) -> Vec<Long> {
    // Of several functions with one name, the longest counts.
    let mut longest: BTreeMap<String, Long> = BTreeMap::new();
    for function in functions(file) {
        let max = if file.is_test(function.line) { TEST_FUNCTION_LINES_MAX } else { FUNCTION_LINES_MAX };
        let known = longest.get(&function.name).map_or(0, |long| long.lines);
        if function.lines > max.max(known) {
            let key = format!("{}#{}", file.path, function.name);
            let what = format!("function `{}`", function.name);
            let long = Long { key, what, path: file.path.clone(), line: function.line, lines: function.lines, max };
            longest.insert(function.name, long);
        }
    }
    let mut long: Vec<Long> = longest.into_values().collect();
    let lines = file.lines.len();
    if lines > FILE_LINES_MAX {
        let (key, path) = (file.path.clone(), file.path.clone());
        long.push(Long { key, what: "the file".to_owned(), path, line: 1, lines, max: FILE_LINES_MAX });
    }
    long
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
}

fn functions(file: &RustFile) -> Vec<Function> {
    let mut functions = Vec::new();
    for (number, code) in file.code_lines().filter(|(_, code)| has_word(code, "fn")) {
        let name: Option<String> = code
            .split("fn ")
            .nth(1)
            .map(|rest| rest.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
            .filter(|name: &String| !name.is_empty());
        if let Some(name) = name {
            let end = item_end(&file.code, number - 1) + 1;
            functions.push(Function { name, line: number, lines: end + 1 - number });
        }
    }
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str, ratchet: &str) -> Vec<String> {
        let file = RustFile::parse(&TextFile::new("crates/pay/src/a.rs", text));
        let ratchet = TextFile::new(RATCHET, ratchet);
        check(&[file], Some(&ratchet)).iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect()
    }

    fn function(lines: usize) -> String {
        format!("//! Doc.\npub fn settle(a: [u8; 2]) {{\n{}}}\n", "    step();\n".repeat(lines - 2))
    }

    #[test]
    fn long_functions_and_files_are_found() {
        assert_eq!(problems(&function(70), ""), [""; 0]);
        assert_eq!(problems(&function(71), ""), ["crates/pay/src/a.rs:2"]);
        assert_eq!(problems(&"const A: u8 = 1;\n".repeat(701), ""), ["crates/pay/src/a.rs:1"]);
        assert_eq!(problems("trait A {\n    fn a();\n    fn b();\n}\n", ""), [""; 0]);
    }

    #[test]
    fn a_test_may_hold_a_table() {
        let test = |lines| format!("#[cfg(test)]\nmod tests {{\n{}}}\n", function(lines));
        assert_eq!(problems(&test(140), ""), [""; 0]);
        assert_eq!(problems(&test(141), "").len(), 1);
    }

    #[test]
    fn exceptions_only_shrink() {
        let entry = "# Reason.\ncrates/pay/src/a.rs#settle 90\n";
        assert_eq!(problems(&function(90), entry), [""; 0]);
        assert_eq!(problems(&function(91), entry), ["crates/pay/src/a.rs:2"]);
        assert_eq!(problems(&function(89), entry), ["xtask/ratchet.txt:2"]);
        assert_eq!(problems(&function(10), entry), ["xtask/ratchet.txt:2"]);
        assert_eq!(problems(&function(10), "nonsense"), ["xtask/ratchet.txt:1"]);
    }
}
