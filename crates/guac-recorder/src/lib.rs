//! What is kept: the session recording writer and reader.
//!
//! A recording is the stream of permitted frames as viewers got it, in the stock format, with the
//! `mouse` and `key` events and clipboard texts that were asked for put in between. It plays in the stock web player
//! and works with stock tools.
//!
//! The writer is a [`guac_policy::Tap`]: when it has accepted a frame, the frame's bytes are in the
//! kernel's hands, and when it cannot accept one, that frame is not shown. It never reads a clock:
//! times come with the events.

mod directory;
mod event;
pub mod evidence;
mod file;
pub mod leftovers;
mod metadata;
mod name;
mod options;
mod proof;
mod reader;
mod recording;
pub mod seal;
mod sealing;
mod segment;
mod spool;
#[cfg(feature = "object-store")]
pub mod store;
mod tally;

pub use event::{COPY_STREAM, ClipboardWay, PASTE_STREAM};
pub use file::CreateError;
pub use metadata::Metadata;
pub use name::{InvalidName, SEALED_SUFFIX};
pub use options::RecordingOptions;
pub use proof::EvidencePlace;
pub use reader::{Entry, ReadError, Reader};
pub use recording::{ClosedSegment, Durable, End, Recording, Summary};
pub use segment::{SEGMENT_MAX_BYTES, SEGMENT_MAX_MS};
pub use spool::{NoPatience, Patience};
