//! An S3-compatible bucket. The client is asynchronous; it runs on one thread of its own, so that callers may be
//! plain threads or tasks alike.

use std::future::Future;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use tokio::runtime::Runtime;

use super::Listed;
use crate::config::LakeConfig;
use crate::error::{LakeError, Result};

#[derive(Debug)]
pub(crate) struct S3Storage {
    client: Arc<AmazonS3>,
    bucket: String,
    prefix: String,
    /// Taken out only when dropped.
    runtime: Option<Runtime>,
}

impl S3Storage {
    pub(crate) fn open(config: &LakeConfig) -> Result<Self> {
        let wrong = |e: &dyn std::fmt::Display| LakeError::Config { detail: format!("{}: {e}", config.url) };
        let place = config.url.strip_prefix("s3://").unwrap_or(&config.url);
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if bucket.is_empty() {
            return Err(wrong(&"it names no bucket; use s3://bucket/prefix"));
        }
        // The first caller in the process decides the provider; any that is there already serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let s3 = &config.s3;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(s3.region.as_deref().unwrap_or("us-east-1"))
            .with_allow_http(s3.allow_http)
            .with_virtual_hosted_style_request(s3.virtual_hosted_style);
        if let Some(endpoint) = &s3.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let (Some(id), Some(secret)) = (&s3.access_key_id, &s3.secret_access_key) {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
        }
        if let Some(token) = &s3.session_token {
            builder = builder.with_token(token);
        }
        let client = builder.build().map_err(|e| wrong(&e))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("lake-s3")
            .enable_all()
            .build()
            .map_err(|e| LakeError::storage(&config.url, "starting the client of", e))?;
        Ok(Self {
            client: Arc::new(client),
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            runtime: Some(runtime),
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix)
    }

    fn at(&self, path: &str) -> Path {
        if self.prefix.is_empty() { Path::from(path) } else { Path::from(format!("{}/{path}", self.prefix)) }
    }

    /// Runs a request on the client's thread and waits for it.
    fn wait<T, F>(&self, path: &str, doing: &'static str, request: F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = object_store::Result<T>> + Send + 'static,
    {
        let (done, answer) = mpsc::sync_channel(1);
        if let Some(runtime) = &self.runtime {
            runtime.spawn(async move {
                // The receiver is gone only when the caller's thread died: nobody is left to tell.
                let _ = done.send(request.await);
            });
        }
        match answer.recv() {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(object_store::Error::NotFound { .. })) => Err(LakeError::Missing { path: path.to_owned() }),
            Ok(Err(e)) => Err(LakeError::storage(path, doing, e)),
            Err(_) => Err(LakeError::Defect { detail: format!("the request for {path} was dropped") }),
        }
    }

    pub(crate) fn create(&self, path: &str, bytes: Bytes) -> Result<()> {
        let (client, at) = (self.client.clone(), self.at(path));
        self.wait(path, "writing", async move {
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            let payload = PutPayload::from_bytes(bytes);
            match client.put_opts(&at, payload.clone(), options).await {
                // Storages without conditional writes: ids are never used twice, so the plain write is the same.
                Err(object_store::Error::NotImplemented { .. } | object_store::Error::NotSupported { .. }) => {
                    client.put(&at, payload).await.map(|_| ())
                }
                other => other.map(|_| ()),
            }
        })
    }

    pub(crate) fn read_if_there(&self, path: &str) -> Result<Option<Bytes>> {
        let (client, at) = (self.client.clone(), self.at(path));
        match self.wait(path, "reading", async move { client.get(&at).await?.bytes().await }) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(LakeError::Missing { .. }) => Ok(None),
            Err(e) => Err(e),
        }
    }

    pub(crate) fn read_range(&self, path: &str, range: Range<u64>) -> Result<Bytes> {
        let (client, at) = (self.client.clone(), self.at(path));
        self.wait(path, "reading", async move { client.get_range(&at, range).await })
    }

    /// Near ranges are joined into one request by the client, and requests run side by side.
    pub(crate) fn read_ranges(&self, path: &str, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let (client, at, ranges) = (self.client.clone(), self.at(path), ranges.to_vec());
        self.wait(path, "reading", async move { client.get_ranges(&at, &ranges).await })
    }

    pub(crate) fn delete(&self, path: &str) -> Result<()> {
        let (client, at) = (self.client.clone(), self.at(path));
        match self.wait(path, "deleting", async move { client.delete(&at).await }) {
            Err(LakeError::Missing { .. }) => Ok(()),
            other => other,
        }
    }

    pub(crate) fn list(&self, folder: &str) -> Result<Vec<Listed>> {
        let (client, at) = (self.client.clone(), self.at(folder));
        let found =
            self.wait(folder, "listing", async move { client.list(Some(&at)).try_collect::<Vec<_>>().await })?;
        let skip = if self.prefix.is_empty() { 0 } else { self.prefix.len() + 1 };
        let mut out: Vec<Listed> = found
            .into_iter()
            .map(|o| Listed {
                path: o.location.as_ref().get(skip..).unwrap_or_default().to_owned(),
                bytes: o.size,
                modified_ms: o.last_modified.timestamp_millis(),
            })
            .collect();
        out.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(out)
    }
}

impl Drop for S3Storage {
    fn drop(&mut self) {
        // Waiting for the runtime to end is not allowed inside a task, and the lake may be dropped in one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
