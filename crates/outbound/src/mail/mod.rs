//! Mail that leaves over SMTP, to the server that the operator set: no guard is asked, because nobody else chose it.
//!
//! Texts leave as UTF-8 in Base64, headers as encoded words of UTF-8 in Base64 (RFC 2045, 2047). ISO-2022-JP, which
//! Japanese mail once had to be, cannot carry the name of a buyer called 髙橋 or 﨑山; every client that a buyer reads
//! mail with today, those of the phone companies included, reads UTF-8. Base64 instead of quoted-printable, because of
//! Japanese text it is the shorter one, and because no relay changes it: no line begins with a dot or ends with a space.

mod address;
mod message;
mod smtp;

pub use address::{Address, BadAddress};
pub use message::{Message, Sender};
pub use smtp::{Credentials, NotSent, Smtp, SmtpSettings, TlsMode, Unusable};
