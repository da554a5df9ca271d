//! 腾讯广告 (Tencent Ads) 客户文件人群.
//!
//! "上传客户人群数据文件 custom_audience_files/add" (developers.e.qq.com, v3.0): a text or CSV file with one identifier a
//! line, zipped, at most 100 MB; `user_id_type` says which, `operation_type` `APPEND` or `REDUCE` whether they come or
//! go. "客户文件人群" (the same site): `HASH_MOBILE_PHONE` is MD5 of the eleven digits, `HASH_IMEI` MD5 of 14 or 15 digits and
//! lower-case letters, `HASH_IDFA` MD5 of the upper-case IDFA; hashes are taken in either case. The page's examples are
//! in the tests. `SHA256_MOBILE_PHONE` is listed without a note of its own: it is taken to be of the same eleven digits,
//! and `HASH_OAID` of the OAID as it is; both could not be verified.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::normal::{mainland, md5, sha256};
use super::{Contact, Record};

/// Which identifier a file holds: a `user_id_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TencentId {
    /// `HASH_MOBILE_PHONE`.
    PhoneMd5,
    /// `SHA256_MOBILE_PHONE`.
    PhoneSha256,
    /// `HASH_IMEI`.
    ImeiMd5,
    /// `HASH_IDFA`.
    IdfaMd5,
    /// `OAID`.
    Oaid,
    /// `HASH_OAID`.
    OaidMd5,
    /// `WECHAT_OPENID`; the app's id is asked for at the upload.
    WechatOpenid,
    /// `WX_UNIONID`.
    WechatUnionid,
}

impl TencentId {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::PhoneMd5,
        Self::PhoneSha256,
        Self::ImeiMd5,
        Self::IdfaMd5,
        Self::Oaid,
        Self::OaidMd5,
        Self::WechatOpenid,
        Self::WechatUnionid,
    ];

    /// The platform's `user_id_type`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PhoneMd5 => "HASH_MOBILE_PHONE",
            Self::PhoneSha256 => "SHA256_MOBILE_PHONE",
            Self::ImeiMd5 => "HASH_IMEI",
            Self::IdfaMd5 => "HASH_IDFA",
            Self::Oaid => "OAID",
            Self::OaidMd5 => "HASH_OAID",
            Self::WechatOpenid => "WECHAT_OPENID",
            Self::WechatUnionid => "WX_UNIONID",
        }
    }

    fn values(self, c: &Contact) -> Vec<String> {
        let phones = || c.all("phone").iter().filter_map(|p| mainland(p));
        match self {
            Self::PhoneMd5 => phones().map(md5).collect(),
            Self::PhoneSha256 => phones().map(sha256).collect(),
            Self::ImeiMd5 => c.device("imei").iter().map(|id| md5(&id.to_lowercase())).collect(),
            Self::IdfaMd5 => c.device("idfa").iter().map(|id| md5(&id.to_uppercase())).collect(),
            Self::Oaid => c.device("oaid"),
            Self::OaidMd5 => c.device("oaid").iter().map(|id| md5(id)).collect(),
            Self::WechatOpenid => c.all("openid").to_vec(),
            Self::WechatUnionid => c.all("unionid").to_vec(),
        }
    }
}

/// A line for each identifier.
pub(super) fn lines(id: TencentId, c: &Contact) -> Vec<Record> {
    id.values(c).into_iter().map(|v| vec![Value::String(v)]).collect()
}
