//! The log levels and log formats that an operator can ask for.

use tracing::Level;
use tracing::level_filters::LevelFilter;

/// What is written, and everything that is more severe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogLevel {
    /// Something failed that the operator should look at.
    Error,
    /// Something is odd, the daemon goes on.
    Warning,
    /// The life of sessions.
    #[default]
    Info,
    /// What helps to find a fault.
    Debug,
    /// Everything.
    Trace,
}

/// A log level that does not exist was asked for; the text is that of the C daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "Invalid log level. Valid levels are: \"trace\", \"debug\", \"info\", \"warning\", and \"error\"."
)]
pub(crate) struct InvalidLogLevel;

impl LogLevel {
    /// The level of this name, which is lower case.
    pub(crate) fn parse(name: &str) -> Result<Self, InvalidLogLevel> {
        match name {
            "error" => Ok(Self::Error),
            "warning" => Ok(Self::Warning),
            "info" => Ok(Self::Info),
            "debug" => Ok(Self::Debug),
            "trace" => Ok(Self::Trace),
            _ => Err(InvalidLogLevel),
        }
    }
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        Self::from_level(match level {
            LogLevel::Error => Level::ERROR,
            LogLevel::Warning => Level::WARN,
            LogLevel::Info => Level::INFO,
            LogLevel::Debug => Level::DEBUG,
            LogLevel::Trace => Level::TRACE,
        })
    }
}

/// How a log line looks on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// The lines of the C daemon.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// A log format that does not exist was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid log format. Valid formats are: \"text\" and \"json\".")]
pub(crate) struct InvalidLogFormat;

impl LogFormat {
    /// The format of this name, which is lower case.
    pub(crate) fn parse(name: &str) -> Result<Self, InvalidLogFormat> {
        match name {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(InvalidLogFormat),
        }
    }
}
