//! The handshake and the framing, row by row from `guacd-reference.md` §1, §2, §3.1 and §11.
//!
//! The rows run against our daemon, and against a stock one as well when `GUACD_REFERENCE` names
//! its `host:port`. Where a row says that we differ on purpose, only ours is held to it.
//!
//! The traps of §11 and where they are looked at: 1 and 8 in `running`, 2 in `running` and `sharing`,
//! 3 in `handshake`, 4, 7 and 15 in `failures` (the prompt itself in `../errors.rs`), 5 and 6 in
//! `pace`, 9 and 10 in `frames`, 11 in `recording`, 13 and 14 in `sharing`, 17 in `resize`, 20 in
//! `greeting`. What a client cannot see is tested where it is made: 12 and the rest of 11 in
//! `guac-recorder`, 18 in `guac-vnc`, and 19 at the daemon's own tests of the network
//! (`both_loopback_addresses_answer_by_default`). 16 has no policy yet that ends a session.

#[path = "conformance/failures.rs"]
mod failures;
#[path = "conformance/frames.rs"]
mod frames;
#[path = "conformance/greeting.rs"]
mod greeting;
#[path = "conformance/handshake.rs"]
mod handshake;
#[path = "conformance/pace.rs"]
mod pace;
#[path = "conformance/recording.rs"]
mod recording;
#[path = "conformance/resize.rs"]
mod resize;
#[path = "conformance/running.rs"]
mod running;
#[path = "conformance/sharing.rs"]
mod sharing;

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use testkit::Guacd;

/// Longer than anything here takes, shorter than the timeouts that would hide a missing answer.
pub const SOON: Duration = Duration::from_secs(4);

/// Whether a stock daemon is held to a row too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stock {
    /// It does the same.
    Same,
    /// It does something else, for this reason we do not.
    Differs(&'static str),
    /// It does the same or something else from one time to the next, for this reason.
    Unsteady(&'static str),
}

/// The daemons to run the rows against.
pub struct Daemons {
    ours: Guacd,
    reference: Option<SocketAddr>,
}

impl Daemons {
    /// Starts ours and finds the reference.
    pub fn start() -> Result<Self> {
        let reference = match std::env::var("GUACD_REFERENCE") {
            Ok(name) => Some(
                name.to_socket_addrs()?
                    .next()
                    .context("GUACD_REFERENCE resolves")?,
            ),
            Err(_) => None,
        };
        Ok(Self {
            ours: Guacd::start()?,
            reference,
        })
    }

    /// Runs all rows and reports every one that failed.
    pub fn check<R>(
        mut self,
        rows: &[R],
        name: impl Fn(&R) -> (String, Stock),
        mut run: impl FnMut(&R, SocketAddr) -> Result<()>,
    ) -> Result<()> {
        let mut failures = Vec::new();
        for row in rows {
            let (title, stock) = name(row);
            if let Err(error) = run(row, self.ours.address()) {
                failures.push(format!("{title}: {error:#}"));
            }
            let Some(reference) = self.reference else {
                continue;
            };
            match (stock, run(row, reference)) {
                (Stock::Same, Err(error)) => failures.push(format!("stock, {title}: {error:#}")),
                (Stock::Differs(how), Ok(())) => {
                    failures.push(format!("stock, {title}: it does the same, not: {how}"));
                }
                _ => {}
            }
        }
        if !self.ours.is_running()? {
            failures.push("the daemon has ended".into());
        }
        if failures.is_empty() {
            return Ok(());
        }
        bail!(
            "{} of {} rows failed:\n{}",
            failures.len(),
            rows.len(),
            failures.join("\n")
        )
    }
}
