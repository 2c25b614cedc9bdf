//! Configuration: a TOML file, then environment variables, then flags; the later one wins.
//!
//! Everything that is wrong is named at once, before anything starts: which setting, from which source, what is wrong
//! and what is expected. A value that a later source replaces must still be a value. Relative paths count from the
//! folder the process was started in. The table of all settings is in [`setting`].

mod flags;
mod mail;
pub mod problem;
mod resolve;
pub mod setting;
mod source;
mod value;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use self::flags::{CommonFlags, ServeFlags};
pub use self::mail::MailServer;
pub use self::problem::{Problem, Problems, Source};
pub use self::source::Inputs;
pub use self::value::LogFormat;
use crate::master_key::MasterKeys;
pub use outbound::Network;
use pay::charge::Windows;
use pay::request_log::recorder::Keep;

/// Everything that can be set, understood and checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the data are.
    pub database: DatabaseSettings,
    /// Where the master keys are.
    pub master_key: MasterKeySource,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where to answer `/metrics`, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// Certificate and key, if this process ends TLS itself.
    pub tls: Option<TlsFiles>,
    /// Whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// Public address without a slash at its end, if one was given; see [`Settings::base_url`].
    pub public_url: Option<String>,
    /// Requests per second of one key.
    pub rate_limit_per_key: u32,
    /// Failed authentications per minute from one address.
    pub rate_limit_logins_per_address: u32,
    /// Visits to the checkout opened per minute from one address.
    pub rate_limit_checkouts_per_address: u32,
    /// Cards that a buyer types or pays with in 10 minutes.
    pub rate_limit_cards_per_buyer: u32,
    /// Cards typed or paid with in 10 minutes from one address.
    pub rate_limit_cards_per_address: u32,
    /// Requests to the RMS API in 10 seconds with one licenseKey.
    pub rms_rate_limit: u32,
    /// Where the RMS API behaves otherwise than usual.
    pub rms_switches: mall::http::Switches,
    /// Largest body of a request, in bytes.
    pub body_limit_bytes: usize,
    /// Time for the head of a request.
    pub header_timeout: Duration,
    /// Time a connection may be idle.
    pub idle_timeout: Duration,
    /// Time for a whole request; longer than `acquirer_timeout`.
    pub request_timeout: Duration,
    /// Connections at once.
    pub max_connections: usize,
    /// Time for an answer of the acquirer.
    pub acquirer_timeout: Duration,
    /// How long the windows of new charges are.
    pub windows: Windows,
    /// How much of the request log is kept.
    pub request_log: Keep,
    /// Where mails go; none: they stay in the built-in mailbox.
    pub mail: Option<MailServer>,
    /// Networks that shops' servers may be in, besides the public ones.
    pub outbound_exceptions: Vec<Network>,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log lines are written.
    pub log_filter: String,
    /// Whether a demonstration shop is made; then all listeners are on loopback.
    pub demo: bool,
    /// Environment variables that begin with `CHOBA_` and that nothing reads.
    pub foreign_variables: Vec<String>,
}

/// Where the data are: one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseSettings {
    /// A folder with SQLite files.
    Folder(PathBuf),
    /// A PostgreSQL server.
    Postgres {
        /// How to reach it.
        url: DatabaseUrl,
        /// Certificate authorities to trust instead of the public ones.
        ca_file: Option<PathBuf>,
    },
}

/// The address of a database; may hold a password, so it does not show when printed for debugging.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(pub String);

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(..)")
    }
}

/// Where the master keys are: one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MasterKeySource {
    /// They were given in `CHOBA_MASTER_KEY`.
    Environment(MasterKeys),
    /// They are in this file, which may not exist yet.
    File(PathBuf),
}

/// Certificate chain and private key, PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, then those that vouch for it.
    pub cert: PathBuf,
    /// The private key of the first certificate.
    pub key: PathBuf,
}

impl Settings {
    /// Understands and checks everything that was given, or names everything that is wrong with it.
    pub fn resolve(inputs: &Inputs) -> Result<Settings, Problems> {
        resolve::settings(inputs)
    }

    /// Which addresses a shop's server may have: public ones, those that the operator listed, and with `demo` this
    /// machine's.
    pub fn guard(&self) -> outbound::Guard {
        let guard = outbound::Guard::public().except(self.outbound_exceptions.iter().copied());
        if self.demo { guard.with_loopback() } else { guard }
    }

    /// The public address that answers contain, without a slash at its end: as given, or made from where the listener
    /// came to be.
    pub fn base_url(&self, listening: SocketAddr) -> String {
        if let Some(url) = &self.public_url {
            return url.clone();
        }
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        if listening.ip().is_unspecified() {
            return format!("{scheme}://localhost:{}", listening.port());
        }
        format!("{scheme}://{listening}")
    }
}
