//! Recordings that an earlier process left behind: which files belong together, and what of them is closed.
//!
//! Directories and files are opened relative to handles, links are not followed, and nothing is written or removed.
//! A recording that somebody is still writing is passed over: its file is locked.

mod leftover;

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

use rustix::fd::OwnedFd;
use rustix::fs::{Dir, FileType, Mode, OFlags, openat};
use rustix::io::Errno;

pub use leftover::Leftover;

use crate::directory::open_trusted;
use crate::evidence::{Begin, peek};
use crate::recording::EVIDENCE_SUFFIX;
use crate::{CreateError, EvidencePlace, file};

/// Most entries of directories that are looked at in one search.
pub const ENTRIES_MAX: usize = 1_000_000;

/// Most recordings that are looked for at once, where evidence has a directory of its own.
pub const RECORDINGS_MAX: usize = 100_000;

/// How deep below a directory recordings are looked for.
const DEPTH_MAX: usize = 16;

/// Where recordings and their evidence lie.
#[derive(Debug, Clone)]
pub struct Places {
    /// Directories in and below which recordings lie.
    pub recordings: Vec<PathBuf>,
    /// Where their evidence is.
    pub evidence: EvidencePlace,
}

/// How far a search got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Searched {
    /// Everything was looked at, but for so many directories that could not be opened.
    All {
        /// How many.
        unread: usize,
    },
    /// There was more than [`ENTRIES_MAX`] or [`RECORDINGS_MAX`].
    TooMuch,
    /// Whoever was given the recordings wants no more.
    Stopped,
}

impl Places {
    /// Looks for recordings whose first line of evidence is wanted and that nobody writes, and gives them one by one.
    /// It holds few files open at a time, and blocks.
    ///
    /// # Errors
    /// When the directory of evidence cannot be opened.
    pub fn search(
        &self,
        wanted: &dyn Fn(&Begin) -> bool,
        each: &mut dyn FnMut(Leftover) -> ControlFlow<()>,
    ) -> Result<Searched, CreateError> {
        let mut walk = Walk::default();
        let outcome = match &self.evidence {
            EvidencePlace::Beside => self.walk(&mut walk, &mut |here, name| {
                let evidence = name.to_string_lossy();
                let Some(recording) = evidence.strip_suffix(EVIDENCE_SUFFIX) else {
                    return ControlFlow::Continue(());
                };
                let left = Leftover::open(here, recording.as_ref(), here, name);
                left.filter(|left| wanted(left.begin()))
                    .map_or(ControlFlow::Continue(()), &mut *each)
            }),
            EvidencePlace::Directory(path) => {
                let directory = open_trusted(path)?;
                let Some(named) = recordings_of(&directory, wanted) else {
                    return Ok(Searched::TooMuch);
                };
                self.walk(&mut walk, &mut |here, name| {
                    let evidence = named.get(name).into_iter().flatten();
                    for evidence in evidence {
                        let left = Leftover::open(here, name, &directory, evidence);
                        if let Some(left) = left.filter(Leftover::is_of_its_evidence) {
                            each(left)?;
                        }
                    }
                    ControlFlow::Continue(())
                })
            }
        };
        Ok(match outcome {
            ControlFlow::Break(()) if walk.entries == ENTRIES_MAX => Searched::TooMuch,
            ControlFlow::Break(()) => Searched::Stopped,
            ControlFlow::Continue(()) => Searched::All {
                unread: walk.unread,
            },
        })
    }

    fn walk(&self, walk: &mut Walk, visit: &mut Visit<'_>) -> ControlFlow<()> {
        for path in &self.recordings {
            match open_trusted(path) {
                Ok(directory) => walk.within(&directory, DEPTH_MAX, visit)?,
                Err(_) => walk.unread += 1,
            }
        }
        ControlFlow::Continue(())
    }
}

type Visit<'a> = dyn FnMut(&OwnedFd, &OsStr) -> ControlFlow<()> + 'a;

/// A walk through directories.
#[derive(Default)]
struct Walk {
    entries: usize,
    unread: usize,
}

impl Walk {
    fn within(&mut self, here: &OwnedFd, depth: usize, visit: &mut Visit<'_>) -> ControlFlow<()> {
        let Ok(entries) = Dir::read_from(here) else {
            self.unread += 1;
            return ControlFlow::Continue(());
        };
        for entry in entries.map_while(Result::ok) {
            if self.entries == ENTRIES_MAX {
                return ControlFlow::Break(());
            }
            self.entries += 1;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            match entry.file_type() {
                _ if name == "." || name == ".." => {}
                FileType::RegularFile => visit(here, name)?,
                FileType::Directory => self.below(here, name, depth, visit)?,
                // Not every file system says.
                FileType::Unknown => match open_directory(here, name) {
                    Err(Errno::NOTDIR) => visit(here, name)?,
                    _ => self.below(here, name, depth, visit)?,
                },
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }

    fn below(
        &mut self,
        here: &OwnedFd,
        name: &OsStr,
        depth: usize,
        visit: &mut Visit<'_>,
    ) -> ControlFlow<()> {
        match (depth.checked_sub(1), open_directory(here, name)) {
            (Some(depth), Ok(directory)) => self.within(&directory, depth, visit),
            _ => {
                self.unread += 1;
                ControlFlow::Continue(())
            }
        }
    }
}

fn open_directory(here: &OwnedFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(here, name, flags, Mode::empty())
}

/// The names of files of evidence that are wanted, by the name of the recording that each is of. A recording's name
/// may be that of others in other directories. `None` if there are too many.
fn recordings_of(
    directory: &OwnedFd,
    wanted: &dyn Fn(&Begin) -> bool,
) -> Option<HashMap<OsString, Vec<OsString>>> {
    let mut named: HashMap<_, Vec<_>> = HashMap::new();
    let mut count = 0;
    let entries = Dir::read_from(directory).ok()?;
    for (index, entry) in entries.map_while(Result::ok).enumerate() {
        if ENTRIES_MAX <= index || RECORDINGS_MAX <= count {
            return None;
        }
        let name = entry.file_name().to_bytes();
        if !name.ends_with(EVIDENCE_SUFFIX.as_bytes()) {
            continue;
        }
        let name = OsString::from_vec(name.to_vec());
        let begin = file::open_to_read(directory, &name)
            .ok()
            .and_then(|file: File| peek(&mut BufReader::new(file)).ok()?);
        if let Some(begin) = begin.filter(|begin| wanted(begin)) {
            count += 1;
            named.entry(begin.recording.into()).or_default().push(name);
        }
    }
    Some(named)
}
