//! How far the keeping of a session may fall behind what happens in it.

use std::time::Duration;

/// How far the keeping of a recorded session may fall behind before the session freezes, and how long it
/// is frozen before it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepingLimits {
    /// Free bytes where the recording lies, below which no recording begins. At four times as many, and
    /// below, it is warned.
    pub free_bytes: u64,
    /// Bytes that the recorder may not have accepted yet.
    pub backlog_bytes: u64,
    /// How long the recorder may take to accept something.
    pub freeze_after: Duration,
    /// How long a session is frozen before it ends.
    pub end_after: Duration,
    /// How long what is accepted may take to be on the disk.
    pub disk_within: Duration,
    /// How long a closed segment may take to be in the object store.
    pub store_within: Duration,
    /// Bytes of closed segments that may wait for the object store.
    pub store_backlog_bytes: u64,
}

impl Default for KeepingLimits {
    fn default() -> Self {
        Self {
            free_bytes: 16 << 20,
            backlog_bytes: 16 << 20,
            freeze_after: Duration::from_secs(2),
            end_after: Duration::from_secs(30),
            disk_within: Duration::from_secs(60),
            store_within: Duration::from_secs(5 * 60),
            store_backlog_bytes: 256 << 20,
        }
    }
}
