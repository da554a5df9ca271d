//! Files into an S3-compatible bucket.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{HttpClient, HttpConnector};
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStoreExt as _, PutPayload, RetryConfig, WriteMultipart};
use tokio::io::AsyncReadExt as _;

use crate::error::{ChannelError, Result};
use crate::{Channels, Reach, guard};

/// Files up to this size go in one request; larger ones in parts of it.
const PART: usize = 8 << 20;
/// Longest wait for one request.
const REQUEST: Duration = Duration::from_secs(120);
/// Longest wait for a whole file.
const LIMIT: Duration = Duration::from_secs(3_600);

/// A place in a bucket.
#[derive(Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Name of the bucket.
    pub bucket: String,
    /// Folder inside it; may be empty.
    pub prefix: String,
    /// Region; `us-east-1` when empty.
    pub region: String,
    /// Address of a storage that is not Amazon's; empty for Amazon's.
    pub endpoint: String,
    /// Addresses the bucket as a host name instead of a path.
    pub virtual_hosted_style: bool,
    /// Access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bucket").field("bucket", &self.bucket).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Makes guarded clients for the storage's own code.
#[derive(Debug)]
struct Guarded(Reach);

impl HttpConnector for Guarded {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = self.0.client(REQUEST);
        client.map(HttpClient::new).map_err(|e| object_store::Error::Generic { store: "S3", source: Box::new(e) })
    }
}

impl Bucket {
    /// Whether it can be used at all, without asking the storage.
    ///
    /// # Errors
    /// What is missing or cannot be used.
    pub fn checked(&self, channels: &Channels) -> Result<()> {
        self.open(channels.reach()).map(drop)
    }

    fn open(&self, reach: Reach) -> Result<AmazonS3> {
        if self.bucket.is_empty() || self.bucket.contains('/') {
            return Err(ChannelError::setup("the bucket needs a name without slashes"));
        }
        // Without keys the client would ask this machine's own role, which nobody meant to lend.
        if self.access_key_id.is_empty() || self.secret_access_key.is_empty() {
            return Err(ChannelError::setup("the bucket needs an access key and its secret"));
        }
        let region = if self.region.is_empty() { "us-east-1" } else { &self.region };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.bucket)
            .with_region(region)
            .with_access_key_id(&self.access_key_id)
            .with_secret_access_key(&self.secret_access_key)
            .with_virtual_hosted_style_request(self.virtual_hosted_style)
            .with_allow_http(reach == Reach::Anywhere)
            .with_retry(RetryConfig { max_retries: 1, retry_timeout: REQUEST, ..RetryConfig::default() })
            .with_http_connector(Guarded(reach));
        if !self.endpoint.is_empty() {
            reach.checked(&self.endpoint)?;
            builder = builder.with_endpoint(self.endpoint.trim_end_matches('/'));
        }
        builder.build().map_err(|e| ChannelError::setup(format!("the bucket cannot be used: {e}")))
    }

    fn place(&self, name: &str) -> Path {
        let prefix = self.prefix.trim_matches('/');
        if prefix.is_empty() { Path::from(name) } else { Path::from(format!("{prefix}/{name}")) }
    }

    /// Uploads a file under `name`; returns where it lies. One of that name is replaced.
    ///
    /// # Errors
    /// What the storage answered, or why it did not.
    pub fn put(&self, channels: &Channels, name: &str, from: &FilePath) -> Result<String> {
        let store = Arc::new(self.open(channels.reach())?);
        let place = self.place(name);
        let shown = format!("s3://{}/{place}", self.bucket);
        let file = from.to_owned();
        channels.wait(LIMIT, async move { upload(store, place, file).await })?;
        Ok(shown)
    }

    /// Deletes a file; one that is not there is deleted already.
    ///
    /// # Errors
    /// As [`Bucket::put`].
    pub fn remove(&self, channels: &Channels, name: &str) -> Result<()> {
        let store = self.open(channels.reach())?;
        let place = self.place(name);
        channels.wait(REQUEST, async move {
            match store.delete(&place).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(e) => Err(failed(&e)),
            }
        })
    }
}

async fn upload(store: Arc<AmazonS3>, place: Path, file: PathBuf) -> Result<()> {
    let unread = |e: std::io::Error| ChannelError::unreachable(format!("the file to upload cannot be read: {e}"));
    let mut source = tokio::fs::File::open(&file).await.map_err(unread)?;
    let first = chunk(&mut source).await.map_err(unread)?;
    if first.len() < PART {
        store.put(&place, PutPayload::from_bytes(first)).await.map_err(|e| failed(&e))?;
        return Ok(());
    }
    let parts = store.put_multipart(&place).await.map_err(|e| failed(&e))?;
    let mut writer = WriteMultipart::new_with_chunk_size(parts, PART);
    let mut next = first;
    while !next.is_empty() {
        writer.wait_for_capacity(2).await.map_err(|e| failed(&e))?;
        writer.put(next);
        next = chunk(&mut source).await.map_err(unread)?;
    }
    writer.finish().await.map(drop).map_err(|e| failed(&e))
}

/// The next part of a file; empty at its end.
async fn chunk(source: &mut tokio::fs::File) -> std::io::Result<Bytes> {
    let mut part = Vec::with_capacity(PART);
    source.take(PART as u64).read_to_end(&mut part).await?;
    Ok(part.into())
}

/// The storage's text names the request and its answer, neither of which holds a secret.
fn failed(e: &object_store::Error) -> ChannelError {
    if let Some(ours) = guard::guarded(e) {
        return ours;
    }
    match e {
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            ChannelError::refused(
                "the storage refuses the access key; check key, secret and the right to write (s3:PutObject)",
            )
        }
        object_store::Error::NotFound { .. } => {
            ChannelError::refused("the storage knows no such bucket; check its name, region and endpoint")
        }
        other => ChannelError::unreachable(format!("the storage failed: {other}")),
    }
}
