//! Hashes, and the forms that platforms want before hashing.

use md5::Md5;
use sha2::{Digest, Sha256};

use crate::person::consent::hex;

/// SHA-256 as lower-case hexadecimal text.
pub(super) fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// MD5 as lower-case hexadecimal text. Platforms in China still ask for it; it hides nothing from whoever can try all
/// phone numbers, which is true of SHA-256 too.
pub(super) fn md5(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()))
}

/// Blanks around it and letter case removed.
pub(super) fn trim_lower(text: &str) -> String {
    text.trim().to_lowercase()
}

/// As [`trim_lower`], and without blanks and punctuation inside: `O'Neil-Smith` is `oneilsmith`.
pub(super) fn letters(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Digits of an E.164 number with the country code and without `+`.
pub(super) fn phone_digits(e164: &str) -> Option<String> {
    let digits: String = e164.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    (digits.len() >= 7).then(|| digits.to_owned())
}

/// An E.164 number as it is: `+` and digits.
pub(super) fn e164(phone: &str) -> Option<&str> {
    let digits = phone.strip_prefix('+')?;
    (digits.len() >= 7 && digits.len() <= 15 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(phone)
}

/// The eleven digits of a mainland mobile number; `None` for every other number.
pub(super) fn mainland(phone: &str) -> Option<&str> {
    let digits = phone.strip_prefix("+86")?;
    (digits.len() == 11 && digits.starts_with('1') && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}
