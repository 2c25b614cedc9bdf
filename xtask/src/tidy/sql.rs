//! SQL stands in `store` and in files named `rows.rs` (or a folder `rows/`), and nowhere else.

use super::finding::Finding;
use super::source::{RustFile, is_test_path};

/// How a statement begins. Case counts: people's sentences do not shout.
const BEGINNINGS: &[&str] = &[
    "SELECT ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "CREATE INDEX ",
    "CREATE UNIQUE INDEX ",
    "CREATE SCHEMA ",
    "ALTER TABLE ",
    "DROP TABLE ",
    "DROP INDEX ",
    "TRUNCATE ",
    "PRAGMA ",
];

/// Statements, and pieces of statements, outside of their rooms.
pub fn check(files: &[RustFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.crate_name().is_some() && !may_hold_sql(&file.path)) {
        for literal in file.literals.iter().filter(|literal| !file.is_test(literal.line)) {
            if is_sql(&literal.text) {
                let remedy = "move the statement to the `rows.rs` of its concept and call it from here";
                findings.push(Finding::new(&file.path, literal.line, "SQL outside of `store` and `rows.rs`", remedy));
            }
        }
    }
    findings
}

fn may_hold_sql(path: &str) -> bool {
    path.starts_with("crates/store/") || path.ends_with("/rows.rs") || path.contains("/rows/") || is_test_path(path)
}

fn is_sql(text: &str) -> bool {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c == '\\').filter(|word| !word.is_empty()).collect();
    let flat = words.join(" ") + " ";
    let has = |word: &str| words.contains(&word);
    BEGINNINGS.iter().any(|beginning| flat.starts_with(beginning) && words.len() > 1)
        || (words.first() == Some(&"WITH") && has("AS"))
        || (has("SELECT") && has("FROM"))
        || (has("WHERE") && (has("AND") || has("FROM") || has("SET")))
        || flat.contains("ORDER BY ")
        || (has("VALUES") && flat.contains("($1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::TextFile;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&[RustFile::parse(&TextFile::new(path, text))]).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn statements_are_found_outside_of_rows() {
        let text = "fn a() {\n  tx.query(\"SELECT 1\");\n  tx.execute(\"\n    UPDATE charge\n SET a = $1\");\n}";
        assert_eq!(lines("crates/pay/src/charge/operations.rs", text), [2, 3]);
        assert_eq!(lines("crates/pay/src/a.rs", "let a = \"WITH x AS (\";\nlet b = r\"DELETE FROM charge\";"), [1, 2]);
        assert_eq!(lines("crates/pay/src/a.rs", "let a = \" WHERE a = $1 AND b = $2\";"), [1]);
    }

    #[test]
    fn rows_store_tests_and_sentences_are_free() {
        for path in
            ["crates/pay/src/charge/rows.rs", "crates/pay/src/rows/a.rs", "crates/store/src/tx.rs", "xtask/src/a.rs"]
        {
            assert_eq!(lines(path, "let a = \"SELECT 1\";"), [0; 0], "{path}");
        }
        assert_eq!(
            lines("crates/pay/src/a.rs", "#[cfg(test)]\nmod tests {\n const A: &str = \"SELECT 1\";\n}"),
            [0; 0]
        );
        let sentences =
            "let a = \"UPDATE\"; let b = \"Select a card\"; let c = \"Update the charge\"; // SELECT 1 FROM a";
        assert_eq!(lines("crates/pay/src/a.rs", sentences), [0; 0]);
    }
}
