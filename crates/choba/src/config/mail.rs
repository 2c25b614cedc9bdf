//! The settings of the mail server.

use outbound::mail::{Address, Credentials, SmtpSettings, TlsMode};

use super::problem::Complaint;
use super::resolve::Resolver;
use super::value::{self, Parsed};

/// What has no meaning without a mail server.
const BELONGS: [&str; 8] = [
    "smtp_port",
    "smtp_tls",
    "smtp_user",
    "smtp_password",
    "smtp_password_file",
    "smtp_ca_file",
    "smtp_timeout_seconds",
    "mail_from",
];

/// A mail server and the address that mails come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServer {
    /// The server.
    pub smtp: SmtpSettings,
    /// The sender's address; shops have only names there.
    pub from: Address,
}

impl Resolver<'_> {
    /// The mail server, if one is set.
    pub(super) fn mail(&mut self) -> Option<MailServer> {
        let host = self.last("smtp_host", host);
        let from = self.last("mail_from", mail_address);
        let tls = self.or("smtp_tls", TlsMode::Required, tls_mode).value;
        let port = self.number("smtp_port", usual_port(tls), 1..=65_535) as u16;
        let timeout = self.seconds("smtp_timeout_seconds", 30);
        let credentials = self.smtp_credentials();
        let ca_pem = self.smtp_ca();
        let Some(host) = host else {
            for key in BELONGS {
                if self.last(key, |text| Ok(text.to_owned())).is_some() {
                    self.complain(key, "has no meaning without smtp_host", "smtp_host too, or neither");
                }
            }
            return None;
        };
        let Some(from) = from else {
            // One that is no address is complained of already.
            if self.last("mail_from", |text| Ok(text.to_owned())).is_none() {
                self.complain("mail_from", "is not given, but smtp_host is", "the address that mails come from");
            }
            return None;
        };
        let hello = from.value.domain().to_owned();
        let smtp = SmtpSettings { host: host.value, port, tls, ca_pem, credentials, hello, timeout };
        if let Err(error) = outbound::mail::Smtp::new(smtp.clone()) {
            self.complain("smtp_tls", error.to_string(), "settings that a connection can be made with");
        }
        Some(MailServer { smtp, from: from.value })
    }

    fn smtp_credentials(&mut self) -> Option<Credentials> {
        let user = self.last("smtp_user", not_empty);
        let given = self.last("smtp_password", not_empty);
        let in_file = self.last("smtp_password_file", password_file);
        if given.is_some() && in_file.is_some() {
            self.complain("smtp_password_file", "smtp_password is given too", "one of the two");
        }
        let password = given.or(in_file);
        match (user, password) {
            (Some(user), Some(password)) => Some(Credentials { user: user.value, password: password.value }),
            (Some(_), None) => {
                self.complain("smtp_user", "is given without a password", "smtp_password_file too, or neither");
                None
            }
            (None, Some(_)) => {
                self.complain("smtp_user", "is not given, but a password is", "both or neither");
                None
            }
            (None, None) => None,
        }
    }

    fn smtp_ca(&mut self) -> Option<Vec<u8>> {
        let read = |text: &str| {
            let path = value::path(text)?;
            std::fs::read(&path).map_err(|error| Complaint {
                wrong: format!("{} cannot be read: {error}", path.display()),
                expected: "a readable PEM file".to_owned(),
            })
        };
        self.last("smtp_ca_file", read).map(|holds| holds.value)
    }
}

fn usual_port(tls: TlsMode) -> u64 {
    match tls {
        TlsMode::Implicit => 465,
        TlsMode::Required => 587,
        TlsMode::Opportunistic | TlsMode::Off => 25,
    }
}

fn refused<T>(wrong: impl Into<String>, expected: &str) -> Parsed<T> {
    Err(Complaint { wrong: wrong.into(), expected: expected.to_owned() })
}

fn not_empty(text: &str) -> Parsed<String> {
    if text.is_empty() { refused("is empty", "a text") } else { Ok(text.to_owned()) }
}

fn host(text: &str) -> Parsed<String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte));
    if text.is_empty() || !plain {
        return refused(format!("{text:?} is no name of a host"), "a name such as mail.example.jp, or an address");
    }
    Ok(text.to_owned())
}

fn mail_address(text: &str) -> Parsed<Address> {
    text.parse().or_else(|_| refused(format!("{text:?} is no mail address"), "an address such as shop@example.jp"))
}

fn tls_mode(text: &str) -> Parsed<TlsMode> {
    match text {
        "implicit" => Ok(TlsMode::Implicit),
        "required" => Ok(TlsMode::Required),
        "opportunistic" => Ok(TlsMode::Opportunistic),
        "off" => Ok(TlsMode::Off),
        _ => refused(format!("{text:?} is no mode"), "implicit, required, opportunistic or off"),
    }
}

/// The first line of the file.
fn password_file(text: &str) -> Parsed<String> {
    let path = value::path(text)?;
    let said = match std::fs::read_to_string(&path) {
        Ok(said) => said,
        Err(error) => return refused(format!("{} cannot be read: {error}", path.display()), "a readable file"),
    };
    match said.lines().next() {
        Some(password) if !password.is_empty() => Ok(password.to_owned()),
        _ => refused(format!("{} is empty", path.display()), "a file with the password in its first line"),
    }
}
