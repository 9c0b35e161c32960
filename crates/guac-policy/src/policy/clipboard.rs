//! Whether and how fast clipboard text may cross.

use std::time::Duration;

use crate::limits;

/// Whether clipboard text may cross in one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClipboardRule {
    /// Nothing crosses.
    Deny,
    /// Text crosses within these limits.
    Allow(ClipboardLimits),
}

/// What clipboard text has to keep to in one direction. Text beyond a limit is refused whole, never
/// cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClipboardLimits {
    /// Most bytes of UTF-8 in one text: at most [`limits::CLIPBOARD_MAX_BYTES`].
    pub max_bytes: usize,
    /// Most texts per minute in the long run, and at once after a rest.
    pub per_minute: Option<u32>,
    /// Most bytes of UTF-8 per minute in the long run, and at once after a rest.
    pub bytes_per_minute: Option<u32>,
    /// The shortest time between two texts.
    pub interval: Option<Duration>,
    /// The types that a viewer may name its text by; none listed: every `text/` type. What crosses
    /// is plain text in any case: VNC carries nothing else.
    pub mime_types: Vec<String>,
}

impl ClipboardLimits {
    /// Text of at most this many bytes, as often as it comes.
    #[must_use]
    pub const fn up_to(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            per_minute: None,
            bytes_per_minute: None,
            interval: None,
            mime_types: Vec::new(),
        }
    }

    /// Whether text may cross that is called this.
    pub(crate) fn takes(&self, mimetype: &str) -> bool {
        let bare = mimetype.split(';').next().unwrap_or_default().trim();
        if self.mime_types.is_empty() {
            bare.starts_with("text/")
        } else {
            self.mime_types.iter().any(|listed| listed == bare)
        }
    }
}

impl ClipboardRule {
    /// Text of at most this many bytes crosses, as often as it comes.
    #[must_use]
    pub const fn up_to(max_bytes: usize) -> Self {
        Self::Allow(ClipboardLimits::up_to(max_bytes))
    }

    /// The limits, if any text may cross.
    #[must_use]
    pub const fn limits(&self) -> Option<&ClipboardLimits> {
        match self {
            Self::Deny => None,
            Self::Allow(limits) => Some(limits),
        }
    }

    /// The most bytes of one text that may cross, if any may.
    #[must_use]
    pub const fn max_bytes(&self) -> Option<usize> {
        match self {
            Self::Deny => None,
            Self::Allow(limits) => Some(limits.max_bytes),
        }
    }

    /// The same rule with at most this limit.
    pub(crate) fn at_most(mut self, limit: Option<usize>) -> Self {
        if let (Self::Allow(limits), Some(limit)) = (&mut self, limit) {
            limits.max_bytes = limits.max_bytes.min(limit);
        }
        self
    }

    pub(crate) fn clamped(self) -> Self {
        self.at_most(Some(limits::CLIPBOARD_MAX_BYTES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_compared_without_their_parameters() {
        let any = ClipboardLimits::up_to(1);
        let listed = ClipboardLimits {
            mime_types: vec!["text/plain".into()],
            ..any.clone()
        };
        for (mimetype, by_any, by_list) in [
            ("text/plain", true, true),
            ("text/plain;charset=utf-8", true, true),
            ("text/html", true, false),
            ("text", false, false),
            ("TEXT/PLAIN", false, false),
            ("image/png", false, false),
            ("", false, false),
        ] {
            assert_eq!(any.takes(mimetype), by_any, "{mimetype}");
            assert_eq!(listed.takes(mimetype), by_list, "{mimetype}");
        }
    }

    #[test]
    fn no_policy_allows_more_than_the_protocol_can_hold() {
        let rule = ClipboardRule::up_to(usize::MAX).clamped();
        assert_eq!(rule.max_bytes(), Some(limits::CLIPBOARD_MAX_BYTES));
        assert_eq!(ClipboardRule::up_to(7).clamped().max_bytes(), Some(7));
        assert_eq!(ClipboardRule::Deny.clamped(), ClipboardRule::Deny);
    }
}
