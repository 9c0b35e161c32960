//! What a site has decided and what a connection takes away, as plain values.

use std::time::Duration;

use guac_policy::{
    ClipboardLimits, ClipboardRule, Excess, JoinMode, JoinRule, KeyBudget, Policy, Rate,
    ResizeRule, Restrictions, Role,
};

use super::script::Script;

/// A policy, and one viewer under it.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) paste: Option<ClipboardLimits>,
    pub(super) copy: Option<ClipboardLimits>,
    pub(super) name: bool,
    pub(super) keys: Option<KeyBudget>,
    pub(super) resize: Option<(u16, u16)>,
    pub(super) is_owner: bool,
    read_only: bool,
    joins: JoinMode,
    restrictions: Restrictions,
}

impl Site {
    pub(super) fn choose(script: &mut Script<'_>) -> Self {
        let joins = [JoinMode::Anyone, JoinMode::ReadOnly, JoinMode::Nobody];
        // Everything at its strictest is one policy of many: it is had by 0, like all that is asked
        // for when the bytes are at their end.
        Self {
            paste: limits(script),
            copy: limits(script),
            name: script.flag(),
            keys: keys(script),
            resize: script.rarely().then(|| sides(script)),
            is_owner: !script.rarely(),
            read_only: script.rarely(),
            joins: script.pick(&joins),
            restrictions: Restrictions {
                read_only: script.rarely(),
                disable_copy: script.rarely(),
                disable_paste: script.rarely(),
                clipboard_bytes: script.rarely().then(|| usize::from(script.byte())),
            },
        }
    }

    /// The same as the gates know it.
    pub(super) fn policy(&self) -> Policy {
        let clipboard = |limits: &Option<ClipboardLimits>| {
            limits
                .clone()
                .map_or(ClipboardRule::Deny, ClipboardRule::Allow)
        };
        let (max_width, max_height) = self.resize.unwrap_or((8192, 8192));
        Policy::builder()
            .clipboard_paste(clipboard(&self.paste))
            .clipboard_copy(clipboard(&self.copy))
            .desktop_name(self.name)
            .keys(self.keys)
            .read_only(self.read_only)
            .resize(ResizeRule {
                allow: self.resize != Some((0, 0)),
                max_width,
                max_height,
            })
            .joins(JoinRule {
                mode: self.joins,
                ..JoinRule::default()
            })
            .build()
    }

    pub(super) fn restrictions(&self) -> Restrictions {
        self.restrictions
    }

    pub(super) fn role(&self) -> Role {
        if self.is_owner {
            Role::Owner
        } else {
            Role::Joiner
        }
    }

    /// Whoever only looks has neither input nor clipboard.
    pub(super) fn only_looks(&self) -> bool {
        let as_joiner = !self.is_owner && self.joins != JoinMode::Anyone;
        self.read_only || self.restrictions.read_only || as_joiner
    }

    /// The most bytes of a text that may come in.
    pub(super) fn pastes(&self) -> Option<usize> {
        self.crosses(self.paste.as_ref(), self.restrictions.disable_paste)
    }

    /// The most bytes of a text that may go out.
    pub(super) fn copies(&self) -> Option<usize> {
        self.crosses(self.copy.as_ref(), self.restrictions.disable_copy)
    }

    fn crosses(&self, limits: Option<&ClipboardLimits>, is_disabled: bool) -> Option<usize> {
        let own = self.restrictions.clipboard_bytes.unwrap_or(usize::MAX);
        let most = limits?.max_bytes.min(own);
        (!self.only_looks() && !is_disabled).then_some(most)
    }
}

fn limits(script: &mut Script<'_>) -> Option<ClipboardLimits> {
    if script.byte().is_multiple_of(4) {
        return None;
    }
    let small = |script: &mut Script<'_>| u32::from(script.byte() % 8) + 1;
    let types: [&[&str]; 3] = [&[], &["text/plain"], &["text/html", "image/png"]];
    Some(ClipboardLimits {
        max_bytes: usize::from(script.byte()) * script.pick(&[1, 100]),
        per_minute: script.often().then(|| small(script)),
        bytes_per_minute: script.often().then(|| small(script) * 20),
        interval: script
            .often()
            .then(|| Duration::from_millis(u64::from(small(script)) * 300)),
        mime_types: script
            .pick(&types)
            .iter()
            .map(|&name| name.to_owned())
            .collect(),
    })
}

fn keys(script: &mut Script<'_>) -> Option<KeyBudget> {
    if script.flag() {
        return None;
    }
    let rate = |script: &mut Script<'_>| Rate {
        sustained: u32::from(script.byte() % 40) + 1,
        burst: u32::from(script.byte()) + 1,
    };
    Some(KeyBudget {
        per_second: script.flag().then(|| rate(script)),
        per_minute: script.flag().then(|| rate(script)),
        excess: script.pick(&[Excess::Refuse, Excess::Delay, Excess::End]),
    })
}

/// The largest size that may be asked for; 0 by 0 where none may.
fn sides(script: &mut Script<'_>) -> (u16, u16) {
    let side = |script: &mut Script<'_>| script.pick(&[1, 640, 799, 1080, 8192]);
    if script.flag() {
        (0, 0)
    } else {
        (side(script), side(script))
    }
}
