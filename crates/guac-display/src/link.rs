//! What a viewer's link can take, estimated from its answers.

use crate::audience::Sending;
use crate::limits::{
    BYTES_IN_FLIGHT, FRAME_INTERVAL, FRAMES_IN_FLIGHT, FRAMES_IN_FLIGHT_MAX, PACED, QUEUED,
    UNKNOWN_BYTES,
};
use guac_encode::Quality;
use std::time::Duration;

/// Bytes of answered frames from which on their time tells of the bandwidth, not of the delay.
const TELLING_BYTES: usize = 8 * 1024;
/// What is left of older measurements with each new one.
const KEPT: f64 = 0.75;
/// How much faster than before a link is found to be at once.
const FASTER: f64 = 1.08;
/// The shortest time that a measurement counts as; clocks and wake-ups are no finer.
const SHORTEST: Duration = Duration::from_micros(200);
/// For how long the shortest round trip is remembered, once or twice.
const FLOOR_AGE: Duration = Duration::from_secs(10);
/// How long the moving pictures of one frame may be on their way.
const MOVING_TIME: f64 = 0.03;
/// Bytes in a second below which whatever looks like a photograph is lossy at first.
const SLOW: f64 = 1_250_000.0;

/// How nearly moving photographs are shown, the best first. Each takes about three quarters of the
/// bytes of the one before.
const QUALITIES: [Quality; 7] = [
    Quality::new(60),
    Quality::new(50),
    Quality::new(40),
    Quality::new(30),
    Quality::new(22),
    Quality::new(14),
    Quality::new(9),
];

/// One of the qualities; a greater one is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Tier(usize);

impl Tier {
    pub(crate) fn quality(self) -> Quality {
        let [.., worst] = QUALITIES;
        QUALITIES.get(self.0).copied().unwrap_or(worst)
    }

    /// So many steps better or worse.
    fn stepped(self, by: isize) -> Self {
        Self(self.0.saturating_add_signed(by).min(QUALITIES.len() - 1))
    }
}

/// The link to one viewer, its browser included: what that takes to decode counts too.
#[derive(Debug, Default)]
pub(crate) struct Link {
    /// Bytes that were on their way for `seconds`; recent ones weigh more.
    bytes: f64,
    seconds: f64,
    floor: Floor,
    last_answer: Duration,
    /// When the link will have sent all that it was given.
    free: Duration,
    /// The delay has not been seen for long, since there always was something in flight: the next
    /// frame is sent alone.
    probes: bool,
    tier: Tier,
}

/// Frames that were answered together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered {
    /// When the first of them was sent.
    pub(crate) first_sent: Duration,
    /// When the last of them was sent.
    pub(crate) last_sent: Duration,
    /// Bytes in flight then, the last one's among them.
    pub(crate) queued: usize,
    /// Bytes of all of them.
    pub(crate) bytes: usize,
}

/// The shortest round trip of late: of this period and of the one before.
#[derive(Debug, Default)]
struct Floor {
    began: Duration,
    noted: Duration,
    now: Option<Duration>,
    before: Option<Duration>,
}

impl Floor {
    fn note(&mut self, round_trip: Duration, now: Duration) {
        self.noted = now;
        if FLOOR_AGE < now.saturating_sub(self.began) {
            self.began = now;
            self.before = self.now.take();
        }
        self.now = Some(self.now.map_or(round_trip, |known| known.min(round_trip)));
    }

    fn get(&self) -> Duration {
        let known = [self.now, self.before].into_iter().flatten().min();
        known.unwrap_or_default()
    }
}

