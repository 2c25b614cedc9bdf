//! SMTP: one connection for each mail, in the steps that tell a refusal of the mail from trouble with the server.

use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials as Login, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::message::Message;

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// From its first byte (`smtps`, usually port 465).
    Implicit,
    /// STARTTLS, or no mail is sent (usually port 587).
    Required,
    /// STARTTLS if the server offers it. An attacker in the middle can keep it from doing so.
    Opportunistic,
    /// Never: for a server on this machine.
    Off,
}

/// User and password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

/// Which server, and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpSettings {
    /// Name or address of the server; also the name that its certificate must have.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: TlsMode,
    /// Certificate authorities (PEM) to trust instead of the public ones.
    pub ca_pem: Option<Vec<u8>>,
    /// User and password, if the server asks for them. Sent over an encrypted connection only.
    pub credentials: Option<Credentials>,
    /// What we call ourselves: a host name.
    pub hello: String,
    /// Time for a mail, from connecting to the server's last answer.
    pub timeout: Duration,
}

/// Settings that no connection can be made with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The certificate authorities cannot be read.
    #[error("the certificate authorities cannot be read: {0}")]
    Authorities(String),
    /// The host is no name that a certificate could have.
    #[error("TLS cannot be set up for this host: {0}")]
    Tls(String),
    /// User and password would travel readable by everybody.
    #[error("a password is only sent over a connection that must be encrypted: implicit or required TLS")]
    PasswordInClear,
}

/// Why a mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// The server refuses this mail for good (5xx): trying again changes nothing.
    Refused(Fault),
    /// Not now: the server said so (4xx), could not be reached, did not let us in, or did not answer in time.
    Later(Fault),
}

/// What went wrong, in two wordings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Without anything that the server said, which may repeat an address: for logs. `550 to the mail`.
    pub brief: String,
    /// With the words of the server: for the people of the shop.
    pub full: String,
}

/// A mail server that the operator set.
#[derive(Clone)]
pub struct Smtp {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({}:{}, {:?})", self.settings.host, self.settings.port, self.settings.tls)
    }
}

impl Smtp {
    /// Checks the settings; connects to nothing.
    pub fn new(settings: SmtpSettings) -> Result<Smtp, Unusable> {
        let encrypted = matches!(settings.tls, TlsMode::Implicit | TlsMode::Required);
        if settings.credentials.is_some() && !encrypted {
            return Err(Unusable::PasswordInClear);
        }
        let tls = match settings.tls {
            TlsMode::Off => None,
            TlsMode::Implicit | TlsMode::Required | TlsMode::Opportunistic => Some(parameters(&settings)?),
        };
        Ok(Smtp { settings, tls })
    }

    /// Time for a mail.
    pub fn timeout(&self) -> Duration {
        self.settings.timeout
    }

    /// Hands a mail to the server. Done means that the server has answered for it.
    pub async fn send(&self, message: &Message) -> Result<(), NotSent> {
        let sent = tokio::time::timeout(self.settings.timeout, self.talk(message)).await;
        sent.unwrap_or_else(|_| {
            let seconds = self.settings.timeout.as_secs();
            Err(NotSent::Later(Fault::of_ours(&format!("no answer within {seconds} s"))))
        })
    }

    async fn talk(&self, message: &Message) -> Result<(), NotSent> {
        let connected = self.connect().await;
        let mut connection = connected.map_err(|(step, error)| NotSent::Later(Fault::new(step, &error)))?;
        match connection.send(&message.envelope(), &message.to_bytes()).await {
            Ok(_) => {
                // The mail is theirs; how they take leave changes nothing.
                let _ = connection.quit().await;
                Ok(())
            }
            // That we may not send at all is for the operator to mend, and no fault of the mail.
            Err(error) if error.is_permanent() && !asks_for_password(&error) => {
                Err(NotSent::Refused(Fault::new("to the mail", &error)))
            }
            Err(error) => Err(NotSent::Later(Fault::new("to the mail", &error))),
        }
    }

    /// A connection that is ready for a mail, or the step that failed. What fails here has nothing to do with the mail.
    async fn connect(&self) -> Result<AsyncSmtpConnection, (&'static str, lettre::transport::smtp::Error)> {
        let SmtpSettings { host, port, tls, credentials, hello, timeout, .. } = &self.settings;
        let hello = ClientId::Domain(hello.clone());
        let at_once = self.tls.clone().filter(|_| *tls == TlsMode::Implicit);
        let connected =
            AsyncSmtpConnection::connect_tokio1((host.as_str(), *port), Some(*timeout), &hello, at_once, None).await;
        let mut connection = connected.map_err(|error| ("to the connection", error))?;
        let starts_tls = match tls {
            TlsMode::Required => true,
            TlsMode::Opportunistic => connection.can_starttls(),
            TlsMode::Implicit | TlsMode::Off => false,
        };
        if let Some(parameters) = self.tls.clone().filter(|_| starts_tls) {
            connection.starttls(parameters, &hello).await.map_err(|error| ("to STARTTLS", error))?;
        }
        if let Some(Credentials { user, password }) = credentials {
            let login = Login::new(user.clone(), password.clone());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, &login).await.map_err(|error| ("to the password", error))?;
        }
        Ok(connection)
    }
}

/// Whether the server wants a password first, or another one (RFC 4954).
fn asks_for_password(error: &lettre::transport::smtp::Error) -> bool {
    error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538))
}

fn parameters(settings: &SmtpSettings) -> Result<TlsParameters, Unusable> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.ca_pem {
        let authorities = Certificate::from_pem(pem).map_err(|error| Unusable::Authorities(error.to_string()))?;
        builder = builder
            .certificate_store(lettre::transport::smtp::client::CertificateStore::None)
            .add_root_certificate(authorities);
    }
    builder.build().map_err(|error| Unusable::Tls(error.to_string()))
}

impl Fault {
    fn new(step: &str, error: &lettre::transport::smtp::Error) -> Fault {
        let what = match error.status() {
            Some(code) => format!("{code} {step}"),
            None if error.is_tls() => format!("TLS failed, in answer {step}"),
            None if error.is_timeout() => format!("no answer {step}"),
            None => format!("no usable answer {step}"),
        };
        let full = with_causes(error);
        Fault { brief: what, full }
    }

    fn of_ours(text: &str) -> Fault {
        Fault { brief: text.to_owned(), full: text.to_owned() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.brief)
    }
}

/// An error and what it came from, in one line of bounded length.
fn with_causes(error: &dyn std::error::Error) -> String {
    const MOST: usize = 500;
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = inner.source();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST).collect()
}
