//! One-time codes of an authenticator app (RFC 6238, with HMAC-SHA-1 and six digits as every app has it), and recovery
//! codes for who has lost theirs. Forty lines of our own: what is hard about them, HMAC, is a crate's.

use hmac::{Hmac, Mac as _};
use kernel::{Entropy, Timestamp};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

/// Seconds for which a code is shown (RFC 6238 5.2).
pub const STEP_SECONDS: i64 = 30;
/// Steps before and after the present one whose codes count as well: clocks of phones are off, and people type slowly.
pub const WINDOW: i64 = 1;
/// Recovery codes of an account.
pub const RECOVERY_CODES: usize = 10;
const SECRET_BYTES: usize = 20;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What an authenticator app and we both know. Not printable.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; SECRET_BYTES]);

impl Secret {
    /// A new one.
    pub fn generate(entropy: &dyn Entropy) -> Secret {
        Secret(kernel::outside::random_bytes(entropy))
    }

    /// Of what [`Secret::as_bytes`] gave.
    pub fn of(bytes: &[u8]) -> Option<Secret> {
        bytes.try_into().ok().map(Secret)
    }

    /// To be sealed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As people type it: base32 in groups of four.
    pub fn typed(&self) -> String {
        let letters: Vec<char> = self.base32().chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    fn base32(&self) -> String {
        // Twenty bytes are thirty-two letters of five bits: nothing is left over.
        let bit = |index: usize| (self.0[index / 8] >> (7 - index % 8)) & 1;
        let letter =
            |group: usize| (0..5).fold(0usize, |value, offset| value << 1 | usize::from(bit(group * 5 + offset)));
        (0..SECRET_BYTES * 8 / 5).map(|group| char::from(BASE32[letter(group)])).collect()
    }

    /// What a QR code says: `otpauth://totp/…`. `account` is the address that somebody logs in with.
    pub fn uri(&self, account: &str) -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@.-_".contains(&byte);
        let escape = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        let account: String = account.bytes().map(escape).collect();
        format!("otpauth://totp/Choba:{account}?secret={}&issuer=Choba", self.base32())
    }

    /// The code of a step.
    pub fn code(&self, step: i64) -> String {
        format!("{:06}", self.truncated(step) % 1_000_000)
    }

    /// RFC 4226 5.3: 31 bits of the HMAC of the counter, from where its last four bits say.
    fn truncated(&self, step: i64) -> u32 {
        let mut mac = <Hmac<Sha1> as hmac::KeyInit>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let offset = usize::from(digest[19] & 0xf);
        let bytes = [digest[offset], digest[offset + 1], digest[offset + 2], digest[offset + 3]];
        u32::from_be_bytes(bytes) & 0x7fff_ffff
    }

    /// The step whose code `given` is, if it counts at `now`: of the window, and after `used`, the last step of which a
    /// code was taken.
    pub fn step_of(&self, given: &str, now: Timestamp, used: i64) -> Option<i64> {
        let given: String = given.chars().filter(|letter| !letter.is_whitespace()).collect();
        let present = present(now);
        let matches = |step: &i64| *step > used && bool::from(self.code(*step).as_bytes().ct_eq(given.as_bytes()));
        (present - WINDOW..=present + WINDOW).find(matches)
    }
}

/// The step of an instant.
pub fn present(now: Timestamp) -> i64 {
    now.seconds().div_euclid(STEP_SECONDS)
}

/// Ten codes that count once each, for who has lost their app; 49 bits each.
pub fn recovery_codes(entropy: &dyn Entropy) -> Vec<String> {
    // Of a random password the first two of four groups of five.
    let code = || super::random_password(entropy).chars().take(11).collect();
    (0..RECOVERY_CODES).map(|_| code()).collect()
}

/// A recovery code as it was made, however it was typed; none if it has not the form of one.
pub fn recovery_code(given: &str) -> Option<String> {
    let letters: String = given.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    (letters.len() == 10).then(|| format!("{}-{}", &letters[..5], &letters[5..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appendix B of RFC 6238, the rows of SHA-1: seconds since 1970 and eight digits.
    const VECTORS: [(i64, u32); 6] = [
        (59, 94_287_082),
        (1_111_111_109, 7_081_804),
        (1_111_111_111, 14_050_471),
        (1_234_567_890, 89_005_924),
        (2_000_000_000, 69_279_037),
        (20_000_000_000, 65_353_130),
    ];

    fn secret() -> Secret {
        Secret::of(b"12345678901234567890").unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, digits) in VECTORS {
            let step = present(Timestamp::from_seconds(seconds));
            assert_eq!(secret().truncated(step) % 100_000_000, digits, "{seconds}");
            assert_eq!(secret().code(step), format!("{:06}", digits % 1_000_000));
        }
        assert!(Secret::of(b"short").is_none());
    }

    #[test]
    fn a_code_counts_one_step_early_and_late_and_never_again() {
        let at = Timestamp::from_seconds;
        // 287082 is the code of the seconds 30 to 59.
        assert_eq!(secret().step_of("287082", at(59), 0), Some(1));
        assert_eq!(secret().step_of(" 287 082 ", at(29), 0), Some(1));
        assert_eq!(secret().step_of("287082", at(89), 0), Some(1));
        assert_eq!(secret().step_of("287082", at(90), 0), None);
        assert_eq!(secret().step_of("287082", at(59), 1), None);
        assert_eq!(secret().step_of("287083", at(59), 0), None);
        assert_eq!(secret().step_of("", at(59), 0), None);
    }

    #[test]
    fn the_secret_is_told_as_apps_read_it() {
        assert_eq!(secret().typed(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert_eq!(
            secret().uri("owner+1@shop.example"),
            "otpauth://totp/Choba:owner%2B1@shop.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Choba"
        );
    }

    #[test]
    fn recovery_codes_are_read_however_they_are_typed() {
        assert_eq!(recovery_code(" ABCDE fghij "), Some("abcde-fghij".to_owned()));
        assert_eq!(recovery_code("abcde-fghi"), None);
        assert_eq!(recovery_code("287082"), None);
    }
}
