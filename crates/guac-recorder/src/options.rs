//! What to record, and where.

use std::path::PathBuf;

use crate::seal::Recipients;

/// What to record and where: the `recording-*` parameters of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingOptions {
    /// The directory.
    pub directory: PathBuf,
    /// The directory in or below which `directory` has to be. From there on no link is followed, so that
    /// nothing outside of it can be meant. Without one, the path is taken as it is given.
    pub root: Option<PathBuf>,
    /// The file's name within it: not `.` or `..`, without `/` and `\`.
    pub name: String,
    /// Creates the directory, and those above it, with mode 0750.
    pub create_directory: bool,
    /// Replaces a file of this name instead of choosing a free one.
    pub write_existing: bool,
    /// Records input only. Such a file can be read by tools and not be played.
    pub exclude_output: bool,
    /// Leaves the pointer out.
    pub exclude_mouse: bool,
    /// Records keys.
    pub include_keys: bool,
    /// Records texts of the clipboard that pass, both ways.
    pub include_clipboard: bool,
    /// Seals it to these auditors. The file's name then ends with [`SEALED_SUFFIX`](crate::SEALED_SUFFIX), and
    /// `name` has at most 244 bytes.
    pub seal: Option<Recipients>,
    /// The URL of the object store that it is copied to, which its evidence names.
    pub store: Option<String>,
}

impl RecordingOptions {
    /// Stock defaults: output and pointer, no keys, no clipboard, an existing directory anywhere, an unused name,
    /// not sealed, not copied.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        Self {
            directory: directory.into(),
            root: None,
            name: name.into(),
            create_directory: false,
            write_existing: false,
            exclude_output: false,
            exclude_mouse: false,
            include_keys: false,
            include_clipboard: false,
            seal: None,
            store: None,
        }
    }
}
