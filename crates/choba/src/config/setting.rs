//! The settings there are: one table, from which the keys of the file, the environment variables, the flags and their
//! help are made.

/// What the value of a setting looks like in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A string.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`; a flag without a value.
    Switch,
    /// A list of strings; separated by commas elsewhere.
    List,
}

/// Which commands show the flag of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All commands: where the data are.
    Every,
    /// Only `choba serve` (and `choba doctor`, which checks what it would do).
    Serve,
}

/// One setting.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// Key in the file. The environment variable is `CHOBA_` and the key in capitals, the flag `--` and the key with
    /// hyphens.
    pub key: &'static str,
    /// What its value looks like.
    pub form: Form,
    /// Which commands know it.
    pub scope: Scope,
    /// What stands for its value in the help.
    pub value_name: &'static str,
    /// What it does and what holds without it.
    pub help: &'static str,
    /// Whether its value may hold a password, so that no message shows it.
    pub secret: bool,
}

impl Setting {
    /// `CHOBA_LISTEN`.
    pub fn variable(&self) -> String {
        format!("CHOBA_{}", self.key.to_ascii_uppercase())
    }

    /// `listen`, the flag without its hyphens.
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// The setting with this key.
    pub fn find(key: &str) -> Option<&'static Setting> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }
}

const fn setting(
    key: &'static str,
    (form, scope): (Form, Scope),
    value_name: &'static str,
    help: &'static str,
) -> Setting {
    Setting { key, form, scope, value_name, help, secret: false }
}

const TEXT: (Form, Scope) = (Form::Text, Scope::Serve);
const TEXT_EVERYWHERE: (Form, Scope) = (Form::Text, Scope::Every);
const NUMBER: (Form, Scope) = (Form::Number, Scope::Serve);

