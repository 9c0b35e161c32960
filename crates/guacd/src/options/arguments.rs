//! The command line: every flag of the C daemon with its meaning, and a long name for each.
//!
//! As with the C daemon the last of repeated flags wins, but for doors, which add up; and words that
//! are not flags are ignored.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgAction, Parser};

use super::{OptionsError, VncSettings};

/// The usage line of the C daemon, after the program's name.
const USAGE: &str = "[-l LISTENPORT] [-b LISTENADDRESS] [-p PIDFILE] [-L LEVEL] \
                     [-C CERTIFICATE_FILE] [-K PEM_FILE] [-f] [-v]";

/// Guacamole proxy daemon: shows VNC desktops in Guacamole clients.
///
/// Flags override the environment (LOG_LEVEL, GUACD_LOG_FORMAT, GUACD_POLICY, GUACD_DECISION_LOG), which overrides the configuration file.
#[derive(Debug, Parser)]
#[command(
    name = "guacd",
    disable_help_flag = true,
    disable_version_flag = true,
    args_override_self = true
)]
pub(super) struct Arguments {
    /// Listen on every address that this host name or address resolves to [default: localhost]
    #[arg(
        short = 'b',
        long,
        value_name = "LISTENADDRESS",
        allow_hyphen_values = true
    )]
    pub(super) bind_host: Option<String>,

    /// Listen on this TCP port; 0 takes a free one [default: 4822]
    #[arg(
        short = 'l',
        long,
        value_name = "LISTENPORT",
        allow_hyphen_values = true
    )]
    pub(super) listen_port: Option<String>,

    /// Write the process id to this file once the daemon listens
    #[arg(short = 'p', long, value_name = "PIDFILE", allow_hyphen_values = true)]
    pub(super) pid_file: Option<PathBuf>,

    /// Log this level and what is more severe: trace, debug, info, warning or error [default: info]
    #[arg(short = 'L', long, value_name = "LEVEL", allow_hyphen_values = true)]
    pub(super) log_level: Option<String>,

    /// Take TLS connections only, with this certificate chain (PEM, the daemon's own certificate first)
    #[arg(
        short = 'C',
        long,
        value_name = "CERTIFICATE_FILE",
        allow_hyphen_values = true
    )]
    pub(super) certificate: Option<PathBuf>,

    /// The private key of the certificate (PEM: PKCS#8, PKCS#1 or SEC1, not encrypted)
    #[arg(short = 'K', long, value_name = "PEM_FILE", allow_hyphen_values = true)]
    pub(super) key: Option<PathBuf>,

    /// Stay in the foreground and log to standard error
    #[arg(short = 'f', long)]
    pub(super) foreground: bool,

    /// Print the version and exit
    #[arg(short = 'v', long)]
    pub(super) version: bool,

    /// Log as "text" or as "json", one object per line [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub(super) log_format: Option<String>,

    /// Read this file, which must exist, instead of /etc/guacamole/guacd.conf
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// Enforce the policy in this file, which is read again on SIGHUP [default: only pixels leave]
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    pub(super) policy: Option<PathBuf>,

    /// Write evidence of recordings into this directory, if the policy names none [default: no evidence]
    #[arg(long, value_name = "DIR", allow_hyphen_values = true)]
    pub(super) evidence: Option<PathBuf>,

    /// Seal recordings to this public key of age, if the policy names none; may be repeated [default:
    /// not sealed]
    #[arg(long, value_name = "KEY", action = ArgAction::Append)]
    pub(super) seal_to: Vec<String>,

    /// Write what the policy decides to the end of this file, or to standard output if it is "-"; may
    /// be repeated
    #[arg(long, value_name = "FILE", allow_hyphen_values = true, action = ArgAction::Append)]
    pub(super) decision_log: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) vnc: VncSettings,

    /// Print this help and exit
    #[arg(long, action = ArgAction::Help)]
    help: Option<bool>,

    /// This process was started by a daemon that puts itself into the background
    #[arg(long, hide = true)]
    pub(super) detached: bool,

    /// Words that are not flags
    #[arg(hide = true)]
    pub(super) ignored: Vec<OsString>,
}

/// The parsed command line, or the help text that it asks for.
pub(super) enum Parsed {
    Arguments(Box<Arguments>),
    Help(String),
}

impl Arguments {
    /// Reads a command line whose first word is the program's name.
    pub(super) fn read(words: Vec<OsString>) -> Result<Parsed, OptionsError> {
        let program = words.first().map_or_else(
            || "guacd".into(),
            |word| word.to_string_lossy().into_owned(),
        );
        match Self::try_parse_from(words) {
            Ok(arguments) => Ok(Parsed::Arguments(Box::new(arguments))),
            Err(error) if error.kind() == ErrorKind::DisplayHelp => {
                Ok(Parsed::Help(error.to_string()))
            }
            Err(error) => Err(OptionsError::Usage {
                reason: summary(&error),
                usage: format!("{program} {USAGE}"),
            }),
        }
    }
}

/// The first line of a message that goes on with hints the usage line makes unnecessary.
fn summary(error: &clap::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }
}
