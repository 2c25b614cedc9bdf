//! Which crate may depend on which. Arrows point one way: kernel ← store ← features ← web ← choba.

use anyhow::{Context, Result};

use super::finding::{Finding, line_of};
use crate::repository::TextFile;

const FEATURES: &[&str] = &["kernel", "store", "ledger", "shop", "outbound", "acquirer"];

/// A crate, and the crates of ours it may name under `[dependencies]`.
const ALLOWED: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("store", &["kernel"]),
    ("ledger", &["kernel", "store"]),
    ("shop", &["kernel", "store"]),
    ("outbound", &["kernel", "store"]),
    ("acquirer", &["kernel", "store"]),
    ("pay", FEATURES),
    ("mall", FEATURES),
    ("desk", &["kernel", "store", "ledger", "shop", "outbound"]),
    ("web", &["kernel", "store", "ledger", "shop", "outbound", "acquirer", "pay", "mall", "desk"]),
    ("choba", &["kernel", "store", "ledger", "shop", "outbound", "acquirer", "pay", "mall", "desk", "web"]),
    ("testkit", &["kernel", "store", "ledger", "shop", "outbound", "acquirer", "pay", "mall", "desk", "web", "choba"]),
    ("xtask", &[]),
];

/// Every arrow that points the wrong way. `manifests` are the Cargo.toml files of the workspace's members.
pub fn check(manifests: &[&TextFile]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for manifest in manifests {
        let table: toml::Table = toml::from_str(&manifest.text).with_context(|| manifest.path.clone())?;
        let name = table.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
        let Some(name) = name else { continue };
        let Some((_, allowed)) = ALLOWED.iter().find(|(crate_name, _)| *crate_name == name) else {
            let message = format!("crate `{name}` has no place among the arrows");
            findings.push(Finding::new(
                &manifest.path,
                1,
                message,
                "say in xtask/src/tidy/arrows.rs what it may depend on",
            ));
            continue;
        };
        for dependency in dependencies(&table) {
            let ours = ALLOWED.iter().any(|(crate_name, _)| *crate_name == dependency);
            if ours && !allowed.contains(&dependency.as_str()) {
                let message = format!("`{name}` may not depend on `{dependency}`");
                let remedy = "move what both need towards the kernel, or hand it in from `choba`; only tests may use [dev-dependencies]";
                findings.push(Finding::new(&manifest.path, line_of(&manifest.text, &dependency), message, remedy));
            }
        }
    }
    Ok(findings)
}

/// Names of the packages under `[dependencies]` and `[build-dependencies]`, those of single platforms too.
fn dependencies(manifest: &toml::Table) -> Vec<String> {
    let mut names = Vec::new();
    for table in ["dependencies", "build-dependencies"] {
        names.extend(manifest.get(table).and_then(toml::Value::as_table).map(package_names).unwrap_or_default());
    }
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    for target in targets.into_iter().flat_map(|targets| targets.values()).filter_map(toml::Value::as_table) {
        names.extend(dependencies(target));
    }
    names
}

fn package_names(table: &toml::Table) -> Vec<String> {
    table
        .iter()
        .map(|(name, value)| value.get("package").and_then(toml::Value::as_str).unwrap_or(name).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(name: &str, rest: &str) -> Vec<String> {
        let manifest = TextFile::new("crates/x/Cargo.toml", &format!("[package]\nname = \"{name}\"\n{rest}"));
        check(&[&manifest]).unwrap().iter().map(|finding| format!("{}: {}", finding.line, finding.message)).collect()
    }

    #[test]
    fn an_arrow_against_the_house_is_found() {
        assert_eq!(problems("store", "[dependencies]\nkernel.workspace = true\nserde = \"1\"\n"), [""; 0]);
        assert_eq!(problems("store", "[dependencies]\npay.workspace = true\n"), ["4: `store` may not depend on `pay`"]);
        assert_eq!(
            problems("pay", "[dependencies]\nmall = { path = \"../mall\" }\n"),
            ["4: `pay` may not depend on `mall`"]
        );
        assert_eq!(
            problems("desk", "[build-dependencies]\npay.workspace = true\n"),
            ["4: `desk` may not depend on `pay`"]
        );
        assert_eq!(problems("choba", "[dependencies]\ntestkit.workspace = true\n").len(), 1);
        assert_eq!(problems("kernel", "[target.'cfg(unix)'.dependencies]\nk = { package = \"store\" }\n").len(), 1);
    }

    #[test]
    fn tests_are_free_and_unknown_crates_are_asked_about() {
        assert_eq!(problems("kernel", "[dev-dependencies]\ntestkit.workspace = true\n"), [""; 0]);
        assert_eq!(problems("attic", ""), ["1: crate `attic` has no place among the arrows"]);
    }
}
