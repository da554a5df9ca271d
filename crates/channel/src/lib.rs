//! The outside world's protocols: webhooks out, S3, SFTP, and folders of this machine.
//!
//! It knows bytes, addresses and credentials, and refuses to know what the bytes are about, who is in them, or whether
//! they may leave: that was decided before. Every attempt ends: it succeeds, or says in a [`ChannelError`] whether trying
//! again can help and what to mend. Nothing is kept between attempts; queues, back-off and logs are the caller's.
//!
//! Clients are asynchronous and run on a few threads of [`Channels`]; callers are plain threads that wait.
//! Start reading at [`Channels`]. Who may be reached at all is in [`guard`].

pub mod error;
pub mod folder;
pub mod guard;
pub mod s3;
pub mod sftp;
pub mod webhook;

use std::future::Future;
use std::sync::mpsc;
use std::time::Duration;

use tokio::runtime::Runtime;

pub use error::{ChannelError, Failure, Result};
pub use guard::Reach;

/// Threads that drive all connections. They wait more than they work.
const THREADS: usize = 2;
/// A connection that is not made within this long is not made.
pub(crate) const CONNECT: Duration = Duration::from_secs(10);

/// The clients' threads, and which addresses they may reach.
#[derive(Debug)]
pub struct Channels {
    /// Taken out only when dropped.
    runtime: Option<Runtime>,
    reach: Reach,
}

impl Channels {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(reach: Reach) -> Result<Self> {
        // The first caller in the process decides the provider; any that is there already serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("channel")
            .enable_all()
            .build()
            .map_err(|e| ChannelError::setup(format!("the threads of outgoing connections cannot start: {e}")))?;
        Ok(Self { runtime: Some(runtime), reach })
    }

    /// Which addresses may be reached.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        self.reach
    }

    /// Runs `work` on the clients' threads and waits for it, at most `limit`.
    pub(crate) fn wait<T, F>(&self, limit: Duration, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let (done, answer) = mpsc::sync_channel(1);
        if let Some(runtime) = &self.runtime {
            runtime.spawn(async move {
                let late = || ChannelError::unreachable(format!("no answer within {} s", limit.as_secs()));
                let outcome = tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(late()));
                // The receiver is gone only when the caller's thread died: nobody is left to tell.
                let _ = done.send(outcome);
            });
        }
        answer.recv().unwrap_or_else(|_| Err(ChannelError::unreachable("the attempt was dropped".to_owned())))
    }
}

impl Drop for Channels {
    fn drop(&mut self) {
        // Waiting for the runtime to end is not allowed inside a task, and this may be dropped in one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
