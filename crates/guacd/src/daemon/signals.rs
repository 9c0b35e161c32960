//! The signals a daemon is told things by. `SIGPIPE` is ignored by Rust's runtime from the start.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The requests to end: `SIGTERM` and `SIGINT`.
#[derive(Debug)]
pub(crate) struct Termination {
    terminate: Signal,
    interrupt: Signal,
}

impl Termination {
    /// Takes both signals over from the system, which would end the process at once.
    pub(crate) fn watch() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self {
            terminate,
            interrupt,
        })
    }

    /// Waits for the next request and returns its name.
    pub(crate) async fn requested(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Answers `SIGHUP` with a log line for as long as the runtime lives: settings are read at start only.
pub(crate) fn survive_hangups() -> io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            tracing::info!("SIGHUP received: settings are read at start only, nothing to do");
        }
    });
    Ok(())
}
