//! Makes policies, one rule after another.

use super::{
    ClipboardRule, ClosedDoor, JoinRule, KeyBudget, Origin, ParameterRule, Policy, RecordingRule,
    ResizeRule, SessionLimits, Target,
};
use crate::doors::{Door, VncSecurity};
use crate::limits;

/// Changes a policy, one rule after another.
#[derive(Debug, Clone)]
#[must_use]
pub struct PolicyBuilder {
    pub(super) policy: Policy,
}

impl PolicyBuilder {
    /// Says where the policy comes from.
    pub fn origin(mut self, origin: Origin) -> Self {
        self.policy.origin = origin;
        self
    }

    /// Sets where sessions may connect to by TCP: nowhere else.
    pub fn targets(mut self, targets: Vec<Target>) -> Self {
        self.policy.targets = targets;
        self
    }

    /// Opens another way to desktops.
    pub fn open(mut self, door: Door) -> Self {
        if !self.policy.opens(&door) {
            self.policy.doors.push(door);
        }
        self
    }

    /// Sets what becomes of sessions that ask for a way which is closed.
    pub const fn closed_doors(mut self, rule: ClosedDoor) -> Self {
        self.policy.closed_doors = rule;
        self
    }

    /// Sets how well connections to VNC servers have to be secured.
    pub const fn vnc_security(mut self, minimum: VncSecurity) -> Self {
        self.policy.vnc_security = minimum;
        self
    }

    /// Sets the rule for text that leaves the desktop. Limits above
    /// [`limits::CLIPBOARD_MAX_BYTES`] are lowered to it.
    pub fn clipboard_copy(mut self, rule: ClipboardRule) -> Self {
        self.policy.clipboard_copy = rule.clamped();
        self
    }

    /// Sets the rule for text that enters the desktop. Limits above
    /// [`limits::CLIPBOARD_MAX_BYTES`] are lowered to it.
    pub fn clipboard_paste(mut self, rule: ClipboardRule) -> Self {
        self.policy.clipboard_paste = rule.clamped();
        self
    }

    /// Sets whether viewers may be told the desktop's name.
    pub const fn desktop_name(mut self, allowed: bool) -> Self {
        self.policy.desktop_name = allowed;
        self
    }

    /// Sets whether viewers can only look.
    pub const fn read_only(mut self, read_only: bool) -> Self {
        self.policy.read_only = read_only;
        self
    }

    /// Sets how much each viewer may type.
    pub const fn keys(mut self, budget: Option<KeyBudget>) -> Self {
        self.policy.keys = budget;
        self
    }

    /// Sets which sizes viewers may ask the desktop for. Sides above [`limits::RESIZE_MAX`] are
    /// lowered to it.
    pub fn resize(mut self, rule: ResizeRule) -> Self {
        self.policy.resize = ResizeRule {
            allow: rule.allow,
            max_width: rule.max_width.clamp(1, limits::RESIZE_MAX),
            max_height: rule.max_height.clamp(1, limits::RESIZE_MAX),
        };
        self
    }

    /// Sets who may join a session. Above [`limits::VIEWERS_MAX`] the number is lowered to it.
    pub fn joins(mut self, rule: JoinRule) -> Self {
        self.policy.joins = JoinRule {
            max_viewers: rule.max_viewers.clamp(1, limits::VIEWERS_MAX),
            ..rule
        };
        self
    }

    /// Sets when a session ends by itself.
    pub const fn session(mut self, limits: SessionLimits) -> Self {
        self.policy.session = limits;
        self
    }

    /// Sets whether and where sessions are recorded.
    pub fn recording(mut self, rule: RecordingRule) -> Self {
        self.policy.recording = rule;
        self
    }

    /// Sets what connections may say by parameters.
    pub fn parameters(mut self, rule: ParameterRule) -> Self {
        self.policy.parameters = rule;
        self
    }

    /// The policy so far.
    #[must_use]
    pub fn build(self) -> Policy {
        self.policy
    }
}
