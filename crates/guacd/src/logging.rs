//! Where log events go: standard error as the C daemon writes it or as JSON, and syslog for a daemon.
//!
//! A line of text is an event's message and nothing else, because operators match these lines; the
//! fields of events and spans are in the JSON form only. Below `warning` only our own crates are heard.

mod line;
mod panics;
mod syslog;
mod text;

use std::io;
use std::path::Path;

use syslog::SyslogLayer;
use text::TextLayer;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::options::{LogFormat, LogLevel};

/// All our crates have this prefix: guacd, guac_vnc and so on.
const OUR_TARGETS: &str = "guac";

/// The socket of the system's log daemon.
const SYSLOG_SOCKET: &str = "/dev/log";

/// Whether events also go to the system's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SystemLog {
    Used,
    Unused,
}

/// Sends all events of this process to their places, panics included. Only the first call counts.
pub(crate) fn init(level: LogLevel, format: LogFormat, system: SystemLog) {
    let stderr = match format {
        LogFormat::Text => TextLayer::new(io::stderr).boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .log_internal_errors(false)
            .with_writer(io::stderr)
            .boxed(),
    };
    let system = (system == SystemLog::Used).then(|| SyslogLayer::new(Path::new(SYSLOG_SOCKET)));
    let subscriber = tracing_subscriber::registry()
        .with(filter(level))
        .with(stderr)
        .with(system);
    if subscriber.try_init().is_ok() {
        panics::log_them();
    }
}

fn filter(level: LogLevel) -> Targets {
    let level = LevelFilter::from(level);
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target(OUR_TARGETS, level)
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn dependencies_are_heard_from_warning_up() {
        for (asked, target, level, heard) in [
            (LogLevel::Info, "guacd::listener", Level::INFO, true),
            (LogLevel::Info, "guacd::listener", Level::DEBUG, false),
            (LogLevel::Trace, "guac_vnc", Level::TRACE, true),
            (LogLevel::Trace, "rustls::server", Level::INFO, false),
            (LogLevel::Trace, "rustls::server", Level::WARN, true),
            (LogLevel::Error, "rustls::server", Level::WARN, false),
            (LogLevel::Error, "guacd", Level::ERROR, true),
        ] {
            let answer = filter(asked).would_enable(target, &level);
            assert_eq!(answer, heard, "{asked:?} {target} {level}");
        }
    }
}
