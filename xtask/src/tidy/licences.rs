//! Licences: what we build on may be given away with an Apache-2.0 program, and our own crates are Apache-2.0.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::finding::Finding;

const OWN: &str = "Apache-2.0";
/// Licences that ask for no more than a notice, or (MPL) for changes to their own files.
const ACCEPTED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];
/// Exceptions only add permissions.
const ACCEPTED_EXCEPTIONS: &[&str] = &["LLVM-exception"];

/// Packages of the dependency tree whose licence we cannot accept.
pub fn check(root: &Path) -> Result<Vec<Finding>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root)
        .output()
        .context("running cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    check_packages(&serde_json::from_slice(&output.stdout)?)
}

fn check_packages(metadata: &Value) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in metadata["packages"].as_array().context("cargo metadata without packages")? {
        let name =
            format!("{} {}", package["name"].as_str().unwrap_or("?"), package["version"].as_str().unwrap_or("?"));
        let licence = package["license"].as_str();
        let own = package["source"].is_null();
        let problem = match licence {
            None => Some("states no licence".to_owned()),
            Some(licence) if own && licence != OWN => Some(format!("is ours but under {licence}, not {OWN}")),
            Some(licence) if own || is_acceptable(licence).unwrap_or(false) => None,
            Some(licence) => Some(format!("is under {licence}, which is not accepted")),
        };
        if let Some(problem) = problem {
            let remedy = "use another package, or accept the licence in xtask/src/tidy/licences.rs with its reason";
            findings.push(Finding::new("Cargo.lock", 1, format!("package {name} {problem}"), remedy));
        }
    }
    Ok(findings)
}

/// Whether an SPDX expression can be met with accepted licences only; `None` if it cannot be read. `OR` binds weaker than
/// `AND`, `AND` weaker than `WITH`; `/` is the old way of writing `OR`.
fn is_acceptable(expression: &str) -> Option<bool> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words };
    let acceptable = reader.any()?;
    reader.words.is_empty().then_some(acceptable)
}

struct Reader<'a> {
    words: &'a [&'a str],
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.words.first().is_some_and(|first| first.eq_ignore_ascii_case(word));
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn any(&mut self) -> Option<bool> {
        let mut acceptable = self.all()?;
        while self.eat("OR") {
            acceptable |= self.all()?;
        }
        Some(acceptable)
    }

    fn all(&mut self) -> Option<bool> {
        let mut acceptable = self.one()?;
        while self.eat("AND") {
            acceptable &= self.one()?;
        }
        Some(acceptable)
    }

    fn one(&mut self) -> Option<bool> {
        if self.eat("(") {
            let acceptable = self.any()?;
            return self.eat(")").then_some(acceptable);
        }
        let name = self.next().filter(|word| !["OR", "AND", "WITH", "(", ")"].contains(word))?;
        let mut acceptable = ACCEPTED.contains(&name);
        if self.eat("WITH") {
            acceptable &= ACCEPTED_EXCEPTIONS.contains(&self.next()?);
        }
        Some(acceptable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_evaluated() {
        let check =
            |expression: &str, expected: Option<bool>| assert_eq!(is_acceptable(expression), expected, "{expression}");
        check("MIT", Some(true));
        check("GPL-3.0-only", Some(false));
        check("MIT OR GPL-3.0-only", Some(true));
        check("MIT/Apache-2.0", Some(true));
        check("MIT AND GPL-3.0-only", Some(false));
        check("GPL-3.0-only OR MIT AND ISC", Some(true));
        check("(GPL-3.0-only OR MIT) AND AGPL-3.0-only", Some(false));
        check("(MIT OR Apache-2.0) AND Unicode-3.0", Some(true));
        check("Apache-2.0 WITH LLVM-exception OR GPL-2.0-only", Some(true));
        check("Apache-2.0 WITH Strange-exception", Some(false));
        check("LGPL-2.1-or-later", Some(false));
        check("", None);
        check("MIT OR", None);
        check("(MIT", None);
        check("MIT ISC", None);
    }

    #[test]
    fn packages_are_judged() {
        let problems = |package: Value| check_packages(&serde_json::json!({ "packages": [package] })).unwrap().len();
        let foreign = "registry";
        assert_eq!(problems(serde_json::json!({"name": "a", "license": "MIT", "source": foreign})), 0);
        assert_eq!(problems(serde_json::json!({"name": "a", "license": null, "source": foreign})), 1);
        assert_eq!(problems(serde_json::json!({"name": "a", "license": "AGPL-3.0-only", "source": foreign})), 1);
        assert_eq!(problems(serde_json::json!({"name": "pay", "license": "Apache-2.0", "source": null})), 0);
        assert_eq!(problems(serde_json::json!({"name": "pay", "license": "MIT", "source": null})), 1);
    }
}
