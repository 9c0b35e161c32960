//! Carrying a session's pieces to the store, in order, for as long as it takes.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{Store, StoreError};

/// The wait after a first failure, in milliseconds; it doubles with each.
const FIRST_WAIT_MS: u64 = 200;

/// The longest wait between two attempts, in milliseconds.
const LONGEST_WAIT_MS: u64 = 15_000;

/// A piece to be uploaded.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The object's name within the session, as `000001.segment` or `000001.evidence`.
    pub name: String,
    /// What it holds.
    pub source: Source,
}

/// Where the bytes of a piece are.
#[derive(Debug, Clone)]
pub enum Source {
    /// In memory, until they are uploaded.
    Memory(Bytes),
    /// In a file that only grows. They are read back when it is their turn, so that a long backlog takes no
    /// memory.
    File {
        /// The file, open for reading.
        file: Arc<File>,
        /// Bytes from its start.
        range: Range<u64>,
    },
}

impl Source {
    /// How many bytes they are.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::File { range, .. } => range.end.saturating_sub(range.start),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    async fn read(&self) -> Result<Bytes, StoreError> {
        match self {
            Self::Memory(bytes) => Ok(bytes.clone()),
            Self::File { file, range } => {
                let (file, range) = (Arc::clone(file), range.clone());
                let read = tokio::task::spawn_blocking(move || read_range(&file, range));
                read.await
                    .unwrap_or_else(|stopped| Err(stopped.into()))
                    .map_err(StoreError::Spool)
            }
        }
    }
}

/// The place in the file is where somebody else writes, and stays as it is.
fn read_range(file: &File, range: Range<u64>) -> io::Result<Bytes> {
    let length = range.end.saturating_sub(range.start);
    // Before memory is taken for what is not there.
    if file.metadata()?.len() < range.end {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let length = usize::try_from(length).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, range.start)?;
    Ok(bytes.into())
}

/// What is not in the store yet.
#[derive(Debug, Clone, Default)]
pub struct Backlog {
    /// Bytes.
    pub bytes: u64,
    /// Pieces.
    pub pieces: usize,
    /// For how long the oldest piece has waited.
    pub oldest: Option<Duration>,
    /// Why the last attempt failed; `None` once one has succeeded.
    pub trouble: Option<Arc<StoreError>>,
}

/// Uploads the pieces of one session, one after the other in the order in which they were submitted, so
/// that what is in the store is always a beginning of the session.
///
/// A failed upload is tried again, with growing waits, for ever: when to stop is for the session, which looks
/// at the [`Backlog`]. Dropped, it goes on with what was submitted for as long as the runtime lives.
#[derive(Debug)]
pub struct Uploads {
    pieces: mpsc::UnboundedSender<Piece>,
    state: watch::Sender<State>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    /// The size of each piece that is not there yet, and since when it waits.
    waiting: VecDeque<(u64, Instant)>,
    trouble: Option<Arc<StoreError>>,
}

impl State {
    fn backlog(&self) -> Backlog {
        Backlog {
            bytes: self.waiting.iter().map(|(bytes, _)| bytes).sum(),
            pieces: self.waiting.len(),
            oldest: self.waiting.front().map(|(_, since)| since.elapsed()),
            trouble: self.trouble.clone(),
        }
    }
}

impl Uploads {
    /// Starts the session's task. It must be called within a tokio runtime.
    #[must_use]
    pub fn start(store: Store, session: impl Into<String>) -> Self {
        let (pieces, received) = mpsc::unbounded_channel();
        let state = watch::Sender::default();
        let task = upload_all(store, session.into(), received, state.clone());
        Self {
            pieces,
            state,
            task: tokio::spawn(task),
        }
    }

    /// Takes a piece over. It never waits: the session holds back pieces by what [`Uploads::backlog`] says.
    pub fn submit(&self, piece: Piece) {
        self.state.send_modify(|state| {
            let since = Instant::now();
            state.waiting.push_back((piece.source.len(), since));
        });
        // The task ends only when the runtime does; the piece then stays in the backlog.
        let _ = self.pieces.send(piece);
    }

    /// What is not in the store yet.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        self.state.borrow().backlog()
    }

    /// Waits until the backlog is as wanted.
    pub async fn until(&self, wanted: impl Fn(&Backlog) -> bool) -> Backlog {
        let mut state = self.state.subscribe();
        match state.wait_for(|state| wanted(&state.backlog())).await {
            Ok(state) => state.backlog(),
            // Not while we hold its sender.
            Err(_) => self.backlog(),
        }
    }

    /// Tells whenever the backlog has changed.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress(self.state.subscribe())
    }

    /// Uploads nothing more. What is not in the store stays in the backlog.
    pub fn give_up(&self) {
        self.task.abort();
    }

    /// Waits until everything is in the store, but not longer than this, and says what is not. That is
    /// given up then.
    pub async fn drain(mut self, timeout: Duration) -> Backlog {
        let (closed, _) = mpsc::unbounded_channel();
        drop(std::mem::replace(&mut self.pieces, closed));
        if tokio::time::timeout(timeout, &mut self.task).await.is_err() {
            self.task.abort();
            let _ = self.task.await;
        }
        self.state.borrow().backlog()
    }
}

/// See [`Uploads::progress`].
#[derive(Debug)]
pub struct Progress(watch::Receiver<State>);

impl Progress {
    /// Waits until the backlog is another than when this was called last; false once it cannot be any more.
    pub async fn changed(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

async fn upload_all(
    store: Store,
    session: String,
    mut pieces: mpsc::UnboundedReceiver<Piece>,
    state: watch::Sender<State>,
) {
    while let Some(piece) = pieces.recv().await {
        let mut failures = 0;
        while let Err(error) = upload(&store, &session, &piece).await {
            state.send_modify(|state| state.trouble = Some(Arc::new(error)));
            tokio::time::sleep(wait(failures)).await;
            failures += 1;
        }
        state.send_modify(|state| {
            state.waiting.pop_front();
            state.trouble = None;
        });
    }
}

async fn upload(store: &Store, session: &str, piece: &Piece) -> Result<(), StoreError> {
    let bytes = piece.source.read().await?;
    store.put(session, &piece.name, bytes).await
}

/// How long to wait before something is tried again, after so many failures before this one: half of it, and of the other half a random part, so that
/// the sessions of a daemon do not come back to a store all at once.
#[must_use]
pub fn wait(failures: u32) -> Duration {
    let longest = FIRST_WAIT_MS
        .saturating_mul(1 << failures.min(16))
        .min(LONGEST_WAIT_MS);
    let random = u64::from(getrandom::u32().unwrap_or_default());
    Duration::from_millis(longest / 2 + random % (longest / 2 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_limit() {
        for failures in [0, 1, 5, 6, 7, 16, 17, 1_000, u32::MAX] {
            let longest = (200 * 2_u64.pow(failures.min(20))).min(15_000);
            for _ in 0..100 {
                let wait = u64::try_from(wait(failures).as_millis()).unwrap_or_default();
                assert!(
                    (longest / 2..=longest).contains(&wait),
                    "{wait} after {failures}"
                );
            }
        }
    }
}
