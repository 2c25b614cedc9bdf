//! What a figure depends on besides our code: cores, the disk's sync, and how much memory and processor time was used.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::histogram::Histogram;

const SYNCS: usize = 200;
const PAGE: usize = 4096;
/// Processor time in `/proc` is counted in hundredths of a second on Linux.
const TICK: Duration = Duration::from_millis(10);

/// Cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// How long it takes to write a page in `folder` and have it on the disk: 200 times, one after the other.
pub fn sync_times(folder: &Path) -> Result<Histogram> {
    let path = folder.join("sync-probe");
    let mut file = File::create(&path).with_context(|| format!("making {}", path.display()))?;
    let page = [0x5a_u8; PAGE];
    let mut times = Histogram::default();
    for number in 0..SYNCS {
        let started = Instant::now();
        file.seek(SeekFrom::Start((number % 16 * PAGE) as u64))?;
        file.write_all(&page)?;
        file.sync_data()?;
        times.record(started.elapsed());
    }
    fs::remove_file(path)?;
    Ok(times)
}

/// The kind of file system that holds `folder`, as `ext4`; on `tmpfs` a sync costs nothing and the figures mean little.
pub fn file_system(folder: &Path) -> String {
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mounted = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ');
        let (_, place, kind) = (fields.next()?, fields.next()?, fields.next()?);
        folder.starts_with(place).then(|| (place.len(), kind.to_owned()))
    });
    mounted.max().map_or_else(|| "unknown".to_owned(), |(_, kind)| kind)
}

/// Resident memory of a process in MB.
pub fn resident_mb(process: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("the server's status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("a process without VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().context("VmRSS")?;
    Ok(kilobytes / 1024.0)
}

/// Processor time that a process used so far.
pub fn processor_time(process: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).context("the process's stat")?;
    let (_, fields) = stat.rsplit_once(") ").context("a stat without a name")?;
    let ticks: u32 = fields.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
    Ok(TICK * ticks)
}

/// Watches the resident memory of a process until it is dropped or asked.
pub struct MemoryWatch {
    stop: Arc<AtomicBool>,
    largest_kb: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl MemoryWatch {
    /// Looks every 100 milliseconds.
    pub fn start(process: u32) -> MemoryWatch {
        let (stop, largest_kb) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, largest) = (stop.clone(), largest_kb.clone());
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let now = resident_mb(process).map_or(0, |mb| (mb * 1024.0) as u64);
                largest.fetch_max(now, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        MemoryWatch { stop, largest_kb, thread: Some(thread) }
    }

    /// The most that was resident at any look, in MB.
    pub fn largest_mb(&self) -> f64 {
        self.largest_kb.load(Ordering::Relaxed) as f64 / 1024.0
    }
}

impl Drop for MemoryWatch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_process_can_be_read() {
        let own = std::process::id();
        assert!(resident_mb(own).unwrap() > 0.5);
        let before = processor_time(own).unwrap();
        let until = Instant::now() + Duration::from_millis(200);
        while Instant::now() < until {}
        assert!(before < processor_time(own).unwrap());
        assert!(cores() > 0);
    }

    #[test]
    fn the_disk_can_be_probed() {
        let times = sync_times(&std::env::temp_dir()).unwrap();
        assert_eq!(times.count(), SYNCS as u64);
        assert_ne!(file_system(&std::env::temp_dir()), "unknown");
    }
}
