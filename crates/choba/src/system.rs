//! The only place that reads this machine's clock and its randomness (clippy.toml forbids it elsewhere).

use std::cell::RefCell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kernel::{Clock, Entropy, Timestamp};

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place for it")]
    fn now(&self) -> Timestamp {
        let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        // A clock before 1970 is wrong, but it must not stop the process: `choba doctor` names it.
        Timestamp::from_micros(match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => micros(after),
            Err(before) => -micros(before.duration()),
        })
    }
}

/// The present instant of the clock that only moves forward, for deadlines of connections.
#[allow(clippy::disallowed_methods, reason = "the one place for it")]
pub fn monotonic_now() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

/// Measures how long something takes, for figures and log lines.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts measuring.
    #[allow(clippy::disallowed_methods, reason = "the one place for it")]
    pub fn start() -> Stopwatch {
        Stopwatch(std::time::Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Bytes that one call to the system brings in advance, for each thread.
const BUFFER_BYTES: usize = 4_096;

/// The randomness of the operating system, fetched 4 KiB at a time so that many small requests cost few system calls.
///
/// No byte is handed out twice, and a byte that was handed out is wiped from the buffer.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > BUFFER_BYTES / 4 {
            return fill_from_system(bytes);
        }
        BUFFER.with_borrow_mut(|buffer| buffer.fill(bytes));
    }
}

thread_local! {
    static BUFFER: RefCell<Buffer> = const { RefCell::new(Buffer { bytes: [0; BUFFER_BYTES], left: 0 }) };
}

struct Buffer {
    bytes: [u8; BUFFER_BYTES],
    /// The first `left` bytes are unused.
    left: usize,
}

impl Buffer {
    fn fill(&mut self, wanted: &mut [u8]) {
        if self.left < wanted.len() {
            fill_from_system(&mut self.bytes);
            self.left = BUFFER_BYTES;
        }
        let handed_out = &mut self.bytes[self.left - wanted.len()..self.left];
        wanted.copy_from_slice(handed_out);
        handed_out.fill(0);
        self.left -= wanted.len();
    }
}

/// Panics if the system has no randomness: keys made without it would be worth nothing, so nothing may go on.
#[allow(clippy::disallowed_methods, reason = "the one place for it")]
fn fill_from_system(bytes: &mut [u8]) {
    if let Err(error) = getrandom::fill(bytes) {
        panic!("the operating system gives no random bytes: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_bytes_come_twice_even_across_refills_and_threads() {
        let draw = || -> Vec<[u8; 16]> { (0..2_000).map(|_| kernel::outside::random_bytes(&OsEntropy)).collect() };
        let other = std::thread::spawn(draw);
        let mut all = draw();
        all.extend(other.join().unwrap());
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        assert!(all.iter().all(|bytes| *bytes != [0; 16]));
    }

    #[test]
    fn what_was_handed_out_is_wiped() {
        let mut buffer = Buffer { bytes: [0; BUFFER_BYTES], left: 0 };
        let mut first = [0; 100];
        buffer.fill(&mut first);
        assert_ne!(first, [0; 100]);
        assert_eq!(buffer.left, BUFFER_BYTES - 100);
        assert!(buffer.bytes[BUFFER_BYTES - 100..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn long_requests_are_filled_to_their_end() {
        let mut bytes = vec![0; 100_000];
        OsEntropy.fill(&mut bytes);
        assert!(bytes.chunks(1_000).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
    }

    #[test]
    fn the_clock_is_in_microseconds() {
        let (first, second) = (SystemClock.now(), SystemClock.now());
        // 2025-01-01 in seconds since 1970.
        assert!(first.seconds() > 1_735_689_600 && first <= second);
    }
}
