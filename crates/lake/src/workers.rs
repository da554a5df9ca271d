//! A fixed number of threads that share out numbered jobs.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::error::{LakeError, Result};

/// Runs jobs `0..jobs` on at most `threads` threads. Each thread makes a state of its own and takes the next free
/// job; the states come back. The first error stops everybody.
pub(crate) fn run<S, M, W>(threads: usize, jobs: usize, make: M, work: W) -> Result<Vec<S>>
where
    S: Send,
    M: Fn(usize) -> S + Sync,
    W: Fn(&mut S, usize) -> Result<()> + Sync,
{
    let threads = threads.clamp(1, jobs.max(1));
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let worker = |n: usize| {
        let mut state = make(n);
        while !stop.load(Ordering::Relaxed) {
            let job = next.fetch_add(1, Ordering::Relaxed);
            if job >= jobs {
                break;
            }
            if let Err(e) = work(&mut state, job) {
                stop.store(true, Ordering::Relaxed);
                return Err(e);
            }
        }
        Ok(state)
    };
    if threads == 1 {
        return Ok(vec![worker(0)?]);
    }
    thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|n| {
                scope.spawn({
                    let worker = &worker;
                    move || worker(n)
                })
            })
            .collect();
        // Every thread is joined before the first error is returned.
        let ended: Vec<_> = handles.into_iter().map(thread::ScopedJoinHandle::join).collect();
        ended
            .into_iter()
            .map(|end| end.unwrap_or_else(|panic| Err(LakeError::Defect { detail: panic_text(panic.as_ref()) })))
            .collect()
    })
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".into())
}
