//! Random requests, made from the OpenAPI document, against a running server: no 5xx, no hang, no panic in the log, and
//! nothing answered in another shape than the document says.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::packages;
use crate::process;
use crate::server::{self, Database, Server};

/// The one check that is left out: whether a request is accepted depends on the state, not on its shape alone.
const UNCHECKED: &str = "positive_data_acceptance";
/// Requests for each operation and phase.
const EXAMPLES: &str = "60";
/// An answer that takes longer, in seconds, is a hang.
const ANSWER_WITHIN: &str = "10";
/// The same requests in every run of the CI, so that a failure is the change's.
const SEED: &str = "20240501";
/// First everything but the test clock, because turning it ends the windows in which charges can be changed; then that.
const PASSES: [[&str; 2]; 2] = [["--exclude-path-regex", "^/api/shops/"], ["--include-path-regex", "^/api/shops/"]];

/// Starts `choba` on a demo shop of its own and lets schemathesis at it: first at the charges, then at the clock too.
pub fn run(choba: &Path, target: &Path, limit: Duration) -> Result<()> {
    let programs = packages::python_environment(target)?;
    let scratch = Scratch::new()?;
    let database = Database::Folder(scratch.0.clone());
    let mut server = Server::start(choba, &database, &scratch.0.join("server.log"))?;
    let settings = scratch.0.join("schemathesis.toml");
    fs::write(&settings, credentials(choba, &database)?)?;

    let mut fuzzed = Ok(());
    for paths in PASSES {
        let mut fuzz = process::bound("TERM", programs.join("schemathesis"));
        fuzz.arg("--config-file").arg(&settings).args(["run", "--no-color", "--warnings", "off"]);
        fuzz.args(paths).args(["--exclude-checks", UNCHECKED, "--max-examples", EXAMPLES, "--seed", SEED]);
        fuzz.args(["--request-timeout", ANSWER_WITHIN, "--continue-on-failure", "--generation-database", "none"])
            .arg(format!("http://{}/api/openapi.json", server.address))
            .current_dir(&scratch.0);
        fuzzed = fuzzed.and(process::run(&mut fuzz, limit / 2).context("schemathesis found something"));
    }
    let alive = server.is_running()?;
    let log = server.printed()?;
    let stopped = server.stop();
    fuzzed?;
    if !alive {
        bail!("the server ended under the requests");
    }
    if let Some(line) = panic_in(&log) {
        bail!("the server's log has a panic: {line}");
    }
    stopped
}

/// What schemathesis sends for each security scheme of the document.
fn credentials(choba: &Path, database: &Database) -> Result<String> {
    let basic = |scheme: &str, environment: &str| -> Result<String> {
        let key = server::private_key(choba, database, environment)?;
        Ok(format!("[auth.openapi.{scheme}]\nusername = \"{key}\"\npassword = \"\"\n"))
    };
    let token = server::token(choba, database, &["clock", "mail", "webhooks", "admin"])?;
    let bearer = format!("[auth.openapi.token]\nbearer = \"{token}\"\n");
    let esa = format!("[auth.openapi.esa]\napi_key = \"{}\"\n", server::esa(choba, database)?);
    Ok([basic("sandboxPrivateKey", "sandbox")?, basic("privateKey", "test")?, bearer, esa].concat())
}

/// The first line of the log that tells of a panic.
fn panic_in(log: &str) -> Option<&str> {
    log.lines().find(|line| line.contains("panicked"))
}

/// A folder for the demo shop that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch> {
        let folder = std::env::temp_dir().join(format!("choba-fuzz-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(Scratch(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _removed = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_the_log_is_found() {
        assert_eq!(panic_in("started\nthread 'x' panicked at a.rs:1\n"), Some("thread 'x' panicked at a.rs:1"));
        assert_eq!(panic_in("started\nstopped\n"), None);
    }
}
