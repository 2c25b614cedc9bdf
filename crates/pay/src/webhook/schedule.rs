//! When a delivery is tried again, and when an endpoint is given up. World time (docs/rules.md "Waiting and trying
//! again").

use kernel::Timestamp;

/// Seconds after each try until the next: 75 hours and 35 minutes in all, the waits that Standard Webhooks suggests.
pub const WAITS_SECONDS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// Tries in all.
pub const TRIES: u32 = WAITS_SECONDS.len() as u32 + 1;
/// A wait is up to so many hundredths longer, so that those who failed together do not come back together.
pub const JITTER_PERCENT: i64 = 10;
/// The longest `Retry-After` that is honoured.
pub const RETRY_AFTER_MAX_SECONDS: i64 = 24 * 3_600;
/// An endpoint that has failed for so long, without a success in between, is disabled at the next failure.
pub const FAILING_SECONDS_MAX: i64 = 5 * 86_400;

/// Microseconds to wait after try number `attempt` (the first is 1) has failed, or none to give up.
pub fn wait_after(attempt: u32, retry_after_seconds: Option<i64>, random: u64) -> Option<i64> {
    let index = usize::try_from(attempt.saturating_sub(1)).ok()?;
    let full = WAITS_SECONDS.get(index)? * 1_000_000;
    let spread = random % (full as u64 * JITTER_PERCENT as u64 / 100 + 1);
    let asked = retry_after_seconds.unwrap_or(0).clamp(0, RETRY_AFTER_MAX_SECONDS) * 1_000_000;
    Some((full + spread as i64).max(asked))
}

/// Whether an endpoint that has failed since `since` is to be disabled at `now`.
pub fn given_up(since: Timestamp, now: Timestamp) -> bool {
    since.plus_seconds(FAILING_SECONDS_MAX) <= now
}

/// The seconds that a `Retry-After` asks for: a number, or a date from which `now` (machine time) is taken.
pub fn retry_after(value: &str, now: Timestamp) -> Option<i64> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().unwrap_or(i64::MAX));
    }
    let at = httpdate::parse_http_date(value).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(i64::try_from(at.as_secs()).unwrap_or(i64::MAX).saturating_sub(now.seconds()).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_spread_over_about_75_hours() {
        let hours = |random: u64| {
            let waits = (1..=TRIES).map_while(|attempt| wait_after(attempt, None, random)).sum::<i64>();
            waits / 3_600_000_000
        };
        assert_eq!(hours(0), 75);
        assert!((75..=84).contains(&hours(u64::MAX)));
        assert_eq!((wait_after(TRIES, None, 0), wait_after(1, None, 0)), (None, Some(5_000_000)));
    }

    #[test]
    fn an_endpoint_may_ask_for_a_longer_wait_but_not_for_any() {
        assert_eq!(wait_after(1, Some(60), 0), Some(60_000_000));
        assert_eq!(wait_after(2, Some(60), 0), Some(300_000_000), "the schedule's own wait is longer");
        assert_eq!(wait_after(1, Some(i64::MAX), 0), Some(RETRY_AFTER_MAX_SECONDS * 1_000_000));
        assert_eq!(wait_after(TRIES, Some(60), 0), None);
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = Timestamp::from_seconds(1_445_412_480);
        for (text, expected) in [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("99999999999999999999", Some(i64::MAX)),
            ("Wed, 21 Oct 2015 07:29:00 GMT", Some(60)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(0)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(text, now), expected, "{text:?}");
        }
    }

    #[test]
    fn the_last_moment_of_five_days_counts() {
        let since = Timestamp::from_seconds(0);
        assert!(!given_up(since, Timestamp::from_seconds(FAILING_SECONDS_MAX - 1)));
        assert!(given_up(since, Timestamp::from_seconds(FAILING_SECONDS_MAX)));
    }
}
