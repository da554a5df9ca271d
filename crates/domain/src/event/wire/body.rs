//! From the bytes of a body to JSON text: gzip by magic bytes, bounded inflation, forms, base64.

use std::borrow::Cow;
use std::io::Read;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::{MultiGzDecoder, ZlibDecoder};

use super::{Limits, WireError, WireErrorKind, WireRequest};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// Names of the form fields that carry JSON.
const DATA_FIELDS: [&[u8]; 2] = [b"data_list", b"data"];

/// The JSON text of a request: its body, or its query when there is no body.
pub(super) fn json_text<'a>(req: &WireRequest<'a>, limits: &Limits) -> Result<Cow<'a, [u8]>, WireError> {
    if req.body.is_empty() {
        let query = req.query.unwrap_or_default();
        if query.len() > limits.body_bytes {
            return Err(WireError::new(WireErrorKind::TooLarge, "the query is longer than a body may be"));
        }
        return form_data(query.as_bytes(), limits)?
            .map(Cow::Owned)
            .ok_or_else(|| WireError::unreadable("the request has neither a body nor a form field data or data_list"));
    }
    let bytes = inflate(Cow::Borrowed(req.body), req.headers.content_encoding, limits)?;
    let start = bytes.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(bytes.len());
    let start = if bytes[start..].starts_with(b"\xef\xbb\xbf") { start + 3 } else { start };
    match bytes.get(start) {
        Some(b'{' | b'[') => Ok(if start == 0 { bytes } else { Cow::Owned(bytes[start..].to_vec()) }),
        Some(_) => form_data(&bytes[start..], limits)?.map(Cow::Owned).ok_or_else(|| {
            WireError::unreadable(
                "the body is neither JSON (it starts with neither { nor [) nor a form with a field data or data_list",
            )
        }),
        None => Err(WireError::unreadable("the body is empty")),
    }
}

/// Inflates by magic bytes, whatever the labels say.
fn inflate<'a>(bytes: Cow<'a, [u8]>, label: Option<&str>, limits: &Limits) -> Result<Cow<'a, [u8]>, WireError> {
    match *bytes {
        [0x1f, 0x8b, ..] => read_bounded(MultiGzDecoder::new(&*bytes), limits).map(Cow::Owned),
        // zlib has no firm magic bytes, so here the label must say so too.
        [a, b, ..]
            if a & 15 == 8 && (u16::from(a) << 8 | u16::from(b)).is_multiple_of(31) && label == Some("deflate") =>
        {
            read_bounded(ZlibDecoder::new(&*bytes), limits).map(Cow::Owned)
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Err(unsupported("zstd")),
        _ if label.is_some_and(|l| l.eq_ignore_ascii_case("br")) && !matches!(bytes.first(), Some(b'{' | b'[')) => {
            Err(unsupported("brotli"))
        }
        _ => Ok(bytes),
    }
}

fn unsupported(name: &str) -> WireError {
    WireError::new(
        WireErrorKind::UnsupportedEncoding,
        format!("the body is compressed with {name}; send it plain or with gzip"),
    )
}

fn read_bounded(reader: impl Read, limits: &Limits) -> Result<Vec<u8>, WireError> {
    let mut out = Vec::new();
    let cap = limits.inflated_bytes as u64;
    reader
        .take(cap + 1)
        .read_to_end(&mut out)
        .map_err(|_| WireError::unreadable("the compressed body is damaged or cut short"))?;
    if out.len() > limits.inflated_bytes {
        return Err(WireError::new(
            WireErrorKind::TooLarge,
            format!("the body inflates to more than {} bytes; send smaller batches", limits.inflated_bytes),
        ));
    }
    Ok(out)
}

