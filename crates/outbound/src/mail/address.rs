//! Mail addresses, parsed at the edge.

use std::fmt;
use std::str::FromStr;

/// Characters of an address at the most: what SMTP allows in a path (RFC 5321 "4.5.3.1").
const ADDRESS_MAX: usize = 254;
const LOCAL_PART_MAX: usize = 64;

/// A mail address that SMTP can carry: ASCII only, nothing in it that could end a header or a command.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address(lettre::Address);

/// The text is no mail address. Does not repeat it: it may be personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address such as name@example.jp")]
pub struct BadAddress;

impl Address {
    /// What stands after the `@`.
    pub fn domain(&self) -> &str {
        self.0.domain()
    }

    pub(super) fn inner(&self) -> lettre::Address {
        self.0.clone()
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    /// Japanese phone companies gave out addresses such as `a..b.@example.ne.jp`, which standards only know with the
    /// first part in quotes: that is how they are sent.
    fn from_str(text: &str) -> Result<Address, BadAddress> {
        let (local, domain) = text.rsplit_once('@').ok_or(BadAddress)?;
        let is_atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
        let in_bounds = (1..=LOCAL_PART_MAX).contains(&local.len()) && text.len() <= ADDRESS_MAX;
        if !in_bounds || !local.bytes().all(is_atom) || !is_domain(domain) {
            return Err(BadAddress);
        }
        let dots_in_place = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
        if dots_in_place {
            return lettre::Address::new(local, domain).map(Address).map_err(|_| BadAddress);
        }
        Ok(Address(lettre::Address::new_dangerous(format!("\"{local}\""), domain)))
    }
}

/// Labels of letters, digits and hyphens; at least one, so that `localhost` passes.
fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=63).contains(&label.len()) && plain && !label.starts_with('-') && !label.ends_with('-')
    })
}

impl fmt::Display for Address {
    /// As it was typed: without the quotes that only SMTP needs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.0.user().trim_matches('"'), self.0.domain())
    }
}

impl fmt::Debug for Address {
    /// Nothing: an address is personal data and has no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_read_and_everything_else_is_refused() {
        for good in ["a@b.jp", "taro.rakuten+shop@example.co.jp", "o'neil@example.jp", "root@localhost", "1@2.3"] {
            assert_eq!(good.parse::<Address>().map(|address| address.to_string()), Ok(good.to_owned()));
        }
        let phone: Address = "a..b.@example.ne.jp".parse().unwrap();
        assert_eq!((phone.to_string().as_str(), phone.0.user()), ("a..b.@example.ne.jp", "\"a..b.\""));
        let long = format!("{}@b.jp", "a".repeat(65));
        for bad in [
            "",
            "a",
            "@",
            "a@",
            "@b.jp",
            "a b@c.jp",
            "a@b..jp",
            "a@b.jp.",
            "a@-b.jp",
            "a@b_c.jp",
            "あ@b.jp",
            "a@あ.jp",
            "a@b.jp\r\nBcc: c@d.jp",
            "a\0@b.jp",
            "<a@b.jp>",
            "\"a b\"@c.jp",
            "a@b.jp, c@d.jp",
            "a@[127.0.0.1]",
            &long,
        ] {
            assert_eq!(bad.parse::<Address>(), Err(BadAddress), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_stops_the_reader_and_no_address_breaks_a_line(text in ".*|[a-z.\"@\\\\ ]{0,20}") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.to_string(), text);
                prop_assert!(address.0.to_string().bytes().all(|byte| byte.is_ascii_graphic()));
            }
        }
    }
}
