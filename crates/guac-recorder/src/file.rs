//! Creating a recording's file: exclusively, within one directory, locked.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use nix::fcntl::{FcntlArg, fcntl};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;

use crate::RecordingOptions;
use crate::directory;
use crate::name::{InvalidName, Name, SEALED_SUFFIX};

/// Why there is no recording. Operating system errors are given by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CreateError {
    /// The name is not a plain file name.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// The directory could not be created or opened.
    #[error("recording directory could not be opened (operating system error {os_error})")]
    Directory {
        /// The operating system's error number.
        os_error: i32,
    },
    /// The directory is not in or below the root, or not plainly so.
    #[error("recording directory is outside of the directory that is allowed")]
    Outside,
    /// The file could not be created.
    #[error("recording could not be created (operating system error {os_error})")]
    File {
        /// The operating system's error number.
        os_error: i32,
    },
    /// The name and all its suffixes are in use.
    #[error("exhausted all possible unique suffixes")]
    SuffixesExhausted,
    /// The file is being written by somebody else, or cannot be locked.
    #[error("recording could not be locked (operating system error {os_error})")]
    Lock {
        /// The operating system's error number.
        os_error: i32,
    },
    /// There is too little space for a recording to begin.
    #[error("only {free} bytes are free where the recording would lie, less than {needed}")]
    Space {
        /// What is free, in bytes.
        free: u64,
        /// What has to be.
        needed: u64,
    },
    /// The evidence file could not be created.
    #[error("evidence could not be created (operating system error {os_error})")]
    Evidence {
        /// The operating system's error number.
        os_error: i32,
    },
    /// What a recording and its evidence begin with could not be written.
    #[error("the beginning could not be written")]
    Beginning,
}

/// A file that was created, and where it is.
pub(crate) struct Created {
    pub(crate) directory: OwnedFd,
    pub(crate) file: File,
    pub(crate) path: PathBuf,
}

/// Creates the file that the options ask for.
pub(crate) fn create(options: &RecordingOptions) -> Result<Created, CreateError> {
    let suffix = options.seal.as_ref().map_or("", |_| SEALED_SUFFIX);
    let name = Name::with_suffix(&options.name, suffix)?;
    let directory = directory::open(options)?;
    let (file, name) = if options.write_existing {
        let name = name.whole();
        let file = open_file(&directory, &name, OFlags::empty()).map_err(file_error)?;
        (file, name)
    } else {
        create_unused(&directory, &name)?
    };
    require_regular(&file)?;
    lock(&file)?;
    if options.write_existing {
        // Only now that nobody else writes it may its old content go.
        file.set_len(0).map_err(|error| CreateError::File {
            os_error: error.raw_os_error().unwrap_or_default(),
        })?;
    }
    Ok(Created {
        path: options.directory.join(name),
        directory,
        file,
    })
}

/// Creates a file of evidence, which must not exist.
pub(crate) fn create_evidence(directory: &OwnedFd, name: &str) -> Result<File, CreateError> {
    let name = Name::with_suffix(name, "")?.whole();
    open_file(directory, &name, OFlags::EXCL).map_err(|error| CreateError::Evidence {
        os_error: error.raw_os_error(),
    })
}

/// Opens a plain file of a directory for reading.
pub(crate) fn open_to_read(directory: &OwnedFd, name: &OsStr) -> Result<File, Errno> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(directory, name, flags, Mode::empty())?);
    match file.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(file),
        _ => Err(Errno::INVAL),
    }
}

fn create_unused(directory: &OwnedFd, name: &Name) -> Result<(File, String), CreateError> {
    for candidate in name.candidates() {
        match open_file(directory, &candidate, OFlags::EXCL) {
            Ok(file) => return Ok((file, candidate)),
            Err(Errno::EXIST) => {}
            Err(error) => return Err(file_error(error)),
        }
    }
    Err(CreateError::SuffixesExhausted)
}

/// Opens relative to the directory's handle and follows no link, so that nothing outside it can be
/// meant.
fn open_file(directory: &OwnedFd, name: &str, how: OFlags) -> Result<File, Errno> {
    // A pipe without a reader would hold the opening up for ever.
    // It is also read, where it is copied: through this very file, whatever its name means by then.
    let flags =
        OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | how;
    openat(directory, name, flags, Mode::from_raw_mode(0o640)).map(File::from)
}

/// A file that has another name too could be anybody's: that one may be outside of the directory.
fn require_regular(file: &File) -> Result<(), CreateError> {
    match file.metadata() {
        Ok(metadata) if metadata.is_file() && metadata.nlink() == 1 => Ok(()),
        Ok(_) => Err(file_error(Errno::INVAL)),
        Err(error) => Err(CreateError::File {
            os_error: error.raw_os_error().unwrap_or_default(),
        }),
    }
}

const fn file_error(error: Errno) -> CreateError {
    CreateError::File {
        os_error: error.raw_os_error(),
    }
}

/// Takes a write lock on the whole file for as long as it is open. Stock tools see it as they see
/// stock guacd's; unlike that one it also holds between the sessions of one process.
fn lock(file: &File) -> Result<(), CreateError> {
    lock_as(file, WRITER)
}

/// Keeps writers away for as long as the file is open; fails if there is one.
pub(crate) fn lock_to_read(file: &File) -> Result<(), CreateError> {
    lock_as(file, READER)
}

fn lock_as(file: &File, kind: nix::libc::c_short) -> Result<(), CreateError> {
    let whole = nix::libc::flock {
        l_type: kind,
        l_whence: SEEK_SET,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    match fcntl(file, FcntlArg::F_OFD_SETLK(&whole)) {
        Ok(_) => Ok(()),
        Err(error) => Err(CreateError::Lock {
            os_error: error as i32,
        }),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the C type of the constant is wider than the field's"
)]
const WRITER: nix::libc::c_short = nix::libc::F_WRLCK as nix::libc::c_short;
#[expect(
    clippy::cast_possible_truncation,
    reason = "the C type of the constant is wider than the field's"
)]
const READER: nix::libc::c_short = nix::libc::F_RDLCK as nix::libc::c_short;
#[expect(
    clippy::cast_possible_truncation,
    reason = "the C type of the constant is wider than the field's"
)]
const SEEK_SET: nix::libc::c_short = nix::libc::SEEK_SET as nix::libc::c_short;
