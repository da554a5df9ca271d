//! What a fitted lifetime model says of a customer: whether they are still there, how often they will buy.
//!
//! With `s = r + x`, `n` the chances to leave so far and `z = t/(α+T+t)`: `P(alive) = 1/D`, `D = 1 + a/(b+n-1) ·
//! ((α+T)/(α+t_x))^s`, and `E = (a+b+n-1)/(a-1) · [1 - (1-z)^s ₂F₁(s, b+n; a+b+n-1; z)] / D`. For a customer with 3,000
//! repeats that function reaches 1e274, so it is summed on the log scale; next to `a = 1`, Euler's transformation `(1-z)^(a-1)
//! ₂F₁(a+b+n-1-s, a-1; a+b+n-1; z)` takes its place. Both are written with the tail of the function, which leaves no pole
//! at `a = 1` nor at `a+b = 1`.

use super::lifetime::{Lifetime, LifetimeKind};
use super::summary::Summary;
use crate::insight::numeric::{gauss_tail, ln_gauss_tail_positive};

impl Lifetime {
    /// The chance that the customer has not left. BG/NBD says 1 of everybody without a repeat: nobody leaves there
    /// before the first.
    #[must_use]
    pub fn p_alive(&self, customer: &Summary) -> f64 {
        1.0 / self.odds(customer)
    }

    /// Purchase days to be expected within the next `days`.
    #[must_use]
    pub fn expected(&self, customer: &Summary, days: f64) -> f64 {
        self.expected_alive(customer.repeats, customer.age_days, days) / self.odds(customer)
    }

    /// `D`: one over the chance to be alive.
    fn odds(&self, c: &Summary) -> f64 {
        let Some(first) = self.kind.first_chances() else { return 1.0 };
        let n = c.repeats + first;
        if n == 0 {
            return 1.0;
        }
        let s = self.r + f64::from(c.repeats);
        let ratio = ((self.alpha + f64::from(c.age_days)) / (self.alpha + f64::from(c.last_days))).ln();
        1.0 + (self.a.ln() - (self.b + f64::from(n) - 1.0).ln() + s * ratio).exp()
    }

    /// [`Lifetime::expected`] of a customer who is alive for certain: it does not depend on the last purchase, so that
    /// [`Forecast`] can keep it.
    #[must_use]
    pub fn expected_alive(&self, repeats: u32, age_days: u32, days: f64) -> f64 {
        if days <= 0.0 {
            return 0.0;
        }
        let s = self.r + f64::from(repeats);
        let age = self.alpha + f64::from(age_days);
        let first = match self.kind {
            LifetimeKind::Nbd => return s / age * days,
            LifetimeKind::BgNbd | LifetimeKind::MbgNbd => self.kind.first_chances().unwrap_or(0),
        };
        let z = days / (age + days);
        let ln_rest = -(days / age).ln_1p();
        let c = self.a + self.b + f64::from(repeats + first) - 1.0;
        let b = self.a - 1.0;
        let a = c - s;
        // Terms of the tail alternate up to -a, and outgrow the sum when -a is well beyond c.
        if b.abs() < 0.05 && a > -(c + 8.0) {
            let grown = if b == 0.0 { -ln_rest } else { -(b * ln_rest).exp_m1() / b };
            return c * grown - (b * ln_rest).exp() * a * z * gauss_tail(a, b, c, z);
        }
        // Away from a = 1, or with nearly equal rates, the form before Euler's transformation: its terms are all positive,
        // and summed on the log scale they neither cancel nor overflow, however large a and b (a chance to leave that is
        // the same for everybody). The bracket undoes its pole at a = 1; right beside it digits would be lost, so it is
        // stepped over.
        let b = if b.abs() < 1e-6 { 1e-6 } else { b };
        let stays = c - b;
        let tail = s * ln_rest + (s * stays * z).ln() + ln_gauss_tail_positive(s, stays, c, z);
        -(c * (s * ln_rest).exp_m1() + tail.exp()) / b
    }
}

/// Expectations over one horizon with what equal customers share computed once.
#[derive(Debug)]
pub struct Forecast<'a> {
    model: &'a Lifetime,
    days: f64,
    known: std::collections::HashMap<(u32, u32), f64>,
}

impl<'a> Forecast<'a> {
    /// For the next `days`.
    #[must_use]
    pub fn new(model: &'a Lifetime, days: f64) -> Self {
        Self { model, days, known: std::collections::HashMap::new() }
    }

    /// [`Lifetime::expected`].
    pub fn expected(&mut self, customer: &Summary) -> f64 {
        let (model, days) = (self.model, self.days);
        let key = (customer.repeats, customer.age_days);
        let alive = self.known.entry(key).or_insert_with(|| model.expected_alive(key.0, key.1, days));
        *alive / model.odds(customer)
    }
}