impl Link {
    /// Frames were answered together.
    pub(crate) fn answered(&mut self, frames: Answered, now: Duration) {
        let round_trip = now.saturating_sub(frames.last_sent);
        let was_alone = frames.queued <= frames.bytes;
        if TELLING_BYTES <= frames.bytes {
            // They were on their way since the answer before, or since the first could have come.
            let arrived = frames.first_sent.saturating_add(self.floor.get());
            let mut time = now.saturating_sub(self.last_answer.max(arrived));
            if self.last_answer < arrived {
                // The link was idle in between. What was not delay was transmission, but the delay is
                // not known so well that a link could be taken for much faster than it has been.
                let known = self.bandwidth();
                let least = known.map(|known| as_f64(frames.bytes) / known / FASTER);
                let least = Duration::try_from_secs_f64(least.unwrap_or_default());
                time = time.max(least.unwrap_or_default()).max(round_trip / 16);
            }
            self.bytes = self.bytes.mul_add(KEPT, as_f64(frames.bytes));
            self.seconds = self.seconds.mul_add(KEPT, time.max(SHORTEST).as_secs_f64());
        }
        if was_alone {
            self.floor.note(round_trip, now);
        }
        self.last_answer = now;
        self.probes = FLOOR_AGE < now.saturating_sub(self.floor.noted);
    }

    /// A frame is sent: how much of it moves tells which tier the link can take.
    pub(crate) fn sending(&mut self, frame: &Sending) {
        let Some(bandwidth) = self.bandwidth() else {
            return;
        };
        let time = Duration::try_from_secs_f64(as_f64(frame.bytes) / bandwidth);
        self.free = self
            .free
            .max(frame.now)
            .saturating_add(time.unwrap_or_default());
        let Some(tier) = frame.lossy else {
            return;
        };
        let (share, moving) = (bandwidth * MOVING_TIME, as_f64(frame.lossy_bytes));
        if tier <= self.tier && share < moving {
            let steps = if 2.0 * share < moving { 2 } else { 1 };
            self.tier = tier.stepped(steps).max(self.tier);
        } else if tier == self.tier && 2.0 * moving < share {
            self.tier = tier.stepped(-1);
        }
    }

    /// When it will have sent all that it was given, by what is known of it.
    pub(crate) fn free(&self) -> Duration {
        self.free
    }

    /// Until when no further frame is sent, so that what waits for the link takes no longer than
    /// [`PACED`] to send.
    pub(crate) fn paced_until(&self) -> Duration {
        self.free.saturating_sub(PACED)
    }

    /// How nearly it is shown what moves.
    pub(crate) fn tier(&self) -> Tier {
        self.tier
    }

    /// Bytes in a second, once it has carried enough to tell.
    pub(crate) fn bandwidth(&self) -> Option<f64> {
        (0.0 < self.seconds).then(|| self.bytes / self.seconds)
    }

    /// Whether a photograph takes so long to it that it is to be about right at first.
    pub(crate) fn is_slow(&self) -> bool {
        self.bandwidth().is_some_and(|bandwidth| bandwidth < SLOW)
    }

    /// Bytes that may be in flight when another frame is sent: what the link takes in a round trip
    /// and a tenth of a second.
    pub(crate) fn bytes_in_flight(&self) -> usize {
        let Some(bandwidth) = self.bandwidth() else {
            return UNKNOWN_BYTES;
        };
        if self.probes {
            return 1;
        }
        let filled = bandwidth * (self.floor.get() + QUEUED).as_secs_f64();
        as_usize(filled).clamp(1, BYTES_IN_FLIGHT)
    }

    /// Frames that may be in flight: as many as fill a round trip, and some to spare.
    pub(crate) fn frames_in_flight(&self) -> usize {
        let round_trip = self.floor.get().as_secs_f64() / FRAME_INTERVAL.as_secs_f64();
        (FRAMES_IN_FLIGHT + as_usize(round_trip)).min(FRAMES_IN_FLIGHT_MAX)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bytes in flight are far below 2^52"
)]
fn as_f64(bytes: usize) -> f64 {
    bytes as f64
}

