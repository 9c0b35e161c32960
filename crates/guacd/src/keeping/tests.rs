use std::sync::Arc;
use std::time::Duration;

use guac_policy::{FrameGate, Policy, RecordingRule};
use guac_protocol::{ServerInstruction, Timestamp};
use guac_recorder::RecordingOptions;
use tempfile::TempDir;
use tokio::time::{Instant, timeout};

use super::{Defaults, Keeping, Wanted, Work};
use crate::decisions::Witness;
use crate::session::clock;

const PATIENCE: Duration = Duration::from_secs(20);

/// What is kept of a session in `folder` that freezes long after a segment is closed.
fn keeping(folder: &TempDir) -> (Keeping, FrameGate) {
    let mut rule = RecordingRule::default();
    rule.limits.freeze_after = Duration::from_secs(60);
    let policy = Arc::new(Policy::builder().recording(rule).build());
    let options = RecordingOptions::new(folder.path(), "session");
    let whose = ("$session", None);
    let wanted = Wanted::new(
        options,
        &policy,
        Defaults::default(),
        whose,
        clock::moment(),
    );
    let keeping = Keeping::start(&wanted.unwrap(), &Witness::unheard(&policy)).unwrap();
    (keeping, FrameGate::new(policy))
}

/// Keeps a frame, as a session does that then sleeps; returns once it is kept.
async fn keep(keeping: &Keeping, gate: &mut FrameGate) {
    let sync = ServerInstruction::Sync {
        timestamp: Timestamp(1),
        frames: 1,
    };
    keeping.push(Work::Frame {
        frame: gate.vet_frame([sync]).unwrap(),
        canonical: true,
        to: Vec::new(),
    });
    keeping.next_timeout();
    let kept = async {
        while !keeping.is_idle() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, kept).await.unwrap();
}

#[tokio::test]
async fn a_session_that_knows_when_a_segment_closes_is_not_woken_for_each_frame_in_it() {
    let folder = TempDir::new().unwrap();
    let (keeping, mut gate) = keeping(&folder);
    keep(&keeping, &mut gate).await;
    let closes = keeping.next_timeout().unwrap();
    for _ in 0..50 {
        keep(&keeping, &mut gate).await;
        assert_eq!(keeping.next_timeout(), Some(closes));
        assert!(timeout(Duration::ZERO, keeping.changed()).await.is_err());
    }
}

#[tokio::test]
async fn a_segment_is_closed_though_nothing_follows() {
    let folder = TempDir::new().unwrap();
    let (mut keeping, mut gate) = keeping(&folder);
    keep(&keeping, &mut gate).await;
    let closes = keeping.next_timeout().unwrap();
    tokio::time::sleep_until(closes).await;
    keeping.look(Instant::now()).unwrap();
    let closed = async {
        while keeping.next_timeout().is_some() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, closed).await.unwrap();
}
