//! A mail as the bytes that SMTP carries.

use std::time::{Duration, SystemTime};

use kernel::Timestamp;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Body, Mailbox};

use super::address::Address;

/// Who a mail is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// What mail programs show.
    pub name: String,
    /// Where it comes from.
    pub address: Address,
}

/// A mail: plain text to one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// First part of the Message-ID: the same for every try, so that a mail that arrives twice is known to be one.
    /// ASCII letters, digits, `-` and `_`.
    pub id: String,
    /// Who it is from.
    pub from: Sender,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Address>,
    /// Who reads it.
    pub to: Address,
    /// One line. A line break in it becomes a space.
    pub subject: String,
    /// The text; its lines end with `\n`.
    pub text: String,
    /// When it was written, the same for every try.
    pub date: Timestamp,
}

impl Message {
    /// The whole mail with its headers, ASCII only, lines that end with CRLF.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Message { id, from, reply_to, to, subject, text, date } = self;
        let id: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
        // The envelope is given, so that lettre does not read it from headers, whose quoted addresses it does not know.
        let builder = lettre::Message::builder()
            .envelope(self.envelope())
            .message_id(Some(format!("<{id}@{}>", from.address.domain())))
            .date(system_time(*date))
            .from(Mailbox::new(Some(one_line(&from.name)), from.address.inner()))
            .to(Mailbox::new(None, to.inner()))
            .subject(one_line(subject))
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN)
            // Keeps holiday notices from answering (RFC 3834).
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into()));
        let builder = match reply_to {
            Some(address) => builder.reply_to(Mailbox::new(None, address.inner())),
            None => builder,
        };
        let body = Body::new_with_encoding(lines_for_mail(text), ContentTransferEncoding::Base64);
        let body = body.expect("Base64 carries every text");
        builder.body(body).expect("sender and reader are there").formatted()
    }

    pub(super) fn envelope(&self) -> lettre::address::Envelope {
        let sender = Some(self.from.address.inner());
        lettre::address::Envelope::new(sender, vec![self.to.inner()]).expect("there is a reader")
    }
}

/// `text` without what could end its header: control characters become spaces.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn lines_for_mail(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(at.seconds()).unwrap_or(0))
}

#[cfg(test)]
mod tests;
