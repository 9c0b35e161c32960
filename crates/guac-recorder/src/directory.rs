//! The directory of a recording, and the way to it.
//!
//! Where a root is given, the way from there is taken one name at a time, each relative to the handle
//! of the one before and none through a link. So a link is not followed wherever it stands, and also if
//! it takes a directory's place between two steps: there is no path that the kernel would look up again.
//! Linux' `openat2` does the same in one call; it is not used, since older kernels do not have it and
//! sandboxes forbid it, and what is needed there would be this.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Component, Path};

use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
use rustix::io::Errno;

use crate::{CreateError, RecordingOptions};

/// The mode of directories that are made, as with stock guacd.
const MODE: u32 = 0o750;

/// Opens the directory of a recording, having made it if that was asked for.
pub(crate) fn open(options: &RecordingOptions) -> Result<OwnedFd, CreateError> {
    match &options.root {
        None => {
            make_all(&options.directory, options.create_directory)?;
            open_trusted(&options.directory)
        }
        Some(root) => {
            let way = options
                .directory
                .strip_prefix(root)
                .map_err(|_| CreateError::Outside)?;
            make_all(root, options.create_directory)?;
            walk(open_trusted(root)?, way, options.create_directory)
        }
    }
}

/// Opens a directory that the operator names, having made it if it is not there.
pub(crate) fn open_operators(path: &Path) -> Result<OwnedFd, CreateError> {
    make_all(path, true)?;
    open_trusted(path)
}

/// Makes a directory and those above it.
fn make_all(path: &Path, is_asked: bool) -> Result<(), CreateError> {
    if !is_asked {
        return Ok(());
    }
    let made = DirBuilder::new().recursive(true).mode(MODE).create(path);
    made.map_err(|error| CreateError::Directory {
        os_error: error.raw_os_error().unwrap_or_default(),
    })
}

/// Opens a path that is the operator's: links in it mean what they say.
pub(crate) fn open_trusted(path: &Path) -> Result<OwnedFd, CreateError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(CWD, path, flags, Mode::empty()).map_err(failed)
}

fn walk(root: OwnedFd, way: &Path, makes: bool) -> Result<OwnedFd, CreateError> {
    let mut here = root;
    for part in way.components() {
        let Component::Normal(name) = part else {
            return Err(CreateError::Outside);
        };
        if makes {
            match mkdirat(&here, name, Mode::from_raw_mode(MODE)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        here = openat(&here, name, flags, Mode::empty()).map_err(failed)?;
    }
    Ok(here)
}

const fn failed(error: Errno) -> CreateError {
    CreateError::Directory {
        os_error: error.raw_os_error(),
    }
}
