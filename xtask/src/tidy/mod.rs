//! `cargo xtask tidy`: the rules of the house that a machine can check.
//!
//! Each check is a plain function from files to findings, so that its own tests can prove that it can fail.

mod arrows;
mod documents;
mod finding;
mod floats;
mod licences;
mod links;
mod machine_paths;
mod outside;
mod promises;
mod reasons;
mod size;
mod source;
mod sql;
mod unfinished;
mod unknown;

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::repository::{self, TextFile};
use finding::Finding;
use source::RustFile;

/// Runs every check on the repository at `root`, prints what they found, and fails if that is anything.
pub fn run(root: &Path) -> Result<()> {
    let findings = findings(root)?;
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("tidy: nothing to say");
        return Ok(());
    }
    bail!("tidy: {} findings", findings.len());
}

fn findings(root: &Path) -> Result<Vec<Finding>> {
    let paths = repository::paths(root)?;
    let texts = repository::text_files(root, &paths)?;
    let files: Vec<RustFile> = texts.iter().filter(|file| file.path.ends_with(".rs")).map(RustFile::parse).collect();
    let manifests: Vec<&TextFile> = texts.iter().filter(|file| file.name() == "Cargo.toml").collect();
    let workspace = texts.iter().find(|file| file.path == "Cargo.toml").context("no Cargo.toml at the root")?;
    let ratchet = texts.iter().find(|file| file.path == size::RATCHET);
    let mut findings = [
        arrows::check(&manifests)?,
        sql::check(&files),
        outside::check(&files),
        floats::check(&files),
        promises::check(&files),
        documents::check_modules(&files),
        documents::check_crates(&texts),
        size::check(&files, ratchet),
        unfinished::check(&texts, &files),
        reasons::check(workspace),
        links::check(&texts, &paths),
        machine_paths::check(&texts),
        unknown::check(&repository::new_paths(root)?),
        licences::check(root)?,
    ]
    .concat();
    findings.sort();
    Ok(findings)
}
