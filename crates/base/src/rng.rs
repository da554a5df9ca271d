//! Random numbers are injected too. Two kinds: a seeded stream for decisions that must repeat, and
//! [`Rng::secret`] for keys and tokens, which must not.

/// A seeded stream of random numbers (`SplitMix64`, Steele, Lea and Flood 2014). Not for secrets.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// The stream of `seed`.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 random bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        // Multiply-shift: the bias of at most n / 2^64 does not matter here.
        ((u128::from(self.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// A number in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// One of `items`.
    ///
    /// # Panics
    /// When `items` is empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// A stream of its own for `label`, so that adding draws in one place moves nothing in another.
    #[must_use]
    pub const fn fork(&self, label: u64) -> Self {
        let mut r = Self(self.0 ^ label.wrapping_mul(0xd6e8_feb8_6659_fd93));
        let _ = r.next_u64();
        r
    }

    /// `n` bytes from the operating system, for keys and tokens.
    ///
    /// # Panics
    /// When the operating system has no random numbers to give: nothing secret can be made then.
    #[must_use]
    pub fn secret(n: usize) -> Vec<u8> {
        let mut out = vec![0; n];
        getrandom::fill(&mut out).expect("the operating system gives random bytes");
        out
    }
}
