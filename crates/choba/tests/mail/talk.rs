//! One mail, one server: encryption, passwords, refusals, and the bytes.

use std::time::Duration;

use base64::Engine as _;
use kernel::Timestamp;
use outbound::mail::{Credentials, Message, NotSent, Sender, Smtp, SmtpSettings, TlsMode, Unusable};
use testkit::smtp::{Asks, SmtpServer, credentials};

const SUBJECT: &str = "【金額変更のお知らせ】ご注文の商品の一部が欠品となりましたため、金額を変更いたしました 注文番号 1000000001-20261122-0000000042";
const TEXT: &str = "髙橋 美咲 様\n\n.\n..先頭の点\nFrom の行\nとても長い行があっても、途中で文字が壊れることはありません。とても長い行があっても、途中で文字が壊れることはありません。\n\n店より";

fn message(to: &str) -> Message {
    Message {
        id: "019aa8b5-mb-1".into(),
        from: Sender { name: "お茶の店 千鳥".into(), address: "mail@choba.example".parse().unwrap() },
        reply_to: Some("contact@example.jp".parse().unwrap()),
        to: to.parse().unwrap(),
        subject: SUBJECT.into(),
        text: TEXT.into(),
        date: Timestamp::from_seconds(1_795_309_800),
    }
}

async fn send(settings: SmtpSettings, to: &str) -> Result<(), NotSent> {
    Smtp::new(settings).expect("usable settings").send(&message(to)).await
}

/// `later: …` or `refused: …`.
fn said(answer: Result<(), NotSent>) -> String {
    match answer {
        Ok(()) => "sent".to_owned(),
        Err(NotSent::Later(fault)) => format!("later: {}", fault.brief),
        Err(NotSent::Refused(fault)) => format!("refused: {}", fault.brief),
    }
}

#[tokio::test]
async fn what_arrives_is_what_was_written() {
    let server = SmtpServer::start(Asks::Nothing);
    send(server.settings(TlsMode::Off), "misaki@example.ne.jp").await.unwrap();
    let mail = server.received(1).remove(0);
    assert_eq!(
        (&mail["mail_from"], &mail["rcpt_tos"][0]),
        (&"mail@choba.example".into(), &"misaki@example.ne.jp".into())
    );
    assert_eq!(mail["defects"], serde_json::json!([]));
    assert_eq!((&mail["charset"], &mail["encoding"]), (&"utf-8".into(), &"base64".into()));
    let headers = &mail["headers"];
    assert_eq!(headers["Subject"], SUBJECT);
    assert_eq!(headers["From"], "お茶の店 千鳥 <mail@choba.example>");
    assert_eq!(headers["To"], "misaki@example.ne.jp");
    assert_eq!(headers["Reply-To"], "contact@example.jp");
    assert_eq!(headers["Message-ID"], "<019aa8b5-mb-1@choba.example>");
    assert_eq!(headers["Date"], "Sun, 22 Nov 2026 01:10:00 +0000");
    assert_eq!(headers["MIME-Version"], "1.0");
    assert_eq!(mail["text"].as_str().unwrap().trim_end_matches('\n').replace("\r\n", "\n"), TEXT);
    let raw = base64::engine::general_purpose::STANDARD.decode(mail["raw"].as_str().unwrap()).unwrap();
    let raw = String::from_utf8(raw).unwrap();
    assert!(raw.is_ascii());
    assert!(raw.split("\r\n").all(|line| line.len() <= 78 && !line.contains(['\r', '\n'])), "{raw}");
}

#[tokio::test]
async fn addresses_of_phone_companies_arrive() {
    let server = SmtpServer::start(Asks::Nothing);
    send(server.settings(TlsMode::Off), "a..b.@example.ne.jp").await.unwrap();
    // The quotes that it came in (RFC 5321 knows no two dots without them) are taken off by the server.
    assert_eq!(server.received(1)[0]["rcpt_tos"][0], "a..b.@example.ne.jp");
}

