//! The promises of single crates that show in their words: the kernel does no I/O, the store knows no feature.

use super::finding::Finding;
use super::source::{RustFile, has_word};

const INPUT_AND_OUTPUT: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "tokio",
    "print!",
    "println!",
    "eprintln!",
];
const FEATURE_WORDS: &[&str] = &["charge", "payout", "refund", "webhook", "merchant", "buyer", "orders"];

/// Words that break the promise of the crate they stand in.
pub fn check(files: &[RustFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        for (number, code) in file.shipped_code() {
            let broken = match file.crate_name() {
                Some("kernel") => INPUT_AND_OUTPUT.iter().find(|word| has_word(code, word)).map(|word| {
                    (format!("`{word}` in the kernel, which does no I/O"), "move it to the crate that does")
                }),
                Some("store") => FEATURE_WORDS.iter().find(|word| has_name_part(code, word)).map(|word| {
                    (format!("`{word}` in the store, which knows no feature"), "move it to its feature's crate")
                }),
                Some(_) | None => None,
            };
            findings.extend(broken.map(|(message, remedy)| Finding::new(&file.path, number, message, remedy)));
        }
    }
    findings
}

/// Whether a name in `code` has `word` as one of its parts: `charge_id` and `ChargeId` have `charge`.
fn has_name_part(code: &str, word: &str) -> bool {
    let capitalized = word[..1].to_uppercase() + &word[1..];
    let part = |c: char| c.is_ascii_lowercase();
    [(word, true), (capitalized.as_str(), false)].into_iter().any(|(form, lower)| {
        code.match_indices(form).any(|(start, _)| {
            let before = lower && code[..start].chars().next_back().is_some_and(char::is_alphanumeric);
            !before && !code[start + form.len()..].chars().next().is_some_and(part)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::TextFile;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&[RustFile::parse(&TextFile::new(path, text))]).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn broken_promises_are_found() {
        assert_eq!(
            lines("crates/kernel/src/a.rs", "use std::fs::File;\nlet a = 1;\nuse std::net::{IpAddr, TcpStream};"),
            [1, 3]
        );
        assert_eq!(lines("crates/store/src/a.rs", "let charge_id = 1;\nstruct ChargeId;\nlet discharged = 1;"), [1, 2]);
    }

    #[test]
    fn other_crates_tests_and_comments_are_free() {
        assert_eq!(lines("crates/pay/src/a.rs", "let charge = std::fs::read(x);"), [0; 0]);
        assert_eq!(lines("crates/kernel/src/a.rs", "use std::net::IpAddr;"), [0; 0]);
        assert_eq!(lines("crates/store/src/a.rs", "// a charge\n#[cfg(test)]\nmod tests { fn charge() {} }"), [0; 0]);
    }
}
