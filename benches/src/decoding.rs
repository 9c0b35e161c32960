//! Decode throughput: streams of a real server, replayed into guac-vnc and into other clients.
//!
//! A stream is recorded once ([`record`]) and then replayed from memory as often as it takes, so
//! that no decoder pays for a socket. Each gives the picture it ends with, and they have to agree.

pub mod cases;
pub mod encode;
pub mod libvncclient;
pub mod ours;
pub mod record;
pub mod scene;
pub mod vnc_rs;

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A server's side of a session, from its banner on.
#[derive(Debug, Clone)]
pub struct Stream {
    /// What the server sent.
    pub bytes: Vec<u8>,
    /// Pixels in its rectangles.
    pub pixels: u64,
}

/// What a number of replays came to.
#[derive(Debug, Clone)]
pub struct Replay {
    /// Processor time of all of them.
    pub cpu: Duration,
    /// The picture at the end, `0x00RRGGBB` row by row.
    pub picture: Vec<u32>,
}

/// Processor time that this process has used so far.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(time.tv_nsec.unsigned_abs())
}
