//! Python with the packages that tests need, as `cargo xtask test` makes it.

use std::path::PathBuf;

/// The Python that `CHOBA_TEST_PYTHON` names, or the one that an earlier `cargo xtask test` made.
pub fn python() -> PathBuf {
    let named = std::env::var_os("CHOBA_TEST_PYTHON").map(PathBuf::from);
    let made_before = || {
        let program = std::env::current_exe().ok()?;
        let target = program.ancestors().find(|folder| folder.join("venv").is_dir())?;
        Some(target.join("venv/bin/python"))
    };
    let found = named.or_else(made_before).filter(|python| python.exists());
    found.expect("no Python with the packages of tests: run `cargo xtask test`, or name one in CHOBA_TEST_PYTHON")
}
