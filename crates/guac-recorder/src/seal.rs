//! The sealed form of a recording: compressed, and encrypted to the auditors' public keys.
//!
//! The daemon can write it and cannot read it: each segment has a key of its own, which is wrapped with
//! [age](https://age-encryption.org/v1) for the auditors and erased when the segment ends. Within a segment,
//! each batch is one record that is authenticated by itself, so that what a killed process leaves behind can
//! be read up to its last batch. What comes out is the recording as it would have been written plain, byte
//! for byte.
//!
//! Nothing here touches a file or a clock. The format is described in `docs/sealed-format.md`, well enough
//! for another reader to be written. It proves that what it gives was sealed with that segment's key, and in
//! that order; who sealed it, and that no segment is missing at the end, is for the [evidence](crate::evidence).

mod decoder;
mod format;
mod keys;
mod sealer;
mod unsealer;

pub use format::{Damage, is_sealed};
pub use keys::{Identities, IdentityError, RecipientError, Recipients};
pub use sealer::{SealError, Sealer};
pub use unsealer::{Cut, UnsealError, Unsealer};

/// Most recipients of a recording.
pub const RECIPIENTS_MAX: usize = 16;

/// Most bytes of the recording in one record. Larger batches become several.
pub const RECORD_PLAIN_MAX: usize = 4 << 20;
