//! From what was given to [`Settings`]: the later source wins, and everything that is wrong is collected.

use std::net::SocketAddr;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::problem::{Complaint, Problem, Problems, Source};
use super::setting::Setting;
use super::source::{Given, Inputs};
use super::value::{self, LogFormat, Parsed};
use super::{DatabaseSettings, DatabaseUrl, MasterKeySource, Settings, TlsFiles};
use crate::master_key::MasterKeys;
use pay::charge::Windows;
use pay::request_log::recorder::Keep;

const MASTER_KEY: &str = "CHOBA_MASTER_KEY";

pub(super) fn settings(inputs: &Inputs) -> Result<Settings, Problems> {
    let mut problems = Vec::new();
    let given = inputs.collect(&mut problems);
    let foreign_variables = inputs.foreign_variables(&mut problems);
    let mut resolver = Resolver { inputs, given, problems };
    let settings = Settings { foreign_variables, ..resolver.settings() };
    if resolver.problems.is_empty() { Ok(settings) } else { Err(Problems(resolver.problems)) }
}

pub(super) struct Resolver<'a> {
    inputs: &'a Inputs,
    given: Vec<Given>,
    problems: Vec<Problem>,
}

/// A value that holds, and where it came from.
pub(super) struct Holds<T> {
    pub value: T,
    pub source: Source,
}

