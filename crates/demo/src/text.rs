//! Building JSON and instants straight into a string: half a million bodies are written, none is parsed.

use throughline_base::time::DAY_MS;

/// Year, month and day of a count of days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `civil_from_days`).
pub(crate) const fn civil(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let d = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let m = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    (yoe + era * 400 + (m <= 2) as i64, m, d)
}

/// Appends `n` with at least `width` digits.
pub(crate) fn digits(out: &mut String, n: u64, width: usize) {
    let mut buf = [b'0'; 20];
    let mut at = buf.len();
    let mut n = n;
    while n > 0 || buf.len() - at < width.max(1) {
        at -= 1;
        buf[at] = b'0' + (n % 10) as u8;
        n /= 10;
    }
    out.push_str(std::str::from_utf8(&buf[at..]).expect("ASCII digits"));
}

/// Appends `2026-11-21T23:41:30.076` without a zone.
fn instant(out: &mut String, ms: i64) {
    date(out, ms);
    let in_day = ms.rem_euclid(DAY_MS) as u64;
    out.push('T');
    digits(out, in_day / 3_600_000, 2);
    out.push(':');
    digits(out, in_day / 60_000 % 60, 2);
    out.push(':');
    digits(out, in_day / 1_000 % 60, 2);
    out.push('.');
    digits(out, in_day % 1_000, 3);
}

/// Appends the date of `ms`, UTC.
pub(crate) fn date(out: &mut String, ms: i64) {
    let (y, m, d) = civil(ms.div_euclid(DAY_MS));
    digits(out, y.unsigned_abs(), 4);
    out.push('-');
    digits(out, u64::from(m), 2);
    out.push('-');
    digits(out, u64::from(d), 2);
}

/// Appends an instant as JavaScript clients write it.
pub(crate) fn iso_z(out: &mut String, ms: i64) {
    instant(out, ms);
    out.push('Z');
}

/// Appends an instant as Python clients write it.
pub(crate) fn iso_offset(out: &mut String, ms: i64) {
    instant(out, ms);
    out.push_str("+00:00");
}

/// Appends `text` with JSON escapes, without the quotes.
pub(crate) fn escape(out: &mut String, text: &str) {
    if !text.bytes().any(|b| b < 0x20 || b == b'"' || b == b'\\') {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if (c as u32) < 0x20 => {
                out.push_str("\\u00");
                hex(out, u64::from(c as u32), 2);
            }
            c => out.push(c),
        }
    }
}

/// Appends `"text"`.
pub(crate) fn quoted(out: &mut String, text: &str) {
    out.push('"');
    escape(out, text);
    out.push('"');
}

/// Appends `,` unless `out` is empty or just opened a level.
pub(crate) fn comma(out: &mut String) {
    if !matches!(out.as_bytes().last(), None | Some(b'{' | b'[')) {
        out.push(',');
    }
}

/// Appends `"key":`, with a comma before it where one is due.
pub(crate) fn key(out: &mut String, key: &str) {
    comma(out);
    out.push('"');
    out.push_str(key);
    out.push_str("\":");
}

/// Appends the field `"key":"value"`.
pub(crate) fn field(out: &mut String, name: &str, value: &str) {
    key(out, name);
    quoted(out, value);
}

/// Appends the field `"key":n`.
pub(crate) fn number(out: &mut String, name: &str, n: i64) {
    key(out, name);
    if n < 0 {
        out.push('-');
    }
    digits(out, n.unsigned_abs(), 1);
}

/// Appends an amount of minor units with two decimals.
pub(crate) fn decimal(out: &mut String, minor: i64) {
    if minor < 0 {
        out.push('-');
    }
    digits(out, minor.unsigned_abs() / 100, 1);
    out.push('.');
    digits(out, minor.unsigned_abs() % 100, 2);
}

/// Appends the field `"key":12.34`.
pub(crate) fn amount(out: &mut String, name: &str, minor: i64) {
    key(out, name);
    decimal(out, minor);
}

/// Appends the low `width` hexadecimal digits of `n`.
pub(crate) fn hex(out: &mut String, n: u64, width: u32) {
    for i in (0..width).rev() {
        out.push(char::from(b"0123456789abcdef"[(n >> (4 * i) & 15) as usize]));
    }
}

/// Appends a version 4 UUID made of the bits of `n`.
pub(crate) fn uuid(out: &mut String, n: u128) {
    let (hi, lo) = ((n >> 64) as u64, n as u64);
    hex(out, hi >> 32, 8);
    out.push('-');
    hex(out, hi >> 16, 4);
    out.push_str("-4");
    hex(out, hi, 3);
    out.push('-');
    hex(out, lo >> 62 | 8, 1);
    hex(out, lo >> 48, 3);
    out.push('-');
    hex(out, lo, 12);
}

/// Appends `n` as `width` characters of `[0-9A-Za-z]`.
pub(crate) fn base62(out: &mut String, n: u128, width: u32) {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut n = n;
    for _ in 0..width {
        out.push(char::from(ALPHABET[(n % 62) as usize]));
        n /= 62;
    }
}

/// Mixes numbers into one with good bits (the finaliser of `SplitMix64` per part).
pub(crate) fn mix(parts: &[u64]) -> u64 {
    let mut h: u64 = 0x51_7c_c1_b7_27_22_0a_95;
    for p in parts {
        let mut z = (h ^ p).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        h = z ^ (z >> 31);
    }
    h
}

/// 128 mixed bits.
pub(crate) fn mix128(parts: &[u64]) -> u128 {
    let hi = mix(parts);
    u128::from(hi) << 64 | u128::from(mix(&[hi, 0x5bd1]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use throughline_base::Timestamp;

    #[test]
    fn instants_are_written_as_the_house_reads_them() {
        for ms in [0, 951_782_400_123, 1_795_304_490_076, -86_400_000, 4_102_444_799_999] {
            let mut z = String::new();
            iso_z(&mut z, ms);
            assert_eq!(Timestamp::parse(&z), Some(Timestamp::from_ms(ms)), "{z}");
            let mut offset = String::new();
            iso_offset(&mut offset, ms);
            assert_eq!(Timestamp::parse(&offset), Some(Timestamp::from_ms(ms)), "{offset}");
        }
    }

    #[test]
    fn fields_form_valid_json() {
        let mut s = String::from("{");
        field(&mut s, "a", "say \"hi\"\n\u{1}");
        number(&mut s, "b", -12);
        amount(&mut s, "c", 1205);
        s.push('}');
        let v: serde_json::Value = serde_json::from_str(&s).unwrap();
        assert_eq!(v["a"], "say \"hi\"\n\u{1}");
        assert_eq!(v["b"], -12);
        assert_eq!(v["c"], 12.05);
        let mut id = String::new();
        uuid(&mut id, mix128(&[7]));
        assert_eq!(id.len(), 36);
    }
}
