//! What earlier runs of the daemon have left in its directories, on its way into the object store.
//!
//! It is carried there beside the sessions, one recording after the other. Only closed segments are: what was open when
//! a daemon was killed has no evidence, and nobody can make it any more.

use std::collections::HashSet;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use guac_policy::RecordingRule;
use guac_recorder::ClosedSegment;
use guac_recorder::evidence::{Report, State};
use guac_recorder::leftovers::{Leftover, Places, Searched};
use guac_recorder::store::{OBJECTS_MAX, Store, StoreError, Uploads, wait};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::copies::Files;
use super::wanted::evidence_place;
use crate::decisions::{DecisionLog, Event};
use crate::server::Server;

/// Most pieces of a recording that wait in memory for the store: they are names and places.
const PIECES_WAITING: usize = 16;

/// Recordings of earlier runs that the object store may lack.
pub(crate) struct Leftovers {
    /// The store's URL and where recordings and evidence lie; `None` without a store.
    places: Option<(String, Places)>,
    decisions: DecisionLog,
}

impl Leftovers {
    /// Those below the directories that the policy in force names.
    pub(crate) fn of(server: &Server) -> Self {
        let policy = server.policy();
        let places = places(policy.recording(), server);
        Self {
            places,
            decisions: server.decisions().clone(),
        }
    }

    /// Puts them into the store, for as long as the runtime lives. It returns at once.
    pub(crate) fn store(self) {
        let Some((url, places)) = self.places else {
            return;
        };
        match Store::open(&url) {
            Ok(store) => drop(tokio::spawn(carry(store, url, places, self.decisions))),
            // Each session says so as well, and is refused.
            Err(error) => tracing::error!("{url:?} cannot be used: {error}"),
        }
    }
}

fn places(rule: &RecordingRule, server: &Server) -> Option<(String, Places)> {
    let url = rule.store.clone()?;
    let places = Places {
        recordings: rule.paths.clone()?,
        evidence: evidence_place(rule, server.evidence().map(|path| &**path))?,
    };
    Some((url, places))
}

async fn carry(store: Store, url: String, places: Places, decisions: DecisionLog) {
    // One at a time: the search waits for the store.
    let (found, mut left) = mpsc::channel(1);
    let searching = spawn_blocking(move || {
        let wanted = |begin: &guac_recorder::evidence::Begin| begin.store.as_ref() == Some(&url);
        places.search(
            &wanted,
            &mut |leftover| match found.blocking_send(leftover) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            },
        )
    });
    let mut recovered = 0_u64;
    while let Some(leftover) = left.recv().await {
        let session = leftover.begin().session.clone();
        match recover(&store, leftover, &decisions).await {
            Ok(true) => recovered += 1,
            Ok(false) => {}
            Err(why) => tracing::error!(
                "What an earlier run left of connection \"{}\" stays in its files: {why}.",
                session.escape_debug()
            ),
        }
    }
    match searching.await {
        Ok(Ok(Searched::All { unread: 0 })) => {
            tracing::debug!(
                "Earlier runs left {recovered} recordings that the object store lacked."
            );
        }
        Ok(Ok(Searched::All { unread })) => tracing::warn!(
            "Earlier runs may have left recordings in {unread} directories that cannot be looked into."
        ),
        Ok(Ok(Searched::TooMuch)) => {
            tracing::warn!("There are more recordings of earlier runs than are looked at.");
        }
        // No directory for evidence, no recording: the first session makes it.
        Ok(Ok(Searched::Stopped) | Err(_)) | Err(_) => {}
    }
}

