//! What may pass: the policy, the gate, and the decisions it takes.
//!
//! Nothing reaches a viewer's socket or the VNC server that this crate did not permit. Whatever was
//! parsed or planned is [`FromViewer`] or [`FromDesktop`] and can be written nowhere. The [`Gate`] of
//! a viewer and the [`FrameGate`] of a session turn it into [`Permitted`], refuse it, ignore it, or
//! end the session. A frame becomes [`Recorded`] when a [`Tap`] has accepted it. `Permitted` and
//! `Recorded` have no public constructor, so code outside this crate cannot make one.
//!
//! The rules are exhaustive matches without a wildcard arm: a new instruction does not compile until
//! someone has written a rule for it.
//!
//! This crate does no I/O (but for `Egress`, the driver behind the feature `tokio`), reads no clock
//! and logs nothing: its decisions carry static names and sizes, never content.

mod bucket;
mod decision;
mod document;
mod doors;
mod frame;
mod gate;
mod input;
pub mod limits;
mod policy;
mod state;

#[cfg(feature = "tokio")]
mod egress;

pub use decision::{Action, DataKind, Direction, Ignored, Refusal, Rule, Verdict};
pub use document::{
    DEFAULT_DOCUMENT, DOCUMENT_MAX_BYTES, DocumentError, Finding, KeyInfo, LIST_MAX_ITEMS,
};
pub use doors::{Door, DoorError, SocketPath, VncSecurity, VncSecurityError};
#[cfg(feature = "tokio")]
pub use egress::Egress;
pub use frame::FrameGate;
pub use gate::{Counters, Gate};
pub use input::{DesktopInput, InputVerdict, ViewerControl};
pub use policy::{
    ClipboardLimits, ClipboardRule, ClosedDoor, Digest, EvidenceRule, Excess, JoinMode, JoinRule,
    KeepingLimits, Key, KeyBudget, Origin, Overruled, PARAMETERS, ParameterRule, Policy,
    PolicyBuilder, Rate, RecordingMode, RecordingRule, RefusedParameter, ResizeRule, Restrictions,
    Role, SessionLimits, TIGHTENING, Target, TargetError,
};
pub use state::{Control, FromDesktop, FromViewer, Permitted, Recorded, Tap, TapError, Unrecorded};
