//! No floating point near money: yen are whole, and a figure for the monitoring is the only fraction there is.

use super::finding::Finding;
use super::source::RustFile;

const MONEY_CRATES: &[&str] = &["kernel", "ledger", "pay", "acquirer", "shop", "store", "mall", "web"];

/// Floating-point types in the crates that handle money, except in a line that records a metric.
pub fn check(files: &[RustFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.crate_name().is_some_and(|name| MONEY_CRATES.contains(&name))) {
        for (number, code) in file.code_lines().filter(|(_, code)| !code.contains("metrics::")) {
            if let Some(float) = ["f32", "f64"].into_iter().find(|float| has_float(code, float)) {
                let remedy = "count in whole yen (`kernel::Yen`), whole microseconds or basis points";
                findings.push(Finding::new(
                    &file.path,
                    number,
                    format!("`{float}` in a crate that handles money"),
                    remedy,
                ));
            }
        }
    }
    findings
}

/// `f64`, `as_f64` and `1f64`, but not `f640` or `xf64`.
fn has_float(code: &str, float: &str) -> bool {
    code.match_indices(float).any(|(start, _)| {
        let before = code[..start].chars().next_back().is_some_and(char::is_alphabetic);
        let after = code[start + float.len()..].chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_');
        !before && !after
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
    fn floats_are_found() {
        assert_eq!(
            lines("crates/pay/src/a.rs", "let a = 1 as f64;\nlet b = v.as_f64();\nlet c = 1f32;\nlet d = 1;"),
            [1, 2, 3]
        );
    }

    #[test]
    fn metrics_other_crates_comments_and_names_are_free() {
        assert_eq!(lines("crates/store/src/a.rs", "metrics::histogram!(\"a\").record(n as f64);"), [0; 0]);
        assert_eq!(lines("crates/choba/src/a.rs", "let a: f64;"), [0; 0]);
        assert_eq!(lines("crates/pay/src/a.rs", "let buf64 = f640; // f64"), [0; 0]);
    }
}
