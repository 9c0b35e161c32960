//! How long a session lasts, who is in it, and how large its desktop may be.

use std::time::Duration;

use crate::limits;

/// When a session ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionLimits {
    /// The longest time from a session's start to its end.
    pub max_length: Option<Duration>,
    /// The longest time without a key, a pointer's move or another act of any of its viewers.
    pub idle_end: Option<Duration>,
}

/// Who may look at a session beside the one who started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JoinMode {
    /// Whoever knows the connection's id, as with stock guacd.
    #[default]
    Anyone,
    /// The same, but they can only look.
    ReadOnly,
    /// Nobody.
    Nobody,
}

impl JoinMode {
    /// The mode's name in a policy.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::ReadOnly => "read-only",
            Self::Nobody => "nobody",
        }
    }
}

/// The rules for those who join a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRule {
    /// Who may join, and whether they can do more than look.
    pub mode: JoinMode,
    /// Most viewers of one session at a time, the one who started it included: at most
    /// [`limits::VIEWERS_MAX`].
    pub max_viewers: usize,
    /// User names, as the web application gives them, of those who may join; `None`: every name.
    pub names: Option<Vec<String>>,
}

impl Default for JoinRule {
    fn default() -> Self {
        Self {
            mode: JoinMode::default(),
            max_viewers: limits::VIEWERS_MAX,
            names: None,
        }
    }
}

impl JoinRule {
    /// Whether a user of this name may join.
    #[must_use]
    pub fn takes_name(&self, name: &str) -> bool {
        match &self.names {
            None => true,
            Some(names) => names.iter().any(|listed| listed == name),
        }
    }
}

/// Which sizes viewers may ask a desktop for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResizeRule {
    /// Whether they may ask for any.
    pub allow: bool,
    /// The greatest width in pixels: at most [`limits::RESIZE_MAX`].
    pub max_width: u16,
    /// The greatest height in pixels: at most [`limits::RESIZE_MAX`].
    pub max_height: u16,
}

impl Default for ResizeRule {
    fn default() -> Self {
        Self {
            allow: true,
            max_width: limits::RESIZE_MAX,
            max_height: limits::RESIZE_MAX,
        }
    }
}
