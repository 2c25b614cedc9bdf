//! What each module, each crate and ARCHITECTURE.md must say about themselves.

use std::collections::BTreeSet;

use super::finding::Finding;
use super::source::RustFile;
use crate::repository::TextFile;

/// Modules that do not begin with a sentence about what they are for.
pub fn check_modules(files: &[RustFile]) -> Vec<Finding> {
    let says_something = |line: &String| line.strip_prefix("//!").is_some_and(|doc| doc.split_whitespace().count() > 2);
    files
        .iter()
        .filter(|file| !file.lines.first().is_some_and(says_something))
        .map(|file| {
            let remedy = "begin the file with `//! ` and a sentence that says what the module is for";
            Finding::new(&file.path, 1, "no module documentation in the first line", remedy)
        })
        .collect()
}

/// Crates that ARCHITECTURE.md does not name, and crates that promise nothing.
pub fn check_crates(texts: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let architecture =
        texts.iter().find(|file| ["ARCHITECTURE.md", "docs/ARCHITECTURE.md"].contains(&file.path.as_str()));
    for name in crate_names(texts) {
        match architecture {
            Some(file) if names_crate(&file.text, &name) => {}
            Some(file) => {
                let message = format!("crate `{name}` is not named");
                findings.push(Finding::new(
                    &file.path,
                    1,
                    message,
                    format!("add `crates/{name}` with its one-sentence promise"),
                ));
            }
            None => findings.push(Finding::new(
                "ARCHITECTURE.md",
                1,
                "missing",
                format!("write it, and name `crates/{name}`"),
            )),
        }
        let library = format!("crates/{name}/src/lib.rs");
        let promises = |file: &TextFile| file.text.lines().any(|line| line.starts_with("//! Promise:"));
        if !texts.iter().any(|file| file.path == library && promises(file)) {
            let remedy = "add a line `//! Promise: …`: what this crate never does";
            findings.push(Finding::new(&library, 1, format!("crate `{name}` promises nothing"), remedy));
        }
    }
    findings
}

/// Names of the folders below `crates/` that have a manifest.
pub fn crate_names(texts: &[TextFile]) -> BTreeSet<String> {
    texts
        .iter()
        .filter_map(|file| file.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml"))
        .filter(|name| !name.contains('/'))
        .map(str::to_owned)
        .collect()
}

fn names_crate(text: &str, name: &str) -> bool {
    [format!("crates/{name}"), format!("`{name}`"), format!("{name}/ ")].iter().any(|form| {
        text.match_indices(form.as_str()).any(|(start, found)| {
            !text[start + found.len()..].chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_says_what_it_is_for() {
        let findings =
            |text: &str| check_modules(&[RustFile::parse(&TextFile::new("crates/pay/tests/a.rs", text))]).len();
        assert_eq!(findings("//! Charges, from authorization to refund.\nfn a() {}"), 0);
        assert_eq!(findings("fn a() {}"), 1);
        assert_eq!(findings("// Charges, from authorization to refund."), 1);
        assert_eq!(findings("//! pay"), 1);
        assert_eq!(findings(""), 1);
    }

    #[test]
    fn a_crate_is_named_and_promises_something() {
        let check = |architecture: &str, library: &str| {
            check_crates(&[
                TextFile::new("ARCHITECTURE.md", architecture),
                TextFile::new("crates/pay/Cargo.toml", ""),
                TextFile::new("crates/pay/src/lib.rs", library),
            ])
            .len()
        };
        assert_eq!(check("`crates/pay` is about payments", "//! Payments.\n//!\n//! Promise: no mall."), 0);
        assert_eq!(check("`crates/payout` is about payments", "//! Promise: no mall."), 1);
        assert_eq!(check("crates/pay", "//! Payments."), 1);
        assert_eq!(check_crates(&[TextFile::new("crates/pay/Cargo.toml", "")]).len(), 2);
    }
}
