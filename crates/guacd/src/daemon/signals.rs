//! The signals a daemon is told things by. `SIGPIPE` is ignored by Rust's runtime from the start.

use std::io;

use rustix::process::Signal as Number;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// `SIGXFSZ`: a file has reached the process's limit of file sizes. It would end the process, and so all
/// sessions; taken over, it leaves the one whose recording it is with an error of its write.
pub(crate) fn survive_file_size_limit() -> io::Result<()> {
    // Not caught any more once nobody listens, but not given back to the system either.
    signal(SignalKind::from_raw(Number::XFSZ.as_raw())).map(drop)
}

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

/// `SIGHUP`: take up files anew.
#[derive(Debug)]
pub(crate) struct Hangups(Signal);

impl Hangups {
    /// Takes the signal over from the system, which would end the process at once.
    pub(crate) fn watch() -> io::Result<Self> {
        signal(SignalKind::hangup()).map(Self)
    }

    /// Waits for the next one; false once there will be none.
    pub(crate) async fn next(&mut self) -> bool {
        self.0.recv().await.is_some()
    }
}