#[tokio::test]
async fn refusals_for_good_are_told_from_those_for_now() {
    let server = SmtpServer::start(Asks::Nothing);
    let settings = || SmtpSettings { timeout: Duration::from_secs(4), ..server.settings(TlsMode::Off) };
    for (to, expected) in [
        ("refused@example.jp", "refused: 550 to the mail"),
        ("toolarge@example.jp", "refused: 554 to the mail"),
        ("busy@example.jp", "later: 451 to the mail"),
        ("greylisted@example.jp", "later: 451 to the mail"),
        ("greylisted@example.jp", "sent"),
        ("hangs@example.jp", "later: no answer within 4 s"),
        // It has taken the mail: hanging up after that is no reason to send it again.
        ("vanishes@example.jp", "sent"),
    ] {
        assert_eq!(said(send(settings(), to).await), expected, "{to}");
    }
    let Err(NotSent::Refused(fault)) = send(settings(), "refused@example.jp").await else { panic!("taken") };
    assert!(fault.full.contains("no such user here") && !fault.brief.contains("refused@"), "{fault:?}");
    let closed = SmtpSettings { port: 1, ..settings() };
    assert_eq!(said(send(closed, "a@example.jp").await), "later: no usable answer to the connection");
}

#[tokio::test]
async fn starttls_is_required_unless_it_was_said_otherwise() {
    let server = SmtpServer::start(Asks::StartTls);
    send(server.settings(TlsMode::Required), "a@example.jp").await.unwrap();
    send(server.settings(TlsMode::Opportunistic), "b@example.jp").await.unwrap();
    assert!(server.received(2).iter().all(|mail| mail["encrypted"] == true));
    // Without STARTTLS this server takes nothing.
    assert_eq!(said(send(server.settings(TlsMode::Off), "c@example.jp").await), "later: 530 to the mail");
    // A certificate that nobody vouches for.
    let untrusting = SmtpSettings { ca_pem: None, ..server.settings(TlsMode::Required) };
    let answer = said(send(untrusting, "d@example.jp").await);
    assert!(answer.starts_with("later: ") && answer.ends_with("to STARTTLS"), "{answer}");
    let other_name = SmtpSettings { host: "127.0.0.1".into(), ..server.settings(TlsMode::Required) };
    assert!(said(send(other_name, "e@example.jp").await).starts_with("later: "));

    // A server without STARTTLS: nothing is sent in clear where encryption is required.
    let plain = SmtpServer::start(Asks::Nothing);
    assert!(said(send(plain.settings(TlsMode::Required), "f@example.jp").await).ends_with("to STARTTLS"));
    send(plain.settings(TlsMode::Opportunistic), "g@example.jp").await.unwrap();
    let received = plain.received(1);
    assert_eq!((received.len(), &received[0]["encrypted"]), (1, &false.into()));
}

#[tokio::test]
async fn tls_may_begin_with_the_first_byte() {
    let server = SmtpServer::start(Asks::ImplicitTls);
    send(server.settings(TlsMode::Implicit), "a@example.jp").await.unwrap();
    assert_eq!(server.received(1)[0]["encrypted"], true);
}

#[tokio::test]
async fn a_password_opens_the_server_and_a_wrong_one_loses_no_mail() {
    let server = SmtpServer::start(Asks::Login);
    let with = |credentials: Option<Credentials>| SmtpSettings { credentials, ..server.settings(TlsMode::Required) };
    send(with(Some(credentials())), "a@example.jp").await.unwrap();
    assert_eq!(server.received(1)[0]["user"], "shop");
    let wrong = Credentials { password: "wrong".into(), ..credentials() };
    // The operator's mistake, not the mail's: it is tried again.
    assert_eq!(said(send(with(Some(wrong)), "b@example.jp").await), "later: 535 to the password");
    assert_eq!(said(send(with(None), "c@example.jp").await), "later: 530 to the mail");
    for tls in [TlsMode::Off, TlsMode::Opportunistic] {
        let clear = SmtpSettings { credentials: Some(credentials()), ..server.settings(tls) };
        assert_eq!(Smtp::new(clear).map(|_| ()), Err(Unusable::PasswordInClear));
    }
}
