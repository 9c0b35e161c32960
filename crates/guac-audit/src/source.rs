//! Opening a recording. Every command opens its recordings here.

use std::fs::File;
use std::io;
use std::path::Path;

/// The instructions of a recording as they are in a stock file, from its start.
pub(crate) type Source = File;

/// Opens a recording.
///
/// # Errors
/// When there is no file that could be read.
pub(crate) fn open(path: &Path) -> io::Result<Source> {
    File::open(path)
}
