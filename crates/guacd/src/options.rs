//! What the operator asked for: flags over environment over configuration file over defaults.

mod arguments;
mod level;
mod vnc;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use arguments::{Arguments, Parsed};
pub(crate) use level::{InvalidLogFormat, InvalidLogLevel, LogFormat, LogLevel};
pub(crate) use vnc::{DesktopSizeError, FingerprintError, VncError, VncSettings};

use crate::config_file::{self, ConfigFileError, FileSettings};

/// Where the configuration is looked for when no flag names it; it may be missing.
const DEFAULT_CONFIG_FILE: &str = "/etc/guacamole/guacd.conf";
const DEFAULT_BIND_HOST: &str = "localhost";
const DEFAULT_BIND_PORT: &str = "4822";

/// The warning of the stock image's entry point.
const DEPRECATED_VARIABLE: &str = "WARNING: The GUACD_LOG_LEVEL environment variable has been \
    deprecated in favor of the LOG_LEVEL environment variable. Please migrate your configuration \
    when possible.";

/// What this start of the program is to do.
#[derive(Debug)]
pub(crate) enum Request {
    /// Print this text on standard output and end.
    Print(String),
    /// Run the daemon.
    Run(Box<Settings>),
}

/// How the process relates to the terminal or script that started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Serve in this process and log to standard error.
    Foreground,
    /// Start the process that serves in the background, wait until it listens, end.
    Daemonize,
    /// Be that process.
    Detached,
}

/// The settings of one daemon.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// A host name or address; all addresses it resolves to are bound.
    pub(crate) bind_host: String,
    /// A decimal port number, not yet checked.
    pub(crate) bind_port: String,
    /// Written once the daemon listens.
    pub(crate) pid_file: Option<PathBuf>,
    pub(crate) log_level: LogLevel,
    pub(crate) log_format: LogFormat,
    /// PEM files; TLS is required of every client when either is set.
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    /// What is said about VNC servers.
    pub(crate) vnc: VncSettings,
    /// The policy document that is in force.
    pub(crate) policy: Option<PathBuf>,
    /// The directory for evidence of recordings, where the policy names none.
    pub(crate) evidence: Option<PathBuf>,
    /// The public keys that recordings are sealed to, where the policy names none.
    pub(crate) seal_to: Vec<String>,
    /// Where decisions are written.
    pub(crate) decision_log: Vec<PathBuf>,
    pub(crate) mode: Mode,
    /// Lines for standard error about settings that are honoured but should be changed.
    pub(crate) warnings: Vec<&'static str>,
    /// How many words of the command line were not flags.
    pub(crate) ignored_words: usize,
}

