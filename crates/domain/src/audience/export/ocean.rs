//! 巨量引擎 (Ocean Engine, ByteDance).
//!
//! Two ways in. The upload page of 巨量引擎's DMP takes a zip of text files with one identifier a line, at most ten
//! million of them and 50 MB packed; an IMEI is made lower-case and an IDFA upper-case before MD5 (the notes on that
//! page). The interface "数据源文件上传" takes a zip whose lines are base64 of `DmpData` messages (Protocol Buffers 2),
//! each with at most 10,000 identifiers, with these numbers of `DataType`: `IMEI` 0, `IDFA` 1, `UID` 2, `IMEI_MD5` 4,
//! `IDFA_MD5` 5, `MOBILE_HASH_SHA256` 6, `OAID` 7, `OAID_MD5` 8 (`toutiao_dmp.proto` as published in the clients
//! `bububa/oceanengine` and `MrNullPoint/OceanEngineApi`). 千川's "上传人群" numbers them otherwise, and it alone lists
//! MD5 of a phone number: 11 IMEI-MD5, 12 IDFA-MD5, 14 手机号-SHA256, 15 OAID, 16 OAID-MD5, 17 手机号-MD5.
//!
//! A phone number is hashed as its eleven digits without +86. Not verified, for want of a public page: that an OAID is
//! hashed as it is, and that numbers from outside the mainland are not taken; they are left out here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::normal::{mainland, md5, sha256};
use super::{Contact, Record};

/// Which identifier a file holds; a file holds one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OceanId {
    /// SHA-256 of the mobile number.
    PhoneSha256,
    /// MD5 of the mobile number (千川 only).
    PhoneMd5,
    /// MD5 of the lower-case IMEI.
    ImeiMd5,
    /// MD5 of the upper-case IDFA.
    IdfaMd5,
    /// The OAID as it is.
    Oaid,
    /// MD5 of the OAID.
    OaidMd5,
}

impl OceanId {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::PhoneSha256, Self::PhoneMd5, Self::ImeiMd5, Self::IdfaMd5, Self::Oaid, Self::OaidMd5];

    /// The platform's own name of it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PhoneSha256 => "MOBILE_HASH_SHA256",
            Self::PhoneMd5 => "MOBILE_MD5",
            Self::ImeiMd5 => "IMEI_MD5",
            Self::IdfaMd5 => "IDFA_MD5",
            Self::Oaid => "OAID",
            Self::OaidMd5 => "OAID_MD5",
        }
    }

    /// Its number in `DmpData`; that message knows no MD5 of a phone number.
    #[must_use]
    pub const fn data_type(self) -> Option<u8> {
        match self {
            Self::PhoneSha256 => Some(6),
            Self::PhoneMd5 => None,
            Self::ImeiMd5 => Some(4),
            Self::IdfaMd5 => Some(5),
            Self::Oaid => Some(7),
            Self::OaidMd5 => Some(8),
        }
    }

    fn values(self, c: &Contact) -> Vec<String> {
        let phones = || c.all("phone").iter().filter_map(|p| mainland(p));
        match self {
            Self::PhoneSha256 => phones().map(sha256).collect(),
            Self::PhoneMd5 => phones().map(md5).collect(),
            Self::ImeiMd5 => c.device("imei").iter().map(|id| md5(&id.to_lowercase())).collect(),
            Self::IdfaMd5 => c.device("idfa").iter().map(|id| md5(&id.to_uppercase())).collect(),
            Self::Oaid => c.device("oaid"),
            Self::OaidMd5 => c.device("oaid").iter().map(|id| md5(id)).collect(),
        }
    }
}

/// A line for each identifier.
pub(super) fn lines(id: OceanId, c: &Contact) -> Vec<Record> {
    id.values(c).into_iter().map(|v| vec![Value::String(v)]).collect()
}

/// One line: a message with all identifiers of the person.
pub(super) fn messages(id: OceanId, c: &Contact) -> Vec<Record> {
    let Some(data_type) = id.data_type() else { return Vec::new() };
    let values = id.values(c);
    if values.is_empty() {
        return Vec::new();
    }
    let mut message = Vec::new();
    for value in &values {
        // IdItem { dataType = 2: varint, id = 3: bytes }, length-delimited as field 1 of DmpData.
        let mut item = vec![2 << 3, data_type];
        delimited(&mut item, 3, value.as_bytes());
        delimited(&mut message, 1, &item);
    }
    vec![vec![Value::String(BASE64.encode(&message))]]
}

/// A length-delimited field (wire type 2).
fn delimited(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    out.push(field << 3 | 2);
    let mut length = bytes.len();
    while length >= 0x80 {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(bytes);
}
