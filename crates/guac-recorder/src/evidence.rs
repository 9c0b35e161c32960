//! What proves that a recording is whole and unaltered: a chain of signed lines beside it.
//!
//! An evidence file has a line of JSON for the beginning of a recording, for each of its segments and for its
//! end. A line holds the digest of the line before it, and an Ed25519 signature. It also names the public
//! key of the line after it: each line is signed with a key of its own, which is erased when the line is
//! written. Whoever takes over the daemon therefore cannot rewrite what was closed before.
//!
//! That a chain was cut short or replaced as a whole is found by what has left the machine meanwhile: the
//! first public key and, from time to time, the chain's head. See [`Anchors`].
//!
//! The format is described in `docs/evidence.md`, well enough for another verifier to be written.

mod chain;
mod hex;
mod ledger;
mod line;
mod report;
mod verify;

pub use chain::ChainFault;
pub use hex::Hex;
pub use ledger::{Anchor, Ledger, LedgerError, Moment};
pub use line::{Begin, Close, Ending, Entry, Extent, Line, Seen, Segment};
pub use report::{Anchoring, Fault, Intact, Report, State};
pub(crate) use verify::next_line;
pub use verify::{Anchors, peek, verify, verify_unsealed};

/// The version of the format. Fields are only added within one.
pub const VERSION: u32 = 1;

/// The longest line that is written or read, in bytes without its end.
pub const LINE_MAX_BYTES: usize = 64 * 1_024;

/// The most viewers that one segment's line names.
pub const VIEWERS_MAX: usize = 128;
