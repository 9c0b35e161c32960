//! The clock that frames are stamped with.

use std::time::Duration;

use guac_recorder::evidence::Moment;
use rustix::time::{ClockId, clock_gettime};

/// The machine's monotonic time, as stock guacd puts it into `sync`: it goes on across sessions
/// and says nothing about the time of day.
pub(crate) fn now() -> Duration {
    let time = clock_gettime(ClockId::Monotonic);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// The same moment on this clock and on the calendar's.
pub(crate) fn moment() -> Moment {
    Moment {
        wall: jiff::Timestamp::now(),
        monotonic_ms: u64::try_from(now().as_millis()).unwrap_or(u64::MAX),
    }
}
