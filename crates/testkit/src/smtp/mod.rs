//! A real mail server, aiosmtpd, as a process of its own. What it does depends on the first part of the reader's address:
//!
//! | reader | answer |
//! |---|---|
//! | `refused@…` | 550 to the recipient, with the address in its words |
//! | `toolarge@…` | 554 to the text |
//! | `busy@…` | 451, always |
//! | `greylisted@…` | 451 at first, then it takes the mail |
//! | `hangs@…` | none |
//! | `vanishes@…` | takes the mail and hangs up without a farewell |
//! | anybody else | takes the mail |

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use outbound::mail::{Credentials, Smtp, SmtpSettings, TlsMode};
use pay::mail::deliver::Carrier;
use serde_json::{Value, json};

/// How long a mail that the server took is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the server asks of who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Nothing.
    Nothing,
    /// STARTTLS.
    StartTls,
    /// STARTTLS, then the user `shop` with the password `secret`.
    Login,
    /// TLS from the first byte.
    ImplicitTls,
}

/// The user that [`Asks::Login`] knows.
pub fn credentials() -> Credentials {
    Credentials { user: "shop".into(), password: "secret".into() }
}

/// A mail server that runs until this goes away.
pub struct SmtpServer {
    child: Child,
    port: u16,
    ca_pem: Option<Vec<u8>>,
    received: Arc<(Mutex<Vec<Value>>, Condvar)>,
    _folder: tempfile::TempDir,
}

impl SmtpServer {
    /// Starts one.
    pub fn start(asks: Asks) -> SmtpServer {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let tls = match asks {
            Asks::Nothing => "none",
            Asks::StartTls | Asks::Login => "starttls",
            Asks::ImplicitTls => "implicit",
        };
        let login = (asks == Asks::Login).then(credentials);
        let ca_pem = (asks != Asks::Nothing).then(|| write_certificate(folder.path()));
        let settings = json!({
            "tls": tls,
            "certificate": folder.path().join("certificate.pem"),
            "key": folder.path().join("key.pem"),
            "user": login.as_ref().map(|login| &login.user),
            "password": login.as_ref().map(|login| &login.password),
        });
        let mut child = Command::new(crate::python())
            .args(["-c", include_str!("server.py"), &settings.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starting Python");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let first = lines.next().and_then(Result::ok).unwrap_or_default();
        let port = first.strip_prefix("port ").and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("the mail server did not start: {first:?}"));
        let received = Arc::<(Mutex<Vec<Value>>, Condvar)>::default();
        let heard = received.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mail = serde_json::from_str(&line).expect("a line of JSON");
                heard.0.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                heard.1.notify_all();
            }
        });
        SmtpServer { child, port, ca_pem, received, _folder: folder }
    }

    /// Settings with which it can be spoken to.
    pub fn settings(&self, tls: TlsMode) -> SmtpSettings {
        SmtpSettings {
            host: "localhost".into(),
            port: self.port,
            tls,
            ca_pem: self.ca_pem.clone(),
            credentials: None,
            hello: "shop.example.jp".into(),
            timeout: Duration::from_secs(10),
        }
    }

    /// Hands mails to it without TLS, waiting for its answer for `timeout`.
    pub fn carrier(&self, timeout: Duration) -> Carrier {
        let settings = SmtpSettings { timeout, ..self.settings(TlsMode::Off) };
        let server = Smtp::new(settings).expect("usable settings");
        Carrier::Smtp { server: Box::new(server), from: "mail@choba.example".parse().expect("an address") }
    }

    /// The mails that it took, once there are at least `count`.
    pub fn received(&self, count: usize) -> Vec<Value> {
        let (mails, more) = &*self.received;
        let mails = mails.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = more.wait_timeout_while(mails, PATIENCE, |mails| mails.len() < count);
        let (mails, late) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!late.timed_out(), "{} of {count} mails came", mails.len());
        mails.clone()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A certificate of `localhost` and its key in `folder`; the authority that signed it.
fn write_certificate(folder: &Path) -> Vec<u8> {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().expect("a key");
    let signed = authority.self_signed(&authority_key).expect("a certificate");
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let certificate = params.signed_by(&key, &issuer).expect("a certificate");
    std::fs::write(folder.join("certificate.pem"), certificate.pem()).expect("writing a certificate");
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).expect("writing a key");
    signed.pem().into_bytes()
}
