//! What the runs need from the system's package manager and from Python's, installed when it is missing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{postgres, process};

const POSTGRES_BINARIES: &str = "/usr/lib/postgresql/15/bin";
/// Where Debian's packages read whether to make a cluster (and a service for it) right after installing.
const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.d";
/// What tests need from PyPI: schemathesis sends random requests, aiosmtpd is a mail server, standardwebhooks checks
/// signatures, rakuten-ws is a client of the RMS order API, zeep a SOAP client that goes by the WSDL.
const PYTHON_PACKAGES: &str =
    "schemathesis==4.32.*\naiosmtpd==1.4.*\nstandardwebhooks==1.*\nrakuten-ws==0.5.2\nzeep==4.*\n";
const INSTALL_WITHIN: Duration = Duration::from_secs(600);

/// The folder with PostgreSQL's programs: `CHOBA_TEST_PG_BIN`, or version 15 of the system, installed if need be.
pub fn postgres_binaries() -> Result<PathBuf> {
    let folder = postgres_folder();
    if !folder.join("postgres").exists() {
        install_postgres().context("PostgreSQL 15 is missing; install it, or name its folder in CHOBA_TEST_PG_BIN")?;
    }
    Ok(folder)
}

/// Where PostgreSQL's programs are, or will be once they are installed.
pub fn postgres_folder() -> PathBuf {
    std::env::var_os("CHOBA_TEST_PG_BIN").map_or_else(|| POSTGRES_BINARIES.into(), PathBuf::from)
}

fn install_postgres() -> Result<()> {
    // We start our own servers; the package must not leave one running on this machine.
    let settings = Path::new(CLUSTER_SETTINGS).join("choba-xtask.conf");
    let write = format!("mkdir -p {CLUSTER_SETTINGS} && echo create_main_cluster=false >{}", settings.display());
    process::output(as_root()?.args(["sh", "-c", &write]))?;
    let installed = install(&["postgresql-15"]);
    process::output(as_root()?.args(["rm", "-f"]).arg(settings))?;
    installed
}

/// Makes sure that there is a browser for the tests of pages: Chromium, its driver, and a Japanese typeface.
pub fn browser() -> Result<()> {
    let present = ["/usr/bin/chromium", "/usr/bin/chromedriver"].iter().all(|program| Path::new(program).exists());
    if present || std::env::var_os("CHOBA_TEST_CHROMEDRIVER").is_some() {
        return Ok(());
    }
    install(&["chromium", "chromium-driver", "fonts-noto-cjk"])
        .context("Chromium is missing; install it with its driver, or name the driver in CHOBA_TEST_CHROMEDRIVER")
}

/// Installs Debian packages, without questions and without what they merely recommend.
fn install(packages: &[&str]) -> Result<()> {
    let apt = |arguments: &[&str]| -> Result<()> {
        let mut command = as_root()?;
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=120"])
            .args(arguments);
        process::run(&mut command, INSTALL_WITHIN)
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
}

/// `env`, as root: by being it, or through sudo where that asks nothing.
fn as_root() -> Result<Command> {
    if postgres::is_root()? {
        return Ok(Command::new("env"));
    }
    let allowed = Command::new("sudo").args(["-n", "true"]).status().is_ok_and(|status| status.success());
    if !allowed {
        bail!("installing needs root, or sudo without a password");
    }
    let mut command = Command::new("sudo");
    command.args(["-n", "env"]);
    Ok(command)
}

/// A virtual environment below `target` with everything that tests need from PyPI; gives its folder of programs.
pub fn python_environment(target: &Path) -> Result<PathBuf> {
    let folder = target.join("venv");
    let programs = folder.join("bin");
    let stamp = folder.join("requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == PYTHON_PACKAGES) {
        return Ok(programs);
    }
    fs::create_dir_all(target)?;
    let make = || process::output(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
    if make().is_err() {
        // Debian keeps the module out of its smallest Python.
        install(&["python3", "python3-venv"]).context("Python 3 with its venv module is missing")?;
        make()?;
    }
    let wanted = folder.join("wanted.txt");
    fs::write(&wanted, PYTHON_PACKAGES)?;
    let mut pip = Command::new(programs.join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&wanted);
    process::run(&mut pip, INSTALL_WITHIN)?;
    fs::rename(wanted, stamp)?;
    Ok(programs)
}
