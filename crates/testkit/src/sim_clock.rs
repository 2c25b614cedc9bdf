//! Machine time and randomness under the control of a test.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use kernel::{Clock, Entropy, Timestamp};

/// A clock that stands still until it is advanced.
#[derive(Debug)]
pub struct SimClock {
    now_us: AtomicI64,
}

impl SimClock {
    /// Stands at `now`.
    pub fn at(now: Timestamp) -> SimClock {
        SimClock { now_us: AtomicI64::new(now.micros()) }
    }

    /// Moves forward by `micros`; the new time.
    pub fn advance(&self, micros: i64) -> Timestamp {
        Timestamp::from_micros(self.now_us.fetch_add(micros, Ordering::SeqCst) + micros)
    }

    /// Moves forward by `seconds`; the new time.
    pub fn advance_seconds(&self, seconds: i64) -> Timestamp {
        self.advance(seconds * kernel::time::MICROS_PER_SECOND)
    }
}

impl Default for SimClock {
    /// Stands at 2026-11-22T09:00:00 JST.
    fn default() -> SimClock {
        SimClock::at(Timestamp::from_seconds(1_795_305_600))
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.now_us.load(Ordering::SeqCst))
    }
}

/// The same bytes for the same seed: SplitMix64. A test that fails can be run again.
#[derive(Debug)]
pub struct SeededEntropy {
    state: AtomicU64,
}

impl SeededEntropy {
    /// The sequence of `seed`.
    pub fn new(seed: u64) -> SeededEntropy {
        SeededEntropy { state: AtomicU64::new(seed) }
    }

    /// The next 64 bits.
    pub fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut bits = self.state.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&self, end: u64) -> u64 {
        self.next() % end
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}
