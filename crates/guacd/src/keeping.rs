//! What is kept of a session while it runs: its recording, with evidence, and whoever writes them.
//!
//! Writing is done beside the session, by one task at a time and by none while there is nothing to write: on the
//! session's own thread where that is quick, which is far cheaper than another one, else on a thread that may wait.
//! The session puts what is to be kept into a bounded queue and never waits. A frame goes to its viewers by
//! the writer's hand, once its bytes are in the kernel. When the writer falls behind, the session freezes;
//! when it stays behind, the session ends.

mod condition;
#[cfg(feature = "object-store")]
mod copies;
#[cfg(not(feature = "object-store"))]
#[path = "keeping/uncopied.rs"]
mod copies;
mod disk;
#[cfg(feature = "object-store")]
mod leftovers;
mod lookout;
mod patience;
mod queue;
#[cfg(test)]
mod tests;
mod wanted;
mod writer;

pub(crate) use condition::Keeping;
#[cfg(feature = "object-store")]
pub(crate) use leftovers::Leftovers;
pub(crate) use queue::{Addressee, Work};
pub(crate) use wanted::{Defaults, Wanted};