/// The nearest whole number below.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a conversion from a float keeps to the type's range"
)]
pub(crate) fn as_usize(value: f64) -> usize {
    value as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::viewer::ViewerCaps;
    use guac_protocol::Timestamp;

    const MEGABIT: f64 = 125_000.0;

    /// A link of a bandwidth and a delay that carries frames of a size, each sent as soon as the
    /// budget allows; what is known of it then, and the longest time that a frame took.
    fn carried(bandwidth: f64, delay: Duration, size: usize) -> (Link, Duration) {
        let mut link = Link::default();
        let (mut now, mut free) = (Duration::from_secs(1), Duration::ZERO);
        let mut flying: Vec<(Answered, Duration)> = Vec::new();
        let mut longest = Duration::ZERO;
        for frame in 0..1000 {
            let is_full = |flying: &Vec<(Answered, Duration)>, link: &Link| {
                link.bytes_in_flight() <= flying.len() * size
                    || link.frames_in_flight() <= flying.len()
            };
            while is_full(&flying, &link) {
                let (sent, answered) = flying.remove(0);
                now = now.max(answered);
                link.answered(sent, answered);
                if 100 < frame {
                    longest = longest.max(answered - sent.last_sent);
                }
            }
            now = now.max(link.paced_until());
            link.sending(&Sending {
                timestamp: Timestamp(1),
                bytes: size,
                now,
                needs: ViewerCaps::default(),
                lossy: None,
                lossy_bytes: 0,
            });
            free = free.max(now) + Duration::from_secs_f64(as_f64(size) / bandwidth);
            let sent = Answered {
                first_sent: now,
                last_sent: now,
                queued: (flying.len() + 1) * size,
                bytes: size,
            };
            flying.push((sent, free + delay));
            now += FRAME_INTERVAL;
        }
        (link, longest)
    }

    #[test]
    fn bandwidth_is_found_and_the_queue_stays_short() {
        for megabits in [1.0, 5.0, 20.0] {
            for delay in [20, 100, 300].map(Duration::from_millis) {
                let (link, longest) = carried(megabits * MEGABIT, delay, 10_000);
                let found = link.bandwidth().unwrap() / MEGABIT;
                // It cannot be seen to take more than it is given.
                let given = as_f64(10_000) / FRAME_INTERVAL.as_secs_f64() / MEGABIT;
                let least = 0.6 * given.min(megabits);
                assert!(least < found, "{megabits} {delay:?}: {found}");
                // Only who fills a link learns what it does not take.
                assert!(1.0 < megabits || found < 1.5, "{delay:?}: {found}");
                let transmission = Duration::from_secs_f64(10_000.0 / (megabits * MEGABIT));
                // The frame itself, the one that passes the budget, and one that the delay was seen with.
                let bound = delay + QUEUED + 3 * transmission + Duration::from_millis(50);
                assert!(longest < bound, "{megabits} {delay:?}: {longest:?}");
            }
        }
    }

    #[test]
    fn what_moves_is_shown_as_nearly_as_the_link_takes() {
        let (mut link, _) = carried(MEGABIT, Duration::from_millis(20), 10_000);
        let frame = |link: &mut Link, bytes: usize| {
            link.sending(&Sending {
                timestamp: Timestamp(1),
                bytes,
                now: Duration::ZERO,
                needs: ViewerCaps::default(),
                lossy: Some(link.tier()),
                lossy_bytes: bytes,
            });
            link.tier().quality()
        };
        assert_eq!(link.tier(), Tier::default());
        let qualities = [40_000, 25_000, 12_000, 8_000, 5_000].map(|bytes| frame(&mut link, bytes));
        assert!(qualities.is_sorted_by(|a, b| a >= b), "{qualities:?}");
        assert_eq!(qualities.last(), QUALITIES.last());
        for _ in 0..10 {
            frame(&mut link, 1000);
        }
        assert_eq!(link.tier(), Tier::default());
    }

    #[test]
    fn nothing_is_known_before_the_first_answer() {
        let link = Link::default();
        assert_eq!(link.bandwidth(), None);
        assert_eq!(link.bytes_in_flight(), UNKNOWN_BYTES);
        assert!(!link.is_slow());
    }
}
