//! Chance that can be had again: everything follows from a seed.

/// A stream of random numbers (SplitMix64).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// A seed that nobody has had before.
    #[must_use]
    pub fn fresh_seed() -> u64 {
        let random = kernel::fresh::ulid().0 % u128::from(u64::MAX);
        u64::try_from(random).expect("it is below")
    }

    /// The stream of `seed`. Streams of neighbouring seeds have nothing in common.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// The stream of the `n`th part of something that has this seed.
    #[must_use]
    pub fn part(seed: u64, n: u64) -> Self {
        Self(mix(mix(seed) ^ n))
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below `limit`. (That small limits do not divide 2^64 is of no weight here.)
    pub fn below(&mut self, limit: u64) -> u64 {
        self.draw() % limit
    }

    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let limit = u64::try_from(choices.len()).ok().filter(|limit| *limit > 0)?;
        choices.get(usize::try_from(self.below(limit)).ok()?)
    }
}

fn mix(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