/// The JSON of a form's `data` or `data_list`; `None` when it has no such field.
fn form_data(form: &[u8], limits: &Limits) -> Result<Option<Vec<u8>>, WireError> {
    let Some((name, value)) = form_pairs(form).find(|(name, _)| DATA_FIELDS.contains(name)) else { return Ok(None) };
    let field = String::from_utf8_lossy(name);
    let text = percent_decode(value);
    if matches!(text.first(), Some(b'{' | b'[')) {
        return Ok(Some(text));
    }
    let decoded = base64(&text)
        .ok_or_else(|| WireError::unreadable(format!("the form field {field} is neither JSON nor base64")))?;
    let json = inflate(Cow::Owned(decoded), None, limits)?.into_owned();
    match json.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{' | b'[') => Ok(Some(json)),
        Some(_) | None => {
            Err(WireError::unreadable(format!("the form field {field} holds no JSON after base64 and gzip")))
        }
    }
}

/// Name and value of each pair, still percent-encoded.
pub(super) fn form_pairs(form: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    form.split(|b| *b == b'&').filter(|p| !p.is_empty()).map(|pair| match pair.iter().position(|b| *b == b'=') {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (pair, &pair[..0]),
    })
}

/// Percent-decodes; `+` stays, because in base64 it is a digit and elsewhere nobody here sends blanks.
pub(super) fn percent_decode(text: &[u8]) -> Vec<u8> {
    let hex = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(text.len());
    let mut i = 0;
    while i < text.len() {
        if text[i] == b'%'
            && let (Some(high), Some(low)) = (hex(text.get(i + 1)), hex(text.get(i + 2)))
        {
            out.push((high * 16 + low) as u8);
            i += 3;
        } else {
            out.push(text[i]);
            i += 1;
        }
    }
    out
}

/// Decodes a form value to text: `+` is a blank, damaged UTF-8 is replaced.
pub(super) fn form_text(value: &[u8]) -> String {
    let blanks: Vec<u8> = value.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    match String::from_utf8(percent_decode(&blanks)) {
        Ok(text) => text,
        Err(e) => String::from_utf8_lossy(e.as_bytes()).into_owned(),
    }
}

/// Decodes base64 in either alphabet, padded or not; a blank is a `+` that some form lost.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let clean: Cow<'_, [u8]> = if text.iter().any(u8::is_ascii_whitespace) {
        let keep = text.iter().filter(|b| !matches!(b, b'\r' | b'\n' | b'\t'));
        Cow::Owned(keep.map(|b| if *b == b' ' { b'+' } else { *b }).collect())
    } else {
        Cow::Borrowed(text)
    };
    if clean.iter().any(|b| matches!(b, b'-' | b'_')) {
        URL_SAFE.decode(&*clean).ok()
    } else {
        STANDARD.decode(&*clean).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut z = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        z.write_all(data).unwrap();
        z.finish().unwrap()
    }

    fn text(body: &[u8], limits: &Limits) -> Result<String, WireError> {
        let req = WireRequest { path: "/v1/batch", body, ..WireRequest::default() };
        json_text(&req, limits).map(|t| String::from_utf8(t.into_owned()).unwrap())
    }

    #[test]
    fn bytes_decide_and_labels_do_not() {
        let limits = Limits::default();
        assert_eq!(text(&gzip(b"{}"), &limits).unwrap(), "{}");
        assert_eq!(text(b"\xef\xbb\xbf [1]", &limits).unwrap_err().kind, WireErrorKind::Unreadable);
        assert_eq!(text(b"\xef\xbb\xbf[1]", &limits).unwrap(), "[1]");
        assert_eq!(text(b" \n{}", &limits).unwrap(), "{}");
        let form = format!("gzip=1&data={}", STANDARD.encode(gzip(b"{\"a\":1}")).replace('=', "%3D"));
        assert_eq!(text(form.as_bytes(), &limits).unwrap(), "{\"a\":1}");
        assert_eq!(text(b"data=%7B%22a%22%3A1%7D", &limits).unwrap(), "{\"a\":1}");
        assert_eq!(text(b"crc=1&data_list=W3siYSI6MX1d", &limits).unwrap(), "[{\"a\":1}]");
    }

    #[test]
    fn a_gzip_bomb_is_cut_at_the_limit() {
        let limits = Limits { inflated_bytes: 10_000, ..Limits::default() };
        let bomb = gzip(&vec![b' '; 1 << 20]);
        assert!(bomb.len() < 2_000);
        assert_eq!(text(&bomb, &limits).unwrap_err().kind, WireErrorKind::TooLarge);
        let form = format!("data={}", STANDARD.encode(&bomb).replace('+', "%2B"));
        assert_eq!(text(form.as_bytes(), &limits).unwrap_err().kind, WireErrorKind::TooLarge);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let limits = Limits::default();
        for (body, part) in [
            (&b""[..], "empty"),
            (b"hello", "neither JSON"),
            (b"data=***", "neither JSON nor base64"),
            (b"data=aGVsbG8", "holds no JSON"),
            (b"\x1f\x8b\x08\x00", "damaged"),
            (b"\x28\xb5\x2f\xfd\x00", "zstd"),
        ] {
            let error = text(body, &limits).unwrap_err();
            assert!(error.detail.contains(part) || body.is_empty(), "{error}");
        }
    }
}
