//! Log lines to the system's log daemon: identity `guacd`, facility `daemon`, as the C daemon sends them.
//!
//! A line that cannot be handed over at once is lost: the log must never hold up a session.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Mutex;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::line::message;

/// The facility number of `daemon`, shifted as RFC 3164 says.
const FACILITY_DAEMON: u8 = 3 << 3;

/// Sends each event as one datagram.
pub(super) struct SyslogLayer {
    path: PathBuf,
    /// Nothing while there is nobody to talk to; each event tries again.
    socket: Mutex<Option<UnixDatagram>>,
    pid: u32,
}

impl SyslogLayer {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            socket: Mutex::new(None),
            pid: process::id(),
        }
    }

    fn send(&self, datagram: &[u8]) {
        let Ok(mut socket) = self.socket.lock() else {
            return;
        };
        // The second round is for a log daemon that was started anew since the last event.
        for _ in 0..2 {
            if socket.is_none() {
                *socket = connect(&self.path).ok();
            }
            match socket.as_ref().map(|socket| socket.send(datagram)) {
                Some(Err(error)) if error.kind() != io::ErrorKind::WouldBlock => *socket = None,
                _ => return,
            }
        }
    }
}

impl<S: Subscriber> Layer<S> for SyslogLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let priority = FACILITY_DAEMON | severity(*event.metadata().level());
        // Without a time: the log daemon knows it, and we would have to know its time zone.
        let line = format!("<{priority}>guacd[{}]: {}", self.pid, message(event));
        self.send(line.as_bytes());
    }
}

fn connect(path: &Path) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.connect(path)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// The severity numbers of RFC 3164.
fn severity(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    fn received(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 4096];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    }

    #[test]
    fn events_reach_the_log_daemon_also_after_it_was_restarted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let pid = process::id();
        let layer = SyslogLayer::new(&path);
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("nobody listens");
            let first = UnixDatagram::bind(&path).unwrap();
            tracing::error!(secret = 1, "bad\n");
            assert_eq!(received(&first), format!("<27>guacd[{pid}]: bad\\n"));
            drop(first);
            std::fs::remove_file(&path).unwrap();
            let second = UnixDatagram::bind(&path).unwrap();
            tracing::warn!("w");
            tracing::info!("i");
            tracing::trace!("t");
            assert_eq!(received(&second), format!("<28>guacd[{pid}]: w"));
            assert_eq!(received(&second), format!("<30>guacd[{pid}]: i"));
            assert_eq!(received(&second), format!("<31>guacd[{pid}]: t"));
        });
    }
}
