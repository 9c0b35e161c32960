//! The policy of the daemon: the floor that nothing can lower.

mod announced;
mod builder;
mod clipboard;
mod grants;
mod input;
mod keeping;
mod key;
mod origin;
mod parameters;
mod recording;
mod restrictions;
mod session;
mod targets;

use crate::doors::{Door, VncSecurity};

pub use announced::PARAMETERS;
pub use builder::PolicyBuilder;
pub use clipboard::{ClipboardLimits, ClipboardRule};
pub(crate) use grants::{Grants, desktop_name_rule};
pub use input::{Excess, KeyBudget, Rate};
pub use keeping::KeepingLimits;
pub use key::Key;
pub use origin::{Digest, Origin};
pub use parameters::{Overruled, ParameterRule, RefusedParameter, TIGHTENING};
pub use recording::{EvidenceRule, RecordingMode, RecordingRule};
pub use restrictions::{Restrictions, Role};
pub use session::{JoinMode, JoinRule, ResizeRule, SessionLimits};
pub use targets::{Target, TargetError};

/// What becomes of a session whose connection asks for a way to a desktop that the policy does not
/// open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClosedDoor {
    /// It is refused if it would otherwise reach another desktop than it asked for, and goes on
    /// otherwise.
    #[default]
    AsNeeded,
    /// It is refused.
    Refuse,
    /// It goes on as if it had not asked.
    Ignore,
}

impl ClosedDoor {
    /// The word's name in a policy.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AsNeeded => "as-needed",
            Self::Refuse => "refuse",
            Self::Ignore => "ignore",
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
    origin: Origin,
    targets: Vec<Target>,
    doors: Vec<Door>,
    closed_doors: ClosedDoor,
    vnc_security: VncSecurity,
    clipboard_copy: ClipboardRule,
    clipboard_paste: ClipboardRule,
    desktop_name: bool,
    read_only: bool,
    keys: Option<KeyBudget>,
    resize: ResizeRule,
    joins: JoinRule,
    session: SessionLimits,
    recording: RecordingRule,
    parameters: ParameterRule,
}

impl Policy {
    /// The policy of a daemon without a policy file: only pixels leave.
    #[must_use]
    pub fn builtin() -> Self {
        Self {
            origin: Origin::default(),
            targets: vec![Target::any()],
            doors: Vec::new(),
            closed_doors: ClosedDoor::default(),
            vnc_security: VncSecurity::None,
            clipboard_copy: ClipboardRule::Deny,
            clipboard_paste: ClipboardRule::Deny,
            desktop_name: false,
            read_only: false,
            keys: None,
            resize: ResizeRule::default(),
            joins: JoinRule::default(),
            session: SessionLimits::default(),
            recording: RecordingRule::default(),
            parameters: ParameterRule::default(),
        }
    }

    /// Starts from the built-in policy and changes what is asked for.
    pub fn builder() -> PolicyBuilder {
        Self::builtin().into_builder()
    }

    /// Starts from this policy.
    pub const fn into_builder(self) -> PolicyBuilder {
        PolicyBuilder { policy: self }
    }

    /// Where it comes from.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Where sessions may connect to by TCP: nowhere else.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Whether a desktop may be reached by this way.
    #[must_use]
    pub fn opens(&self, door: &Door) -> bool {
        self.doors.contains(door)
    }

    /// Every other way to a desktop that is open.
    #[must_use]
    pub fn doors(&self) -> &[Door] {
        &self.doors
    }

    /// What becomes of a session that asks for one that is not.
    #[must_use]
    pub const fn closed_doors(&self) -> ClosedDoor {
        self.closed_doors
    }

    /// How well connections to VNC servers have to be secured; parameters can ask for more.
    #[must_use]
    pub const fn vnc_security(&self) -> VncSecurity {
        self.vnc_security
    }

    /// The rule for text that leaves the desktop.
    #[must_use]
    pub const fn clipboard_copy(&self) -> &ClipboardRule {
        &self.clipboard_copy
    }

    /// The rule for text that enters the desktop.
    #[must_use]
    pub const fn clipboard_paste(&self) -> &ClipboardRule {
        &self.clipboard_paste
    }

    /// Whether viewers may be told the desktop's name.
    #[must_use]
    pub const fn desktop_name(&self) -> bool {
        self.desktop_name
    }

    /// Whether viewers can only look.
    #[must_use]
    pub const fn read_only(&self) -> bool {
        self.read_only
    }

    /// How much each viewer may type; `None`: as much as it likes.
    #[must_use]
    pub const fn keys(&self) -> Option<KeyBudget> {
        self.keys
    }

    /// Which sizes viewers may ask the desktop for.
    #[must_use]
    pub const fn resize(&self) -> ResizeRule {
        self.resize
    }

    /// Who may join a session.
    #[must_use]
    pub const fn joins(&self) -> &JoinRule {
        &self.joins
    }

    /// When a session ends by itself.
    #[must_use]
    pub const fn session(&self) -> SessionLimits {
        self.session
    }

    /// Whether and where sessions are recorded.
    #[must_use]
    pub const fn recording(&self) -> &RecordingRule {
        &self.recording
    }

    /// What connections may say by parameters.
    #[must_use]
    pub const fn parameters(&self) -> &ParameterRule {
        &self.parameters
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::builtin()
    }
}
