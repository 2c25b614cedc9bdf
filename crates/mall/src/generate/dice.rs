//! Numbers that look random and follow from a seed: SplitMix64, a few lines that must never change, because a seed names
//! the orders it makes.

/// A sequence of numbers.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// The sequence of the order number `index` of a seed: each order has its own, so that they can be made in any order.
    pub fn of(seed: u64, index: u64) -> Dice {
        let mut of_seed = Dice::new(seed);
        Dice::new(of_seed.next() ^ Dice::new(index).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `bound` − 1; 0 when `bound` is.
    pub fn below(&mut self, bound: u32) -> u32 {
        // The high half times the bound: no number is favoured by more than one in four thousand million.
        (((self.next() >> 32) * u64::from(bound)) >> 32) as u32
    }

    /// True so many times in a thousand.
    pub fn in_thousand(&mut self, times: u32) -> bool {
        self.below(1_000) < times
    }

    /// One of them.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u32) as usize]
    }

    /// One of these words.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn word(&mut self, from: &[&str]) -> String {
        (*self.pick(from)).to_owned()
    }

    /// One of them, each as often as its weight says.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn weighted<T: Copy>(&mut self, from: &[(T, u32)]) -> T {
        let mut at = self.below(from.iter().map(|(_, weight)| weight).sum());
        for (value, weight) in from {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return *value,
            }
        }
        from[0].0
    }

    /// `UCSK-XEPV-LEGJ-H0SW`.
    pub fn coupon_code(&mut self) -> String {
        const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let letters = |dice: &mut Dice| (0..4).map(|_| char::from(*dice.pick(LETTERS))).collect::<String>();
        let parts: Vec<String> = (0..4).map(|_| letters(self)).collect();
        parts.join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_of_a_seed_never_changes() {
        // The first numbers of SplitMix64 for seed 1234567, from its published reference.
        let mut dice = Dice::new(1_234_567);
        assert_eq!(dice.next(), 6_457_827_717_110_365_317);
        assert_eq!(dice.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn lots_are_fair() {
        let mut dice = Dice::new(1);
        let mut drawn = [0; 6];
        (0..60_000).for_each(|_| drawn[dice.below(6) as usize] += 1);
        assert!(drawn.iter().all(|times| (9_500..10_500).contains(times)), "{drawn:?}");
        let weighted = (0..10_000).filter(|_| dice.weighted(&[(true, 1), (false, 3)])).count();
        assert!((2_300..2_700).contains(&weighted), "{weighted}");
    }
}
