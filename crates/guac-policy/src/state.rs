//! Three states, three types: untrusted, permitted, recorded.

use std::fmt;

use bytes::Bytes;

/// Something that a viewer sent. Only a gate can look into it.
pub struct FromViewer<I>(pub(crate) I);

impl<I> FromViewer<I> {
    /// Marks a value as coming from a viewer.
    pub const fn new(value: I) -> Self {
        Self(value)
    }
}

impl<I> fmt::Debug for FromViewer<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FromViewer(..)")
    }
}

/// Something that the desktop sent. Only a gate can look into it.
pub struct FromDesktop<I>(pub(crate) I);

impl<I> FromDesktop<I> {
    /// Marks a value as coming from the desktop.
    pub const fn new(value: I) -> Self {
        Self(value)
    }
}

impl<I> fmt::Debug for FromDesktop<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FromDesktop(..)")
    }
}

/// Something that a gate has let pass. Nothing outside this crate can make one.
#[derive(Clone, PartialEq, Eq)]
pub struct Permitted<I>(I);

impl<I> Permitted<I> {
    pub(crate) const fn new(value: I) -> Self {
        Self(value)
    }

    /// What may pass. It can be read, not replaced.
    pub const fn get(&self) -> &I {
        &self.0
    }
}

impl<I> fmt::Debug for Permitted<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Permitted(..)")
    }
}

impl Permitted<Bytes> {
    /// Hands a frame to the recorder; it can be sent once that has accepted it.
    ///
    /// # Errors
    /// The recorder's own. The frame is gone then: what was not recorded is not shown.
    pub fn record(self, tap: &mut dyn Tap) -> Result<Recorded<Bytes>, TapError> {
        tap.accept(&self)?;
        Ok(Recorded(self.0))
    }
}

/// The small traffic beside frames, serialised: answers, prompts, notices, signs of life, permitted
/// clipboard text. It goes to one viewer and is not part of a recording.
///
/// A type of its own, so that a frame cannot be sent by the way that needs no recorder.
#[derive(Clone, PartialEq, Eq)]
pub struct Control(Bytes);

impl Control {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    /// The instructions as they go onto the wire.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.0
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Control({} bytes)", self.0.len())
    }
}

/// A frame that the recorder has accepted. Cheap to clone and to share among viewers.
#[derive(Clone, PartialEq, Eq)]
pub struct Recorded<I>(I);

impl<I> Recorded<I> {
    /// What was recorded. It can be read, not replaced.
    pub const fn get(&self) -> &I {
        &self.0
    }
}

impl<I> fmt::Debug for Recorded<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorded(..)")
    }
}

/// Keeps what is shown.
pub trait Tap {
    /// Accepts a frame: when this returns, its bytes are in the kernel's hands.
    ///
    /// # Errors
    /// When the frame could not be kept whole. It must not be shown then.
    fn accept(&mut self, frame: &Permitted<Bytes>) -> Result<(), TapError>;
}

/// The tap of a session that nobody asked to record.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unrecorded;

impl Tap for Unrecorded {
    fn accept(&mut self, _frame: &Permitted<Bytes>) -> Result<(), TapError> {
        Ok(())
    }
}

/// Why a frame was not kept. All of these are the operator's to mend, none a viewer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TapError {
    /// The recording could not be written.
    #[error("recording could not be written (operating system error {os_error:?})")]
    Write {
        /// The operating system's error number, where it gave one.
        os_error: Option<i32>,
    },
    /// The evidence could not be made or written.
    #[error("evidence could not be written (operating system error {os_error:?})")]
    Evidence {
        /// The operating system's error number, where it gave one.
        os_error: Option<i32>,
    },
    /// What is written could not be sealed.
    #[error("recording could not be sealed")]
    Seal,
    /// An earlier write failed, so that the recording ends there.
    #[error("recording has failed before")]
    Failed,
    /// A text of the clipboard waits for the first frame, and there is no room for more.
    #[error("clipboard texts before the first frame are more than can be kept")]
    EarlyText,
}