/// Why something stays where it is.
#[derive(Debug, thiserror::Error)]
enum Stays {
    #[error("it cannot be read: {0}")]
    Unread(#[from] io::Error),
    #[error("it cannot be read")]
    Stopped(#[from] tokio::task::JoinError),
    #[error("{0}")]
    Refused(Arc<StoreError>),
}

/// Puts what the store lacks of a recording there; tells whether there was anything.
async fn recover(
    store: &Store,
    leftover: Leftover,
    decisions: &DecisionLog,
) -> Result<bool, Stays> {
    let session = leftover.begin().session.clone();
    let name = session.trim_start_matches('$');
    let (leftover, lines) = spawn_blocking(move || {
        let lines = leftover.lines()?;
        Ok::<_, io::Error>((leftover, lines))
    })
    .await??;
    let stored = stored(store, name).await?;
    let is_there = |number: u64| stored.contains(&format!("{number:06}.evidence"));
    if (0..lines).all(is_there) {
        return Ok(false);
    }
    let (leftover, report, mut closed) = spawn_blocking(move || check(leftover)).await??;
    if let State::Broken(fault) = &report.state {
        tracing::error!(
            "What an earlier run left of connection \"{}\" is not as it was written, and is put \
             into the object store up to there: {fault}.",
            session.escape_debug()
        );
    }
    let Some(last) = closed.last().map(|segment| segment.number) else {
        return Ok(false);
    };
    closed.retain(|segment| !is_there(segment.number));
    if closed.is_empty() {
        return Ok(false);
    }
    let bytes = put(store, name, leftover, &closed).await?;
    tracing::info!(
        "What an earlier run left of connection \"{}\" is in the object store now: {bytes} bytes, \
         up to line {last} of its evidence.",
        session.escape_debug()
    );
    decisions.write(&Event::RecordingRecovered {
        session: &session,
        bytes,
        evidence_line: last,
    });
    Ok(true)
}

/// What of a recording is as it was written, by its evidence.
fn check(leftover: Leftover) -> io::Result<(Leftover, Report, Vec<ClosedSegment>)> {
    let report = leftover.check()?;
    let most = u64::try_from(OBJECTS_MAX / 2).unwrap_or(u64::MAX);
    let closed = leftover.closed(report.intact.lines.min(most))?;
    Ok((leftover, report, closed))
}

/// The names of a session's objects. Waits for the store for as long as it takes.
async fn stored(store: &Store, session: &str) -> Result<HashSet<String>, Stays> {
    let mut failures = 0;
    loop {
        match store.list(session).await {
            Ok(objects) => return Ok(objects.into_iter().map(|object| object.name).collect()),
            // Who may not list still may put: what is there already is left as it is.
            Err(StoreError::Denied(_)) => return Ok(HashSet::new()),
            Err(error @ (StoreError::Name | StoreError::TooMuch)) => {
                return Err(Stays::Refused(Arc::new(error)));
            }
            Err(error) => {
                if failures == 0 {
                    say_it_waits(&error);
                }
                sleep(wait(failures)).await;
                failures += 1;
            }
        }
    }
}

/// Puts the pieces of these segments, and says how many bytes they were.
async fn put(
    store: &Store,
    session: &str,
    leftover: Leftover,
    closed: &[ClosedSegment],
) -> Result<u64, Stays> {
    let (recording, evidence) = leftover.into_files();
    let files = Files::new(recording, Some(evidence));
    let uploads = Uploads::start(store.clone(), session);
    let mut bytes = 0_u64;
    for segment in closed {
        for piece in files.pieces(segment) {
            bytes = bytes.saturating_add(piece.source.len());
            uploads.submit(piece);
        }
        settle(&uploads, PIECES_WAITING).await?;
    }
    settle(&uploads, 0).await?;
    Ok(bytes)
}

/// Waits until no more than so many pieces wait, for as long as it takes.
async fn settle(uploads: &Uploads, most: usize) -> Result<(), Stays> {
    let mut is_told = false;
    loop {
        let backlog = uploads
            .until(|backlog| match &backlog.trouble {
                Some(trouble) if most < backlog.pieces => !is_told || is_refused(trouble),
                _ => backlog.pieces <= most,
            })
            .await;
        match backlog.trouble {
            Some(trouble) if most < backlog.pieces => {
                if is_refused(&trouble) {
                    uploads.give_up();
                    return Err(Stays::Refused(trouble));
                }
                say_it_waits(&trouble);
                is_told = true;
            }
            _ => return Ok(()),
        }
    }
}

/// Whether waiting is of no use: the recording stays in its files.
fn is_refused(trouble: &StoreError) -> bool {
    matches!(
        trouble,
        StoreError::Different | StoreError::Name | StoreError::Spool(_)
    )
}

fn say_it_waits(trouble: &StoreError) {
    tracing::warn!("What earlier runs left waits for the object store: {trouble}.");
}
