//! What connection parameters take away, and whose they are.

/// What connection parameters take away from the policy. They can only take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restrictions {
    /// Pixels only: no keys, pointer, size or clipboard, in either direction.
    pub read_only: bool,
    /// No clipboard text leaves the desktop.
    pub disable_copy: bool,
    /// No clipboard text enters the desktop.
    pub disable_paste: bool,
    /// No clipboard text of more bytes of UTF-8 crosses in either direction.
    pub clipboard_bytes: Option<usize>,
}

impl Restrictions {
    /// Both restrictions at once. A joiner is held by the owner's and by its own, since a sharing
    /// profile may leave out what the connection forbids.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            read_only: self.read_only || other.read_only,
            disable_copy: self.disable_copy || other.disable_copy,
            disable_paste: self.disable_paste || other.disable_paste,
            clipboard_bytes: match (self.clipboard_bytes, other.clipboard_bytes) {
                (Some(mine), Some(theirs)) if theirs < mine => Some(theirs),
                (None, limit) => limit,
                (limit, _) => limit,
            },
        }
    }
}

/// Whether a viewer started the session or joined it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The first viewer: changes the desktop's size and answers requests for parameters.
    Owner,
    /// Any other viewer.
    Joiner,
}
