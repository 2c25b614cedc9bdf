//! `Authorization: ESA <base64(serviceSecret ":" licenseKey)>` (contract rms-order-api, section 1): standard alphabet, with
//! padding, in one line. Read strictly, and what is wrong is named.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Characters of a header at the most.
const HEADER_MAX: usize = 1_000;

/// What a program sent to prove whose it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// serviceSecret.
    pub service_secret: String,
    /// licenseKey.
    pub license_key: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

/// Why a header proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEsa {
    /// There is none.
    #[error("there is no Authorization header")]
    Missing,
    /// Another scheme than `ESA`.
    #[error("the Authorization header does not begin with \"ESA \"")]
    Scheme,
    /// What follows is no Base64 of text.
    #[error("what follows ESA is no padded Base64 of text in one line")]
    Base64,
    /// No colon between the two.
    #[error("the decoded text is not serviceSecret:licenseKey")]
    NoColon,
}

/// Reads the header.
pub fn credentials(header: Option<&str>) -> Result<Credentials, NotEsa> {
    let header = header.ok_or(NotEsa::Missing)?;
    let encoded = header.strip_prefix("ESA ").ok_or(NotEsa::Scheme)?;
    let decoded = (encoded.len() <= HEADER_MAX).then(|| STANDARD.decode(encoded).ok()).flatten();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(NotEsa::Base64)?;
    match text.split_once(':') {
        Some((secret, key)) if !secret.is_empty() && !key.is_empty() => {
            Ok(Credentials { service_secret: secret.to_owned(), license_key: key.to_owned() })
        }
        Some(_) | None => Err(NotEsa::NoColon),
    }
}

/// The header of these credentials.
pub fn authorization(service_secret: &str, license_key: &str) -> String {
    format!("ESA {}", STANDARD.encode(format!("{service_secret}:{license_key}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_read() {
        // printf 'SP123456_a:SL123456_b' | base64
        let header = "ESA U1AxMjM0NTZfYTpTTDEyMzQ1Nl9i";
        let expected = Credentials { service_secret: "SP123456_a".to_owned(), license_key: "SL123456_b".to_owned() };
        assert_eq!(credentials(Some(header)), Ok(expected));
        assert_eq!(authorization("SP123456_a", "SL123456_b"), header);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (header, wrong) in [
            (None, NotEsa::Missing),
            (Some(""), NotEsa::Scheme),
            (Some("Basic U1AxMjM0NTZfYTpTTDEyMzQ1Nl9i"), NotEsa::Scheme),
            (Some("esa U1AxMjM0NTZfYTpTTDEyMzQ1Nl9i"), NotEsa::Scheme),
            (Some("ESA  U1AxMjM0NTZfYTpTTDEyMzQ1Nl9i"), NotEsa::Base64),
            // printf 'SP:SL' | base64 is U1A6U0w=; without its padding it is refused.
            (Some("ESA U1A6U0w"), NotEsa::Base64),
            (Some("ESA SP123456_a:SL123456_b"), NotEsa::Base64),
            // printf 'SPSL' | base64
            (Some("ESA U1BTTA=="), NotEsa::NoColon),
            // printf ':SL' | base64
            (Some("ESA OlNM"), NotEsa::NoColon),
        ] {
            assert_eq!(credentials(header), Err(wrong), "{header:?}");
        }
    }
}
