//! From the files into the object store, beside the writing.

use std::fs::File;
use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

pub(super) use guac_recorder::store::{Backlog, Store};
use guac_recorder::store::{OpenError, Piece, Source, StoreError, Uploads};
use guac_recorder::{ClosedSegment, Recording};
use tokio::time::timeout;

use super::queue::Shared;
use crate::decisions::Witness;

/// How long it waits at its end for the store to have all of it: less than a daemon that ends waits for it.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(3);

/// The copying of one recording, cheap to clone.
#[derive(Clone)]
pub(super) struct Copies {
    uploads: Arc<Uploads>,
    files: Files,
}

/// What is copied, open for reading.
#[derive(Clone)]
pub(super) struct Files {
    recording: Arc<File>,
    evidence: Option<Arc<File>>,
}

impl Files {
    pub(super) fn new(recording: File, evidence: Option<File>) -> Self {
        Self {
            recording: Arc::new(recording),
            evidence: evidence.map(Arc::new),
        }
    }

    /// A closed segment as the store has it: its bytes, then the evidence of them, so that the store never has
    /// evidence of what it lacks.
    pub(super) fn pieces(&self, segment: &ClosedSegment) -> impl Iterator<Item = Piece> {
        let recording = (&self.recording, &segment.recording, "segment");
        let evidence = self.evidence.as_ref();
        let evidence = evidence.map(|file| (file, &segment.evidence, "evidence"));
        let parts = [Some(recording), evidence].into_iter().flatten();
        parts
            .filter(|(_, range, _)| !range.is_empty())
            .map(|(file, range, kind)| Piece {
                name: format!("{:06}.{kind}", segment.number),
                source: Source::File {
                    file: Arc::clone(file),
                    range: range.clone(),
                },
            })
    }
}

impl Copies {
    /// Starts copying for a session. It must be called within a runtime.
    ///
    /// # Errors
    /// When the files cannot be had for reading.
    pub(super) fn start(store: Store, session: &str, recording: &Recording) -> io::Result<Self> {
        let session = session.trim_start_matches('$');
        let (recording, evidence) = recording.files()?;
        Ok(Self {
            uploads: Arc::new(Uploads::start(store, session)),
            files: Files::new(recording, evidence),
        })
    }

    /// Has the session look whenever the store has got further, for as long as there is the session.
    pub(super) fn watch(&self, shared: Weak<Shared>) {
        let mut progress = self.uploads.progress();
        tokio::spawn(async move {
            while progress.changed().await {
                match shared.upgrade() {
                    Some(shared) => shared.changed.notify_one(),
                    None => return,
                }
            }
        });
    }

    /// Takes a closed segment over.
    pub(super) fn submit(&self, segment: &ClosedSegment) {
        for piece in self.files.pieces(segment) {
            self.uploads.submit(piece);
        }
    }

    /// What the store does not have yet.
    pub(super) fn backlog(&self) -> Backlog {
        self.uploads.backlog()
    }

    /// Waits a while for the store to have everything, and has the rest copied while the daemon runs, for as long
    /// as this.
    pub(super) async fn drain(self, within: Duration, witness: &Witness) {
        let done = self.uploads.until(|backlog| backlog.pieces == 0);
        if timeout(DRAIN_TIMEOUT, done).await.is_ok() {
            return;
        }
        let backlog = self.backlog();
        tracing::error!(
            "{} bytes of the session are not in the object store yet: {}.",
            backlog.bytes,
            trouble(&backlog)
        );
        witness.unstored(backlog.bytes);
        tokio::spawn(async move {
            let done = self.uploads.until(|backlog| backlog.pieces == 0);
            if timeout(within, done).await.is_ok() {
                tracing::info!("All of the session is in the object store now.");
            } else {
                tracing::error!("The object store does not get the rest: it is in the files only.");
                self.uploads.give_up();
            }
        });
    }
}

/// The store of a URL. Its credentials are the daemon's: they come from the environment alone.
///
/// # Errors
/// Says why there is none.
pub(super) fn open_store(url: &str) -> Result<Store, String> {
    Store::open(url).map_err(|error| {
        if let OpenError::Configuration(why) = &error {
            tracing::error!("{url:?} cannot be used: {why}");
        }
        error.to_string()
    })
}

/// Hands over what was closed since the last time, if it is copied; tells whether there was anything.
pub(super) fn copy_closed(recording: &mut Recording, copies: Option<&Copies>) -> bool {
    let mut any = false;
    for segment in recording.take_closed() {
        any = true;
        if let Some(copies) = copies {
            copies.submit(&segment);
        }
    }
    any
}

/// What keeps the store from having it.
pub(super) fn trouble(backlog: &Backlog) -> String {
    match &backlog.trouble {
        Some(trouble) => trouble.to_string(),
        None => "it is slow".to_owned(),
    }
}

/// Whether waiting is of no use.
pub(super) fn is_for_good(backlog: &Backlog) -> bool {
    matches!(
        backlog.trouble.as_deref(),
        Some(
            StoreError::Denied(_)
                | StoreError::NotFound(_)
                | StoreError::Different
                | StoreError::Name
        )
    )
}
