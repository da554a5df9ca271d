//! Where the lake lies and how it is cut.

use std::fmt;

/// Settings of [`crate::Lake::open`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LakeConfig {
    /// `s3://bucket/prefix`, `file:///absolute/folder`, or a folder.
    pub url: String,
    /// How to reach the storage of an `s3://` URL.
    pub s3: S3Config,
    /// Person buckets of a month. Taken when the lake is first made; later the lake's own marker file rules.
    pub buckets: u16,
    /// Rows of a full file.
    pub target_rows: usize,
    /// Rows of a row group.
    pub row_group_rows: usize,
    /// How many bytes of file footers are kept in memory.
    pub metadata_cache_bytes: usize,
    /// Threads that encode files while writing and compacting.
    pub write_threads: usize,
}

impl Default for LakeConfig {
    fn default() -> Self {
        Self {
            url: "lake".into(),
            s3: S3Config::default(),
            buckets: 16,
            target_rows: 512 * 1024,
            row_group_rows: 64 * 1024,
            metadata_cache_bytes: 32 << 20,
            write_threads: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// An S3-compatible storage.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct S3Config {
    /// Address of a storage that is not Amazon's, for instance `http://127.0.0.1:9000`.
    pub endpoint: Option<String>,
    /// Region; `us-east-1` when absent.
    pub region: Option<String>,
    /// Access key; without one the machine's own role is asked for (instance or container credentials).
    pub access_key_id: Option<String>,
    /// Secret of the access key.
    pub secret_access_key: Option<String>,
    /// Token of temporary credentials.
    pub session_token: Option<String>,
    /// Allows `http://` endpoints.
    pub allow_http: bool,
    /// Addresses the bucket as a host name (`bucket.endpoint`) instead of a path.
    pub virtual_hosted_style: bool,
}

impl fmt::Debug for S3Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = |s: &Option<String>| s.as_ref().map(|_| "***");
        f.debug_struct("S3Config")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("access_key_id", &secret(&self.access_key_id))
            .field("secret_access_key", &secret(&self.secret_access_key))
            .field("session_token", &secret(&self.session_token))
            .field("allow_http", &self.allow_http)
            .field("virtual_hosted_style", &self.virtual_hosted_style)
            .finish()
    }
}
