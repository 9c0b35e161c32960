//! `guacd.conf`: what its sections and parameters mean. The grammar is in [`grammar`].

mod grammar;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use guac_policy::{DoorError, VncSecurityError};

use grammar::{Assignment, Parser, SyntaxError};

use crate::options::{DesktopSizeError, FingerprintError, InvalidLogLevel, LogLevel, VncSettings};

/// A configuration of more bytes is refused: it is not one.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The parameters that the file sets.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FileSettings {
    pub(crate) bind_host: Option<String>,
    pub(crate) bind_port: Option<String>,
    pub(crate) pid_file: Option<PathBuf>,
    pub(crate) log_level: Option<LogLevel>,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    pub(crate) vnc: VncSettings,
}

/// Why a configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigFileError {
    #[error("Unable to open \"{}\": {source}", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("Error reading configuration: {source}\nUnable to parse \"{}\".", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{source}.\nUnable to parse \"{}\".", path.display())]
    Parse { path: PathBuf, source: ParseError },
}

/// What is wrong in the text, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Parse error at line {line}, column {column}: {problem}")]
pub(crate) struct ParseError {
    /// Both count from 1, columns in bytes.
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) problem: Problem,
}

/// What can be wrong with a file that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    #[error("Invalid parameter or section name")]
    UnknownName,
    #[error(
        "Invalid log level. Valid levels are: \"trace\", \"debug\", \"info\", \"warning\", and \"error\""
    )]
    LogLevel,
    #[error(transparent)]
    Door(#[from] DoorError),
    #[error(transparent)]
    DesktopSize(#[from] DesktopSizeError),
    #[error(transparent)]
    Security(#[from] VncSecurityError),
    #[error(transparent)]
    Fingerprint(#[from] FingerprintError),
}

impl From<InvalidLogLevel> for Problem {
    fn from(_: InvalidLogLevel) -> Self {
        Self::LogLevel
    }
}

/// Reads a file that must exist.
pub(crate) fn load(path: &Path) -> Result<FileSettings, ConfigFileError> {
    let file = File::open(path).map_err(|source| ConfigFileError::Open {
        path: path.to_owned(),
        source,
    })?;
    read(path, file)
}

/// Reads a file, or returns no settings when there is none.
pub(crate) fn load_if_present(path: &Path) -> Result<FileSettings, ConfigFileError> {
    match load(path) {
        Err(ConfigFileError::Open { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(FileSettings::default())
        }
        result => result,
    }
}

fn read(path: &Path, file: File) -> Result<FileSettings, ConfigFileError> {
    let mut text = Vec::new();
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut text)
        .and_then(|length| match u64::try_from(length) {
            Ok(length) if length <= MAX_FILE_BYTES => Ok(()),
            _ => Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "more than 1 MiB",
            )),
        })
        .map_err(|source| ConfigFileError::Read {
            path: path.to_owned(),
            source,
        })?;
    parse(&text).map_err(|source| ConfigFileError::Parse {
        path: path.to_owned(),
        source,
    })
}

/// Parses the text of a configuration file. Of repeated parameters the last wins, but doors add up.
fn parse(text: &[u8]) -> Result<FileSettings, ParseError> {
    let mut settings = FileSettings::default();
    for assignment in Parser::new(text) {
        let assignment = assignment?;
        let (line, column) = (assignment.line, assignment.column);
        settings.set(assignment).map_err(|problem| ParseError {
            line,
            column,
            problem,
        })?;
    }
    Ok(settings)
}

impl FileSettings {
    fn set(&mut self, assignment: Assignment<'_>) -> Result<(), Problem> {
        let Assignment {
            section,
            name,
            value,
            ..
        } = assignment;
        match (section, name) {
            (b"server", b"bind_host") => self.bind_host = Some(text(&value)),
            (b"server", b"bind_port") => self.bind_port = Some(text(&value)),
            (b"daemon", b"pid_file") => self.pid_file = Some(path(value)),
            (b"daemon", b"log_level") => self.log_level = Some(LogLevel::parse(&text(&value))?),
            (b"ssl", b"server_certificate") => self.certificate = Some(path(value)),
            (b"ssl", b"server_key") => self.key = Some(path(value)),
            (b"vnc", b"ca") => self.vnc.vnc_ca = Some(path(value)),
            (b"vnc", _) => return self.set_vnc(name, &text(&value)),
            _ => return Err(Problem::UnknownName),
        }
        Ok(())
    }

    fn set_vnc(&mut self, name: &[u8], value: &str) -> Result<(), Problem> {
        match name {
            b"allow" => self.vnc.allow.push(value.parse()?),
            b"max_desktop" => self.vnc.max_desktop = Some(value.parse()?),
            b"minimum_security" => self.vnc.vnc_minimum_security = Some(value.parse()?),
            b"fingerprint" => self.vnc.vnc_fingerprint = Some(value.parse()?),
            b"listen_host" => self.vnc.vnc_listen_host = Some(value.to_owned()),
            _ => return Err(Problem::UnknownName),
        }
        Ok(())
    }
}

/// A value that names something on the network or in a list. What is not UTF-8 names nothing, and is
/// reported where it is used.
fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

/// A value that names a file: any bytes.
fn path(value: Vec<u8>) -> PathBuf {
    OsString::from_vec(value).into()
}

#[cfg(test)]
mod tests;
