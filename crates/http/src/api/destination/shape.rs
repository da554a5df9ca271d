//! What types of the rules look like on the wire, for the OpenAPI file. A test reads the same texts as both.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a destination is, without anything secret.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DestinationSettings {
    /// A folder below `destinations` in the data folder.
    File {
        /// Its name.
        folder: String,
        /// How many files of a sync are kept; 7 when left out.
        keep: Option<u32>,
    },
    /// A bucket of an S3-compatible storage. Secret: `secret_access_key`.
    S3 {
        bucket: String,
        /// Folder inside it.
        prefix: Option<String>,
        /// `us-east-1` when left out.
        region: Option<String>,
        /// Address of a storage that is not Amazon's.
        endpoint: Option<String>,
        /// Addresses the bucket as a host name.
        virtual_hosted_style: Option<bool>,
        access_key_id: String,
    },
    /// A folder of an SFTP server. Secrets: `password`, or `private_key` with `passphrase`.
    Sftp {
        host: String,
        /// 22 when left out.
        port: Option<u16>,
        user: String,
        /// Fingerprint of the server's key, `SHA256:…`. Without one a test says which it shows.
        host_key: Option<String>,
        /// The account's own when left out.
        folder: Option<String>,
    },
    /// An address that is sent signed JSON. Secrets: `url`, `signing_secret`, `headers`.
    Webhook {
        /// The host of the address; set by the server.
        host: Option<String>,
        /// People in one request, at most 1,000.
        batch: Option<u32>,
    },
}

/// The form in which people leave.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ExportFormat {
    /// A table as comma-separated values. The first column is `person_id`.
    Csv { columns: Vec<ExportColumn> },
    /// The same as Parquet.
    Parquet { columns: Vec<ExportColumn> },
    /// The same as a JSON object a line; the only format of a webhook.
    Json { columns: Vec<ExportColumn> },
    /// A customer list of Meta Ads Manager.
    MetaCustomers,
    /// A Customer Match file of Google Ads.
    GoogleCustomers,
    /// A list for the upload page of 巨量引擎's DMP.
    OceanList { id: OceanIdType },
    /// A file for 巨量引擎's 数据源 interface.
    OceanData { id: OceanIdType },
    /// A 客户文件人群 file of 腾讯广告.
    TencentList { id: TencentIdType },
}

/// A column of a table.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportColumn {
    /// What it is called in the file.
    name: String,
    source: ExportSource,
    /// Whether a hash is sent instead.
    hash: Option<ExportHash>,
}

/// What a column holds.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportSource {
    /// The strongest identifier of a namespace.
    Identifier(String),
    /// Every identifier of the namespace.
    Identifiers(String),
    /// A trait, as the person shows it.
    Trait(String),
    /// The tags.
    Tags,
    /// The life-cycle stage.
    Stage,
    /// Since when the person is in the audience.
    EnteredAt,
}

/// A hash.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportHash {
    None,
    Sha256,
    Md5,
}

/// An identifier of 巨量引擎.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OceanIdType {
    PhoneSha256,
    /// 千川 only, and only as a list.
    PhoneMd5,
    ImeiMd5,
    IdfaMd5,
    Oaid,
    OaidMd5,
}

/// A `user_id_type` of 腾讯广告.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TencentIdType {
    PhoneMd5,
    PhoneSha256,
    ImeiMd5,
    IdfaMd5,
    Oaid,
    OaidMd5,
    WechatOpenid,
    WechatUnionid,
}

/// Set times, on the wall of the installation's zone.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ExportSchedule {
    /// Every so many minutes, 5 to 1440.
    Every { minutes: u32 },
    /// Once an hour.
    Hourly { minute: u8 },
    /// Once a day.
    Daily { hour: u8, minute: u8 },
    /// Once a week; 1 is Monday.
    Weekly { weekday: u8, hour: u8, minute: u8 },
}

#[cfg(test)]
mod tests {
    use super::*;
    use throughline_app::destination::Place;
    use throughline_domain::audience::export::{Format, OceanId, Schedule, TencentId};

    /// Both read it, and neither knows a field that the other does not.
    fn both<A: serde::de::DeserializeOwned, B: serde::de::DeserializeOwned>(text: &str) {
        serde_json::from_str::<A>(text).unwrap_or_else(|e| panic!("the rules: {e}: {text}"));
        serde_json::from_str::<B>(text).unwrap_or_else(|e| panic!("the description: {e}: {text}"));
    }

    #[test]
    fn what_the_description_says_is_what_the_rules_take() {
        for text in [
            r#"{"kind":"file","folder":"x"}"#,
            r#"{"kind":"s3","bucket":"b","access_key_id":"k","region":"r","endpoint":"","prefix":"","virtual_hosted_style":true}"#,
            r#"{"kind":"sftp","host":"h","user":"u","port":22,"host_key":"SHA256:x","folder":"in"}"#,
            r#"{"kind":"webhook","batch":10}"#,
        ] {
            both::<Place, DestinationSettings>(text);
        }
        let columns = r#"[{"name":"a","source":{"identifier":"email"},"hash":"sha256"},{"name":"b","source":"tags"},{"name":"c","source":"entered_at"},{"name":"d","source":{"trait":"x"}},{"name":"e","source":{"identifiers":"phone"}},{"name":"f","source":"stage"}]"#;
        for kind in ["csv", "parquet", "json"] {
            both::<Format, ExportFormat>(&format!(r#"{{"kind":"{kind}","columns":{columns}}}"#));
        }
        both::<Format, ExportFormat>(r#"{"kind":"meta_customers"}"#);
        both::<Format, ExportFormat>(r#"{"kind":"google_customers"}"#);
        for id in OceanId::ALL {
            let id = serde_json::to_string(&id).unwrap();
            both::<Format, ExportFormat>(&format!(r#"{{"kind":"ocean_list","id":{id}}}"#));
            both::<Format, ExportFormat>(&format!(r#"{{"kind":"ocean_data","id":{id}}}"#));
        }
        for id in TencentId::ALL {
            let id = serde_json::to_string(&id).unwrap();
            both::<Format, ExportFormat>(&format!(r#"{{"kind":"tencent_list","id":{id}}}"#));
        }
        for text in [
            r#"{"every":{"minutes":15}}"#,
            r#"{"hourly":{"minute":5}}"#,
            r#"{"daily":{"hour":2,"minute":30}}"#,
            r#"{"weekly":{"weekday":1,"hour":2,"minute":30}}"#,
        ] {
            both::<Schedule, ExportSchedule>(text);
        }
    }
}
