//! What the machine says: processor time and memory of a process (Linux), the cost of an fsync.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Instant;

use crate::table::Table;

/// Processor time of all threads of a process in seconds (`None`: this one), in hundredths; 0 where `/proc` is missing.
pub(crate) fn cpu_seconds(pid: Option<u32>) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", name(pid))).unwrap_or_default();
    // The name in brackets may hold blanks; utime and stime are the 14th and 15th field of all.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Resident memory of a process now and at its highest, in MB; 0 where `/proc` is missing.
pub(crate) fn resident_mb(pid: Option<u32>) -> (f64, f64) {
    let status = fs::read_to_string(format!("/proc/{}/status", name(pid))).unwrap_or_default();
    let field = |key: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(key)).unwrap_or_default();
        line.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or_default() / 1024.0
    };
    (field("VmRSS:"), field("VmHWM:"))
}

fn name(pid: Option<u32>) -> String {
    pid.map_or_else(|| "self".to_owned(), |p| p.to_string())
}

/// Says what every figure depends on.
pub(crate) fn describe(table: &mut Table, dir: &Path) -> io::Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    table.part("machine", &format!("{threads} processors, data in {}", dir.display()));
    let mut times = fsync_ms(&dir.join("fsync"))?;
    table.figure("write of 64 KB with fsync, median", quantile(&mut times, 0.5), "ms");
    Ok(())
}

fn fsync_ms(file: &Path) -> io::Result<Vec<f64>> {
    let mut f = File::create(file)?;
    let block = vec![7; 64 * 1024];
    let mut times = Vec::new();
    for _ in 0..100 {
        f.write_all(&block)?;
        let started = Instant::now();
        f.sync_data()?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    fs::remove_file(file)?;
    Ok(times)
}

/// The value that a part `q` of them do not exceed.
pub(crate) fn quantile(values: &mut [f64], q: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let rank = ((values.len() as f64 * q).ceil() as usize).clamp(1, values.len().max(1)) - 1;
    values.get(rank).copied().unwrap_or(f64::NAN)
}

/// Wall and processor time of one run, in seconds. On a busy machine the second is the one to compare.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Took {
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
}

/// Runs `f` and says how long it took this process.
pub(crate) fn timed<T>(f: impl FnOnce() -> T) -> (T, Took) {
    let (started, cpu) = (Instant::now(), cpu_seconds(None));
    let out = f();
    (out, Took { wall: started.elapsed().as_secs_f64(), cpu: cpu_seconds(None) - cpu })
}

/// The quickest of `n` runs.
pub(crate) fn best<E>(n: usize, mut f: impl FnMut() -> Result<(), E>) -> Result<Took, E> {
    let mut best: Option<Took> = None;
    for _ in 0..n.max(1) {
        let (done, took) = timed(&mut f);
        done?;
        if best.is_none_or(|b| took.wall < b.wall) {
            best = Some(took);
        }
    }
    Ok(best.unwrap_or(Took { wall: f64::NAN, cpu: f64::NAN }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let mut values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert!((quantile(&mut values, 0.99) - 198.0).abs() < 1e-9);
        assert!((quantile(&mut values, 0.5) - 100.0).abs() < 1e-9);
        assert!(quantile(&mut [], 0.5).is_nan());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_memory_and_uses_time() {
        let (now, most) = resident_mb(None);
        assert!(now > 0.5 && most >= now, "{now} {most}");
        let (_, took) = timed(|| (0..60_000_000_u64).fold(0_u64, |a, b| std::hint::black_box(a ^ b)));
        assert!(took.cpu > 0.0 && took.wall > 0.0, "{took:?}");
    }
}
