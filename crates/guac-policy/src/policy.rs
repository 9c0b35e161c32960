//! The policy of the daemon, and what a connection may tighten.

use crate::decision::Rule;
use crate::doors::{Door, VncSecurity};
use crate::limits;

/// Whether clipboard text may cross in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClipboardRule {
    /// Nothing crosses.
    Deny,
    /// Text of at most this many bytes of UTF-8 crosses; longer text is refused whole, never cut.
    Allow {
        /// The limit in bytes.
        max_bytes: usize,
    },
}

impl ClipboardRule {
    /// The most bytes that may cross, if any may.
    #[must_use]
    pub const fn max_bytes(self) -> Option<usize> {
        match self {
            Self::Deny => None,
            Self::Allow { max_bytes } => Some(max_bytes),
        }
    }

    /// The same rule with at most this limit.
    const fn at_most(self, limit: Option<usize>) -> Self {
        match (self, limit) {
            (Self::Allow { max_bytes }, Some(limit)) if limit < max_bytes => {
                Self::Allow { max_bytes: limit }
            }
            _ => self,
        }
    }

    const fn clamped(self) -> Self {
        match self {
            Self::Allow { max_bytes } if max_bytes > limits::CLIPBOARD_MAX_BYTES => Self::Allow {
                max_bytes: limits::CLIPBOARD_MAX_BYTES,
            },
            Self::Allow { .. } | Self::Deny => self,
        }
    }
}

/// What may cross between viewers and desktops, and how desktops may be reached: the floor that
/// nothing can lower.
///
/// Pixels go out; keys, pointer and size come in; parameters come in that the daemon asked for. A
/// desktop is reached at the TCP port that a connection names. Everything else is refused unless a
/// policy opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    clipboard_copy: ClipboardRule,
    clipboard_paste: ClipboardRule,
    desktop_name: bool,
    doors: Vec<Door>,
    vnc_security: VncSecurity,
}

impl Policy {
    /// The policy of a daemon without a policy file: only pixels leave.
    #[must_use]
    pub const fn builtin() -> Self {
        Self {
            clipboard_copy: ClipboardRule::Deny,
            clipboard_paste: ClipboardRule::Deny,
            desktop_name: false,
            doors: Vec::new(),
            vnc_security: VncSecurity::None,
        }
    }

    /// Starts from the built-in policy and opens what is asked for.
    pub const fn builder() -> PolicyBuilder {
        Self::builtin().into_builder()
    }

    /// Starts from this policy.
    pub const fn into_builder(self) -> PolicyBuilder {
        PolicyBuilder { policy: self }
    }

    /// The rule for text that leaves the desktop.
    #[must_use]
    pub const fn clipboard_copy(&self) -> ClipboardRule {
        self.clipboard_copy
    }

    /// The rule for text that enters the desktop.
    #[must_use]
    pub const fn clipboard_paste(&self) -> ClipboardRule {
        self.clipboard_paste
    }

    /// Whether viewers may be told the desktop's name.
    #[must_use]
    pub const fn desktop_name(&self) -> bool {
        self.desktop_name
    }

    /// Whether a desktop may be reached by this way.
    #[must_use]
    pub fn opens(&self, door: &Door) -> bool {
        self.doors.contains(door)
    }

    /// How well connections to VNC servers have to be secured; parameters can ask for more.
    #[must_use]
    pub const fn vnc_security(&self) -> VncSecurity {
        self.vnc_security
    }

    /// What is left of the policy for one viewer.
    pub(crate) const fn grants(&self, restrictions: Restrictions, role: Role) -> Grants {
        let active = !restrictions.read_only;
        let owner = matches!(role, Role::Owner);
        Grants {
            input: active,
            resize: active && owner,
            parameters: owner,
            paste: if active && !restrictions.disable_paste {
                self.clipboard_paste.at_most(restrictions.clipboard_bytes)
            } else {
                ClipboardRule::Deny
            },
            copy: if active && !restrictions.disable_copy {
                self.clipboard_copy.at_most(restrictions.clipboard_bytes)
            } else {
                ClipboardRule::Deny
            },
            desktop_name: self.desktop_name,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::builtin()
    }
}

/// Opens doors in the built-in policy, one by one.
#[derive(Debug, Clone)]
#[must_use]
pub struct PolicyBuilder {
    policy: Policy,
}

impl PolicyBuilder {
    /// Sets the rule for text that leaves the desktop. Limits above
    /// [`limits::CLIPBOARD_MAX_BYTES`] are lowered to it.
    pub const fn clipboard_copy(mut self, rule: ClipboardRule) -> Self {
        self.policy.clipboard_copy = rule.clamped();
        self
    }

    /// Sets the rule for text that enters the desktop. Limits above
    /// [`limits::CLIPBOARD_MAX_BYTES`] are lowered to it.
    pub const fn clipboard_paste(mut self, rule: ClipboardRule) -> Self {
        self.policy.clipboard_paste = rule.clamped();
        self
    }

    /// Sets whether viewers may be told the desktop's name.
    pub const fn desktop_name(mut self, allowed: bool) -> Self {
        self.policy.desktop_name = allowed;
        self
    }

    /// Opens a way to desktops.
    pub fn open(mut self, door: Door) -> Self {
        if !self.policy.opens(&door) {
            self.policy.doors.push(door);
        }
        self
    }

    /// Sets how well connections to VNC servers have to be secured.
    pub const fn vnc_security(mut self, minimum: VncSecurity) -> Self {
        self.policy.vnc_security = minimum;
        self
    }

    /// The policy so far.
    #[must_use]
    pub fn build(self) -> Policy {
        self.policy
    }
}

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

/// What one viewer may do: the policy with the restrictions and the role applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grants {
    pub(crate) input: bool,
    pub(crate) resize: bool,
    pub(crate) parameters: bool,
    pub(crate) paste: ClipboardRule,
    pub(crate) copy: ClipboardRule,
    pub(crate) desktop_name: bool,
}

/// The rule for a desktop's name, which is text chosen inside the desktop: where it may pass at all,
/// it is short and of printable ASCII.
pub(crate) fn desktop_name_rule(allowed: bool, name: &str) -> Result<(), Rule> {
    if !allowed {
        Err(Rule::DesktopName)
    } else if limits::DESKTOP_NAME_MAX < name.len() {
        Err(Rule::TooLong)
    } else if !name.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        Err(Rule::MalformedData)
    } else {
        Ok(())
    }
}
