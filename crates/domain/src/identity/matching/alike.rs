//! Small judgements about names, local parts and hidden values.

use super::compare::edits_within;
use super::value::Name;

pub(super) fn likeness(similarity: f64) -> u8 {
    match similarity {
        s if s >= 0.92 => 3,
        s if s >= 0.88 => 2,
        s if s >= 0.7 => 1,
        _ => 0,
    }
}

/// Whether two local parts have numbers of two digits and more that are not one with a typing error: `li.wei12` and
/// `li.wei86` are namesakes, and as alike as their names are.
pub(super) fn other_number(a: &[u32], b: &[u32]) -> bool {
    let digits = |local: &[u32]| -> ([u32; MOST_DIGITS], usize) {
        let (mut out, mut n) = ([0; MOST_DIGITS], 0);
        for c in local.iter().filter(|c| (0x30..=0x39).contains(*c)).take(MOST_DIGITS) {
            out[n] = *c;
            n += 1;
        }
        (out, n)
    };
    let ((x, m), (y, n)) = (digits(a), digits(b));
    m >= 2 && n >= 2 && edits_within(&x[..m], &y[..n], 1).is_none()
}

const MOST_DIGITS: usize = 16;

/// Whether all words of the shorter name occur in the longer one: `Mary` and `Mary Ann`, `小明` and `明`.
pub(super) fn holds(p: &[u32], q: &[u32], a: &Name, b: &Name) -> bool {
    let within = |few: &[u32], one: &Name, many: &[u32]| match few {
        [] => many.len() > 1 && !one.han && one.letters.len() > 2 && many.contains(&one.spoken),
        few => few.len() < many.len() && few.iter().all(|w| many.contains(w)),
    };
    within(p, a, q) || within(q, b, p)
}

/// Whether Jaro–Winkler can reach the lowest level: from the letters that one name has and the other has not.
pub(super) fn may_be_alike(a: &Name, b: &Name, la: &[u32], lb: &[u32]) -> bool {
    let without = |len: usize, mask: u64| len.saturating_sub(mask.count_ones() as usize);
    let most = without(la.len(), a.mask & !b.mask).min(without(lb.len(), b.mask & !a.mask));
    if most == 0 {
        return false;
    }
    let m = most as f64;
    let jaro = (m / la.len() as f64 + m / lb.len() as f64 + 1.0) / 3.0;
    jaro > 0.7
}

/// Whether two texts can be one, where `*` stands for any number of signs.
pub(super) fn fits<T: Copy + PartialEq + From<u8>>(a: &[T], b: &[T]) -> bool {
    let star = T::from(b'*');
    let head = a.iter().zip(b).take_while(|(x, y)| x == y && **x != star).count();
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y && **x != star).count();
    let hides = |t: &[T]| {
        let from = t.iter().position(|x| *x == star);
        let to = t.iter().rposition(|x| *x == star);
        from.zip(to).is_some_and(|(from, to)| head >= from && tail >= t.len() - 1 - to)
    };
    head + tail >= 4 && (hides(a) || hides(b))
}
