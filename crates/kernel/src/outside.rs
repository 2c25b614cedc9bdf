//! What the outside world hands in: machine time and randomness. Implemented by the binary and by the test kit only.

use crate::Timestamp;

/// Machine time: never turned. World time is derived from it by the store (design "Time: two clocks").
pub trait Clock: Send + Sync + 'static {
    /// The present instant of this machine.
    fn now(&self) -> Timestamp;
}

/// A source of unpredictable bytes, fit for keys and nonces.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes` completely.
    fn fill(&self, bytes: &mut [u8]);
}

/// `N` unpredictable bytes.
pub fn random_bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// `N` unpredictable bytes as `2 * N` lower-case hex digits.
pub fn random_hex<const N: usize>(entropy: &dyn Entropy) -> String {
    crate::id::hex(&random_bytes::<N>(entropy))
}

/// 32 lower-case hex digits that sort by the millisecond in which they were made: rows with such ids are appended, not
/// scattered. 80 bits are unpredictable.
pub fn sortable_hex(now: crate::Timestamp, entropy: &dyn Entropy) -> String {
    let milliseconds = (now.micros() / 1_000).max(0) as u64 & 0xffff_ffff_ffff;
    format!("{milliseconds:012x}{}", random_hex::<10>(entropy))
}
