//! How the process ends, as init scripts and container platforms know it from the C daemon.

use std::process::ExitCode;

/// The exit codes of the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It was asked to stop and did so in order, or only had to print something.
    Success,
    /// Options, configuration, address, TLS files or PID file do not allow it to start.
    Failure,
    /// An address could be bound but not listened on.
    ListenFailed,
}

impl Exit {
    /// The number that the parent process sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::ListenFailed => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