/// Why the daemon does not start. The text is what standard error shows.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OptionsError {
    /// A flag that does not exist, or one without its value.
    #[error("guacd: {reason}\nUSAGE: {usage}")]
    Usage { reason: String, usage: String },
    #[error(transparent)]
    LogLevel(#[from] InvalidLogLevel),
    #[error(transparent)]
    LogFormat(#[from] InvalidLogFormat),
    /// An environment variable has a value that its flag would not take.
    #[error("{name}: {problem}")]
    Environment {
        name: &'static str,
        problem: &'static str,
    },
    #[error(transparent)]
    ConfigFile(#[from] ConfigFileError),
}

impl Request {
    /// Reads the command line (the program's name first), the environment and the configuration file.
    pub(crate) fn read(
        words: Vec<OsString>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, OptionsError> {
        let arguments = match Arguments::read(words)? {
            Parsed::Help(text) => return Ok(Self::Print(text)),
            Parsed::Arguments(arguments) => *arguments,
        };
        let flags = Flags::check(&arguments)?;
        if arguments.version {
            return Ok(Self::Print(format!("{}\n", crate::run::VERSION_LINE)));
        }
        let environment = Environment::read(&flags, variable)?;
        let file = match &arguments.config {
            Some(path) => config_file::load(path)?,
            None => config_file::load_if_present(Path::new(DEFAULT_CONFIG_FILE))?,
        };
        Ok(Self::Run(Box::new(Settings::merge(
            arguments,
            flags,
            environment,
            file,
        ))))
    }
}

impl Settings {
    fn merge(
        arguments: Arguments,
        flags: Flags,
        environment: Environment,
        file: FileSettings,
    ) -> Self {
        let seal_to = if arguments.seal_to.is_empty() {
            environment.seal_to
        } else {
            arguments.seal_to
        };
        let decision_log = if arguments.decision_log.is_empty() {
            environment.decision_log.into_iter().collect()
        } else {
            arguments.decision_log
        };
        let mode = match (arguments.foreground, arguments.detached) {
            (true, _) => Mode::Foreground,
            (false, true) => Mode::Detached,
            (false, false) => Mode::Daemonize,
        };
        Self {
            bind_host: arguments
                .bind_host
                .or(file.bind_host)
                .unwrap_or_else(|| DEFAULT_BIND_HOST.to_owned()),
            bind_port: arguments
                .listen_port
                .or(file.bind_port)
                .unwrap_or_else(|| DEFAULT_BIND_PORT.to_owned()),
            pid_file: arguments.pid_file.or(file.pid_file),
            log_level: flags
                .log_level
                .or(environment.log_level)
                .or(file.log_level)
                .unwrap_or_default(),
            log_format: flags
                .log_format
                .or(environment.log_format)
                .unwrap_or_default(),
            certificate: arguments.certificate.or(file.certificate),
            key: arguments.key.or(file.key),
            vnc: arguments.vnc.or(file.vnc),
            policy: arguments.policy.or(environment.policy),
            evidence: arguments.evidence.or(environment.evidence),
            seal_to,
            decision_log,
            mode,
            warnings: environment.warnings,
            ignored_words: arguments.ignored.len(),
        }
    }
}

/// The flags whose values are names out of a list.
struct Flags {
    log_level: Option<LogLevel>,
    log_format: Option<LogFormat>,
}

impl Flags {
    fn check(arguments: &Arguments) -> Result<Self, OptionsError> {
        let log_level = arguments
            .log_level
            .as_deref()
            .map(LogLevel::parse)
            .transpose()?;
        let log_format = arguments
            .log_format
            .as_deref()
            .map(LogFormat::parse)
            .transpose()?;
        Ok(Self {
            log_level,
            log_format,
        })
    }
}

/// What the environment asks for. Variables that are empty or overridden by a flag are not looked at.
struct Environment {
    log_level: Option<LogLevel>,
    log_format: Option<LogFormat>,
    policy: Option<PathBuf>,
    evidence: Option<PathBuf>,
    seal_to: Vec<String>,
    decision_log: Option<PathBuf>,
    warnings: Vec<&'static str>,
}

impl Environment {
    fn read(
        flags: &Flags,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, OptionsError> {
        let value = |name: &'static str| {
            let text = variable(name)?.to_string_lossy().to_ascii_lowercase();
            (!text.is_empty()).then_some((name, text))
        };
        let path = |name| {
            variable(name)
                .filter(|path| !path.is_empty())
                .map(PathBuf::from)
        };
        let list = |name| {
            let text = variable(name).unwrap_or_default();
            let words = text.to_string_lossy();
            let words = words.split([' ', ',']).filter(|word| !word.is_empty());
            words.map(str::to_owned).collect()
        };
        let deprecated = value("GUACD_LOG_LEVEL");
        let warnings = deprecated.iter().map(|_| DEPRECATED_VARIABLE).collect();
        let log_level = match (flags.log_level, value("LOG_LEVEL").or(deprecated)) {
            (None, Some((name, text))) => Some(LogLevel::parse(&text).map_err(|_| {
                let problem = "not one of trace, debug, info, warning and error";
                OptionsError::Environment { name, problem }
            })?),
            _ => None,
        };
        let log_format = match (flags.log_format, value("GUACD_LOG_FORMAT")) {
            (None, Some((name, text))) => Some(LogFormat::parse(&text).map_err(|_| {
                let problem = "not one of text and json";
                OptionsError::Environment { name, problem }
            })?),
            _ => None,
        };
        Ok(Self {
            log_level,
            log_format,
            policy: path("GUACD_POLICY"),
            evidence: path("GUACD_EVIDENCE"),
            seal_to: list("GUACD_SEAL_TO"),
            decision_log: path("GUACD_DECISION_LOG"),
            warnings,
        })
    }
}

#[cfg(test)]
mod tests;
