//! The clock and randomness come in as arguments: only one module of the binary, the test kit and tests may reach for
//! them.

use super::finding::Finding;
use super::source::{RustFile, has_word};

/// The module that hands out the real clock and the real randomness.
const SYSTEM: &str = "crates/choba/src/system.rs";
const CLOCK: &[&str] = &["SystemTime::now", "Instant::now", "Utc::now", "Local::now", "UNIX_EPOCH.elapsed"];
const RANDOMNESS: &[&str] = &["getrandom", "rand::", "thread_rng", "OsRng", "SysRng"];

/// Code that reads the clock or asks for randomness by itself.
pub fn check(files: &[RustFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.crate_name().is_some() && file.path != SYSTEM) {
        for (number, code) in file.shipped_code() {
            if let Some(word) = CLOCK.iter().find(|word| has_word(code, word)) {
                let remedy = "take `now: Timestamp` or a `kernel::Clock` as an argument";
                findings.push(Finding::new(&file.path, number, format!("`{word}` outside of `choba::system`"), remedy));
            }
            if let Some(word) = RANDOMNESS.iter().find(|word| has_word(code, word)) {
                let remedy = "take a `kernel::Entropy` as an argument";
                findings.push(Finding::new(&file.path, number, format!("`{word}` outside of `choba::system`"), remedy));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::TextFile;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&[RustFile::parse(&TextFile::new(path, text))]).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn clock_and_randomness_are_found() {
        let text = "let a = std::time::SystemTime::now();\nlet b = tokio::time::Instant::now();\nuse rand::Rng;\ngetrandom::fill(x);";
        assert_eq!(lines("crates/pay/src/a.rs", text), [1, 2, 3, 4]);
    }

    #[test]
    fn the_system_module_tests_and_comments_are_free() {
        let text = "let a = SystemTime::now();";
        assert_eq!(lines(SYSTEM, text), [0; 0]);
        assert_eq!(lines("crates/choba/src/main.rs", text), [1]);
        assert_eq!(lines("crates/testkit/src/clock.rs", text), [0; 0]);
        assert_eq!(lines("crates/pay/tests/a.rs", text), [0; 0]);
        assert_eq!(lines("xtask/src/a.rs", text), [0; 0]);
        assert_eq!(lines("crates/pay/src/a.rs", "// SystemTime::now()\nlet operand = operand::new();"), [0; 0]);
    }
}
