//! The file that tells scripts which process to signal. It stays when the daemon ends, as it always did.

use std::path::Path;
use std::{fs, io, process};

/// Writes the process id and a line feed, replacing what was there.
pub(crate) fn write(path: &Path) -> io::Result<()> {
    fs::write(path, format!("{}\n", process::id()))
}
