//! `guac-audit fetch`

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use guac_recorder::store::{Object, Store};
use tempfile::TempDir;

use crate::unseal::create;
use crate::{Outcome, complain};

/// A file or directory that was named, and what by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// Where it is now.
    pub(crate) path: PathBuf,
    /// The URL of the session that it was put together from, if it was.
    pub(crate) url: Option<PathBuf>,
}

/// Fetches what lies in a store into a directory that goes with what is returned; the other files stay as they are.
pub(crate) fn fetch_all(files: Vec<PathBuf>) -> anyhow::Result<(TempDir, Vec<Named>)> {
    let directory = tempfile::tempdir().context("no temporary directory could be made")?;
    let place = |(number, file): (usize, PathBuf)| {
        let Some(url) = file.to_str().filter(|word| word.contains("://")) else {
            return Ok(Named {
                path: file,
                url: None,
            });
        };
        // Sessions of different stores may have the same name.
        let own = directory.path().join(number.to_string());
        Ok(Named {
            path: fetch(url, &own)?.recording,
            url: Some(file),
        })
    };
    let files = files.into_iter().enumerate().map(place);
    let files = files.collect::<anyhow::Result<_>>()?;
    Ok((directory, files))
}

/// What was put together.
pub(crate) struct Fetched {
    /// The recording, with its evidence beside it.
    pub(crate) recording: PathBuf,
    /// Whether no piece was missing between others.
    pub(crate) outcome: Outcome,
}

/// Puts recording and evidence of a session together, from the pieces that a store has. The URL is that of the
/// store and the session's id. Memory holds one piece at a time.
pub(crate) fn fetch(url: &str, directory: &Path) -> anyhow::Result<Fetched> {
    let (place, session) = url
        .trim_end_matches('/')
        .rsplit_once('/')
        .with_context(|| format!("{url:?} names no session of a store"))?;
    let store = Store::open(place).with_context(|| format!("{place:?} could not be opened"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(put_together(&store, session, directory))
}

async fn put_together(store: &Store, session: &str, directory: &Path) -> anyhow::Result<Fetched> {
    let listed = store.list(session).await;
    let listed = listed.with_context(|| format!("{session:?} could not be listed"))?;
    let segments = pieces(&listed, "segment");
    let evidence = pieces(&listed, "evidence");
    if segments.is_empty() && evidence.is_empty() {
        bail!("the store has nothing of {session:?}");
    }
    fs::create_dir_all(directory).with_context(|| format!("{directory:?} could not be made"))?;
    let recording = directory.join(session);
    write(store, session, &segments, &recording).await?;
    let lines = directory.join(format!("{session}.evidence.jsonl"));
    write(store, session, &evidence, &lines).await?;
    // A segment may have no bytes, but each has a line of evidence.
    let gap = (0..).zip(&evidence).find(|(due, piece)| *due != piece.0);
    if let Some((missing, _)) = gap {
        complain(&format!(
            "the store lacks the evidence of segment {missing} of {session:?}"
        ));
    }
    Ok(Fetched {
        recording,
        outcome: gap.map_or(Outcome::Whole, |_| Outcome::Damaged),
    })
}

/// The pieces of a kind with their numbers, in that order.
fn pieces(listed: &[Object], kind: &str) -> Vec<(u64, String)> {
    let number = |name: &str| name.strip_suffix(kind)?.strip_suffix('.')?.parse().ok();
    let mut pieces: Vec<_> = listed
        .iter()
        .filter_map(|object| Some((number(&object.name)?, object.name.clone())))
        .collect();
    pieces.sort();
    pieces
}

async fn write(
    store: &Store,
    session: &str,
    pieces: &[(u64, String)],
    path: &Path,
) -> anyhow::Result<()> {
    let not_written = || format!("{path:?} could not be written");
    let mut file: File = create(path).with_context(not_written)?;
    for (_, name) in pieces {
        let piece = store.get(session, name).await;
        let piece = piece.with_context(|| format!("{name:?} could not be read"))?;
        file.write_all(&piece).with_context(not_written)?;
    }
    file.sync_all().with_context(not_written)
}
