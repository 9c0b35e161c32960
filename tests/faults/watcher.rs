//! A viewer that keeps all that it is sent.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use testkit::wait::{PATIENCE, until_true};
use testkit::{FakeClient, Handshake, Instruction};

/// How often the viewer shows that it is there, as the stock client does.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// A viewer on a thread of its own, so that the daemon never waits for it.
pub(crate) struct Watcher {
    frames: Arc<AtomicUsize>,
    reading: JoinHandle<Vec<Instruction>>,
}

impl Watcher {
    /// An owner that is shown something, and a guest of the same session.
    pub(crate) fn owner_and_guest(address: SocketAddr, handshake: &Handshake) -> Result<[Self; 2]> {
        let owner = FakeClient::open(address, handshake)?;
        let id = owner.id.clone();
        let owner = Self::start(owner);
        owner.await_frames(1)?;
        let guest = FakeClient::open(address, &Handshake::join(&id))?;
        Ok([owner, Self::start(guest)])
    }

    /// Goes on with a client whose handshake is done, until the daemon closes the connection.
    pub(crate) fn start(mut client: FakeClient) -> Self {
        let frames = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&frames);
        let reading = std::thread::spawn(move || {
            let (mut seen, mut shown_at) = (Vec::new(), Instant::now());
            // Half an instruction at the end is one that no client acts upon.
            while let Ok(next) = client.read_within(SIGN_OF_LIFE) {
                if SIGN_OF_LIFE <= shown_at.elapsed() {
                    // A daemon that is gone is found out by the next read.
                    let _ = client.send("nop", &[]);
                    shown_at = Instant::now();
                }
                let Some(instruction) = next else {
                    continue;
                };
                if instruction.is("sync") {
                    counted.fetch_add(1, Ordering::SeqCst);
                }
                seen.push(instruction);
            }
            seen
        });
        Self { frames, reading }
    }

    /// Frames that have come.
    pub(crate) fn frames(&self) -> usize {
        self.frames.load(Ordering::SeqCst)
    }

    /// Waits until so many frames have come.
    pub(crate) fn await_frames(&self, count: usize) -> Result<()> {
        let what = format!("{count} frames");
        until_true(&what, PATIENCE, || Ok(count <= self.frames()))
    }

    /// Whether the daemon has closed the connection.
    pub(crate) fn is_over(&self) -> bool {
        self.reading.is_finished()
    }

    /// All that came, once the daemon has closed the connection.
    pub(crate) fn finish(self) -> Result<Vec<Instruction>> {
        let seen = self.reading.join();
        seen.map_err(|_| anyhow!("the reading thread panicked"))
    }
}

/// The status of the `error` that a viewer was told.
pub(crate) fn status(seen: &[Instruction]) -> Option<i64> {
    let error = seen.iter().find(|instruction| instruction.is("error"))?;
    error.number(1).ok()
}
