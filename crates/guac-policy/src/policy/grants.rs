//! What is left of the policy for one viewer.

use super::{ClipboardRule, JoinMode, KeyBudget, Policy, ResizeRule, Restrictions, Role};
use crate::decision::Rule;
use crate::limits;

/// What one viewer may do: the policy with the restrictions and the role applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grants {
    pub(crate) input: bool,
    pub(crate) is_owner: bool,
    pub(crate) resize: ResizeRule,
    pub(crate) keys: Option<KeyBudget>,
    pub(crate) paste: ClipboardRule,
    pub(crate) copy: ClipboardRule,
    /// Why no text crosses, in each direction in which none does.
    pub(crate) no_paste: Rule,
    pub(crate) no_copy: Rule,
    pub(crate) desktop_name: bool,
}

impl Policy {
    pub(crate) fn grants(&self, restrictions: Restrictions, role: Role) -> Grants {
        let is_owner = matches!(role, Role::Owner);
        let only_looks = !is_owner && self.joins.mode != JoinMode::Anyone;
        let input = !(restrictions.read_only || self.read_only || only_looks);
        let clipboard = |rule: &ClipboardRule, disabled: bool| {
            if input && !disabled {
                rule.clone().at_most(restrictions.clipboard_bytes)
            } else {
                ClipboardRule::Deny
            }
        };
        // A connection's own word is none of the policy's settings.
        let denial = |rule: &ClipboardRule, denied| match rule {
            _ if !input => Rule::ReadOnly,
            ClipboardRule::Deny => denied,
            ClipboardRule::Allow(_) => Rule::ClipboardDisabled,
        };
        Grants {
            no_paste: denial(&self.clipboard_paste, Rule::ClipboardPaste),
            no_copy: denial(&self.clipboard_copy, Rule::ClipboardCopy),
            input,
            is_owner,
            resize: self.resize,
            keys: self.keys,
            paste: clipboard(&self.clipboard_paste, restrictions.disable_paste),
            copy: clipboard(&self.clipboard_copy, restrictions.disable_copy),
            desktop_name: self.desktop_name,
        }
    }
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