impl Resolver<'_> {
    fn settings(&mut self) -> Settings {
        let database = self.database();
        let tls = self.tls();
        let settings = Settings {
            master_key: self.master_key(&database),
            database,
            listen: self.or("listen", loopback(8080), value::address).value,
            metrics_listen: self.or("metrics_listen", Some(loopback(9464)), value::address_or_off).value,
            tls,
            trusted_proxies: self.or("trusted_proxies", Vec::new(), value::networks).value,
            public_url: self.last("base_url", value::base_url).map(|url| url.value),
            rate_limit_per_key: self.number("rate_limit_per_key", 10_000, 1..=1_000_000) as u32,
            rms_rate_limit: self.number("rms_rate_limit", 10, 1..=1_000_000) as u32,
            rms_switches: self.or("rms_switches", mall::http::Switches::default(), value::rms_switches).value,
            rate_limit_logins_per_address: self.number("rate_limit_logins_per_address", 60, 1..=1_000_000) as u32,
            rate_limit_checkouts_per_address: self.number("rate_limit_checkouts_per_address", 600, 1..=10_000_000)
                as u32,
            rate_limit_cards_per_buyer: self.number("rate_limit_cards_per_buyer", 12, 1..=10_000_000) as u32,
            rate_limit_cards_per_address: self.number("rate_limit_cards_per_address", 60, 1..=10_000_000) as u32,
            body_limit_bytes: self.number("body_limit_bytes", 1 << 20, 1_024..=1 << 30) as usize,
            header_timeout: self.seconds("header_timeout_seconds", 10),
            idle_timeout: self.seconds("idle_timeout_seconds", 75),
            request_timeout: self.seconds("request_timeout_seconds", 60),
            max_connections: self.number("max_connections", 4_096, 1..=1_000_000) as usize,
            acquirer_timeout: self.seconds("acquirer_timeout_seconds", 20),
            windows: Windows {
                provisional_days: self.days("provisional_window_days"),
                captured_days: self.days("captured_window_days"),
            },
            request_log: Keep {
                days: self.number("request_log_days", 30, 1..=3_650) as u32,
                rows: self.number("request_log_rows", 20_000, 100..=10_000_000) as u32,
            },
            mail: self.mail(),
            outbound_exceptions: self.or("outbound_exceptions", Vec::new(), value::networks).value,
            log_format: self.or("log_format", LogFormat::Text, value::log_format).value,
            log_filter: self.or("log_filter", "info".to_owned(), value::log_filter).value,
            demo: self.or("demo", false, value::switch).value,
            foreign_variables: Vec::new(),
        };
        self.check_together(&settings);
        settings
    }

    /// Rules about more than one setting.
    fn check_together(&mut self, settings: &Settings) {
        if settings.acquirer_timeout >= settings.request_timeout {
            let seconds = settings.request_timeout.as_secs();
            let wrong = format!("is not shorter than request_timeout_seconds, which is {seconds}");
            self.complain(
                "acquirer_timeout_seconds",
                wrong,
                format!("less than {seconds}, or a longer request_timeout_seconds"),
            );
        }
        if settings.metrics_listen == Some(settings.listen) && settings.listen.port() != 0 {
            let wrong = format!("{} is where the server itself listens", settings.listen);
            self.complain("metrics_listen", wrong, "another address or port, or off");
        }
        let listeners = [("listen", Some(settings.listen)), ("metrics_listen", settings.metrics_listen)];
        for (key, address) in listeners {
            if let Some(address) = address.filter(|address| settings.demo && !address.ip().is_loopback()) {
                let wrong = format!("{address} can be reached from other machines, and demo is on");
                self.complain(key, wrong, "an address of this machine only, such as 127.0.0.1:8080, or no demo");
            }
        }
    }

    /// The folder or the server, whichever the strongest source names.
    fn database(&mut self) -> DatabaseSettings {
        let folder = self.last("data", value::path);
        let url = self.last("database_url", value::database_url);
        let ca_file = self.last("database_ca_file", value::path);
        if let Some(ca_file) = &ca_file {
            self.check_readable("database_ca_file", ca_file);
            if url.is_none() {
                self.complain(
                    "database_ca_file",
                    "has no meaning without database_url",
                    "database_url too, or neither",
                );
            }
        }
        match (folder, url) {
            (Some(folder), Some(url)) if folder.source.rank() == url.source.rank() => {
                let wrong = format!("data is given too ({})", folder.source);
                self.complain("database_url", wrong, "one of the two");
                DatabaseSettings::Folder(folder.value)
            }
            (Some(folder), Some(url)) if folder.source.rank() > url.source.rank() => {
                DatabaseSettings::Folder(folder.value)
            }
            (_, Some(url)) => {
                DatabaseSettings::Postgres { url: DatabaseUrl(url.value), ca_file: ca_file.map(|file| file.value) }
            }
            (Some(folder), None) => DatabaseSettings::Folder(folder.value),
            (None, None) => DatabaseSettings::Folder("choba-data".into()),
        }
    }

    fn tls(&mut self) -> Option<TlsFiles> {
        let cert = self.last("tls_cert", value::path);
        let key = self.last("tls_key", value::path);
        match (cert, key) {
            (None, None) => None,
            (Some(_), None) => {
                self.complain("tls_cert", "is given without tls_key", "both or neither");
                None
            }
            (None, Some(_)) => {
                self.complain("tls_key", "is given without tls_cert", "both or neither");
                None
            }
            (Some(cert), Some(key)) => {
                let files = TlsFiles { cert: cert.value, key: key.value };
                if let Err(wrong) = crate::serve::tls::acceptor(&files) {
                    self.complain(wrong.setting(), wrong.to_string(), wrong.expected());
                }
                Some(files)
            }
        }
    }

    fn master_key(&mut self, database: &DatabaseSettings) -> MasterKeySource {
        let file = self.last("master_key_file", value::path);
        if let Some(text) = self.inputs.variable(MASTER_KEY) {
            let source = Source::Environment(MASTER_KEY.into());
            if let Some(file) = file {
                let wrong = format!("master_key_file is given too ({})", file.source);
                self.problems.push(Problem::new("master_key", source, wrong, "one of the two"));
                return MasterKeySource::File(file.value);
            }
            match MasterKeys::from_environment(MASTER_KEY, &text.to_string_lossy()) {
                Ok(keys) => return MasterKeySource::Environment(keys),
                Err(error) => {
                    let expected = "64 hexadecimal digits, or 1:HEX,2:HEX with the newest last";
                    self.problems.push(Problem::new("master_key", source, error.to_string(), expected));
                }
            }
        }
        let path = file.map(|file| file.value).or_else(|| self.default_master_key_file());
        let Some(path) = path else {
            let wrong = "there is no home directory for its default place (neither XDG_CONFIG_HOME nor HOME is set)";
            self.complain("master_key_file", wrong, "a path outside of the data folder, or CHOBA_MASTER_KEY");
            return MasterKeySource::File(PathBuf::new());
        };
        if let DatabaseSettings::Folder(folder) = database
            && absolute(&path).starts_with(absolute(folder))
        {
            let wrong = format!("{} is inside the data folder {}", path.display(), folder.display());
            self.complain(
                "master_key_file",
                wrong,
                "a path outside of it, so that a copy of the data does not hold its key",
            );
        }
        MasterKeySource::File(path)
    }

    fn default_master_key_file(&self) -> Option<PathBuf> {
        let config = self.inputs.variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || Some(PathBuf::from(self.inputs.variable("HOME")?).join(".config"));
        Some(config.or_else(home)?.join("choba").join("master.key"))
    }

    /// The value of the strongest source that gave one; every given value is checked.
    pub(super) fn last<T>(&mut self, key: &str, parse: impl Fn(&str) -> Parsed<T>) -> Option<Holds<T>> {
        let mut holds = None;
        for given in self.given.iter().filter(|given| given.setting.key == key) {
            match parse(&given.text) {
                Ok(value) => holds = Some(Holds { value, source: given.source.clone() }),
                Err(complaint) => {
                    self.problems.push(Problem { setting: key.to_owned(), source: given.source.clone(), complaint });
                }
            }
        }
        holds
    }

    pub(super) fn or<T>(&mut self, key: &str, default: T, parse: impl Fn(&str) -> Parsed<T>) -> Holds<T> {
        self.last(key, parse).unwrap_or(Holds { value: default, source: Source::Default })
    }

    pub(super) fn number(&mut self, key: &str, default: u64, range: std::ops::RangeInclusive<u64>) -> u64 {
        self.or(key, default, value::number(*range.start(), *range.end())).value
    }

    pub(super) fn seconds(&mut self, key: &str, default: u64) -> Duration {
        Duration::from_secs(self.number(key, default, 1..=3_600))
    }

    /// Days of a window, if any are set.
    fn days(&mut self, key: &str) -> Option<u32> {
        self.last(key, value::number(1, 366)).map(|days| days.value as u32)
    }

    /// Adds a problem of `key`, wherever its value came from.
    pub(super) fn complain(&mut self, key: &str, wrong: impl Into<String>, expected: impl Into<String>) {
        debug_assert!(Setting::find(key).is_some());
        let source = self.given.iter().rev().find(|given| given.setting.key == key);
        let source = source.map_or(Source::Default, |given| given.source.clone());
        let complaint = Complaint { wrong: wrong.into(), expected: expected.into() };
        self.problems.push(Problem { setting: key.to_owned(), source, complaint });
    }

    fn check_readable(&mut self, key: &str, file: &Holds<PathBuf>) {
        if let Err(error) = std::fs::File::open(&file.value) {
            self.complain(key, format!("{} cannot be read: {error}", file.value.display()), "a readable PEM file");
        }
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// The path with links followed as far as it exists, so that two spellings of one place are the same.
fn absolute(path: &Path) -> PathBuf {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in full.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                plain.push(part);
                plain = plain.canonicalize().unwrap_or(plain);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests;