/// Every setting.
pub const SETTINGS: &[Setting] = &[
    setting("data", TEXT_EVERYWHERE, "DIR", "Folder with the data [default: ./choba-data]"),
    Setting {
        secret: true,
        ..setting(
            "database_url",
            TEXT_EVERYWHERE,
            "URL",
            "PostgreSQL instead of a folder: postgres://user@host/database",
        )
    },
    setting(
        "database_ca_file",
        TEXT_EVERYWHERE,
        "FILE",
        "Certificate authorities (PEM) to trust for PostgreSQL instead of the public ones",
    ),
    setting(
        "master_key_file",
        TEXT_EVERYWHERE,
        "FILE",
        "Master keys, never inside the data folder [default: ~/.config/choba/master.key]; or set CHOBA_MASTER_KEY",
    ),
    setting("log_format", TEXT_EVERYWHERE, "FORMAT", "text or json, to standard error [default: text]"),
    setting("log_filter", TEXT_EVERYWHERE, "FILTER", "What is logged, e.g. info,choba::access=debug [default: info]"),
    setting("listen", TEXT, "ADDR", "Where to listen [default: 127.0.0.1:8080]"),
    setting("metrics_listen", TEXT, "ADDR", "Where to answer /metrics, or off [default: 127.0.0.1:9464]"),
    setting("tls_cert", TEXT, "FILE", "Certificate chain (PEM); together with tls_key"),
    setting("tls_key", TEXT, "FILE", "Private key of the certificate (PEM)"),
    setting(
        "trusted_proxies",
        (Form::List, Scope::Serve),
        "LIST",
        "Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed, e.g. 10.0.0.0/8,::1",
    ),
    setting("base_url", TEXT, "URL", "Public address that answers contain [default: made from listen]"),
    setting("rate_limit_per_key", NUMBER, "N", "Requests per second of one key [default: 10000]"),
    setting(
        "rate_limit_logins_per_address",
        NUMBER,
        "N",
        "Failed authentications per minute from one address [default: 60]",
    ),
    setting(
        "rate_limit_checkouts_per_address",
        NUMBER,
        "N",
        "Visits to the checkout opened per minute from one address [default: 600]",
    ),
    setting(
        "rate_limit_cards_per_buyer",
        NUMBER,
        "N",
        "Cards that a buyer types or pays with in 10 minutes [default: 12]",
    ),
    setting(
        "rate_limit_cards_per_address",
        NUMBER,
        "N",
        "Cards typed or paid with in 10 minutes from one address [default: 60]",
    ),
    setting("rms_rate_limit", NUMBER, "N", "Requests to the RMS API in 10 seconds with one licenseKey [default: 10]"),
    setting(
        "rms_switches",
        (Form::List, Scope::Serve),
        "LIST",
        "Where the RMS API behaves otherwise, e.g. old_versions (docs/rms-fidelity.md) [default: none]",
    ),
    setting("body_limit_bytes", NUMBER, "N", "Largest body of a request [default: 1048576]"),
    setting("header_timeout_seconds", NUMBER, "N", "Time for the head of a request [default: 10]"),
    setting("idle_timeout_seconds", NUMBER, "N", "Time a connection may be idle [default: 75]"),
    setting("request_timeout_seconds", NUMBER, "N", "Time for a request [default: 60]"),
    setting("max_connections", NUMBER, "N", "Connections at once; further ones wait [default: 4096]"),
    setting("acquirer_timeout_seconds", NUMBER, "N", "Time for an answer of the acquirer [default: 20]"),
    setting(
        "provisional_window_days",
        NUMBER,
        "N",
        "Days after an order until whose end it can be captured, cancelled and changed; counts for new orders \
         [default: the end of the fifth month after it]",
    ),
    setting(
        "captured_window_days",
        NUMBER,
        "N",
        "Days after a capture until whose end the sale can be cancelled and changed; counts for new orders \
         [default: the end of the month after it]",
    ),
    setting("request_log_days", NUMBER, "N", "Days that the request log of the API is kept [default: 30]"),
    setting("request_log_rows", NUMBER, "N", "Requests of a shop that the request log keeps [default: 20000]"),
    setting("smtp_host", TEXT, "HOST", "Mail server; without one, mails stay in the built-in mailbox"),
    setting("smtp_port", NUMBER, "N", "Its port [default: 465 with smtp_tls implicit, 587 with required, else 25]"),
    setting("smtp_tls", TEXT, "MODE", "implicit, required (STARTTLS), opportunistic or off [default: required]"),
    setting("smtp_user", TEXT, "NAME", "User of the mail server; together with its password"),
    Setting {
        secret: true,
        ..setting(
            "smtp_password",
            TEXT,
            "PASSWORD",
            "Its password; better in smtp_password_file or CHOBA_SMTP_PASSWORD",
        )
    },
    setting("smtp_password_file", TEXT, "FILE", "A file with the password"),
    setting("smtp_ca_file", TEXT, "FILE", "Certificate authorities (PEM) to trust for it instead of the public ones"),
    setting("smtp_timeout_seconds", NUMBER, "N", "Time for handing one mail to it [default: 30]"),
    setting("mail_from", TEXT, "ADDRESS", "Address that mails come from; together with smtp_host"),
    setting(
        "outbound_exceptions",
        (Form::List, Scope::Serve),
        "LIST",
        "Private addresses or networks that webhooks may go to, e.g. 10.1.0.0/16 [default: none]",
    ),
    setting(
        "demo",
        (Form::Switch, Scope::Serve),
        "",
        "A shop with random keys and believable charges, on loopback only",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_fit_for_variables_and_flags() {
        for (index, setting) in SETTINGS.iter().enumerate() {
            assert!(setting.key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", setting.key);
            assert!(SETTINGS[..index].iter().all(|other| other.key != setting.key), "{}", setting.key);
        }
        let setting = Setting::find("header_timeout_seconds").unwrap();
        assert_eq!(setting.variable(), "CHOBA_HEADER_TIMEOUT_SECONDS");
        assert_eq!(setting.flag(), "header-timeout-seconds");
    }
}
