//! What was decided and by which rule: static names and sizes, never content.

/// An enum whose variants have names: one list, so that nothing can be missing in another.
macro_rules! named {
    ($(#[$type_doc:meta])* $type:ident {
        $($(#[$doc:meta])* $variant:ident = $name:literal,)*
    }) => {
        $(#[$type_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$doc])* $variant,)*
        }

        impl $type {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name in logs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

mod action;
mod kind;
mod rule;

use std::fmt;

pub use action::{Action, Direction};
pub use kind::DataKind;
pub use rule::Rule;

/// A refused action. It can be logged as it is: it holds no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("refused {} {} by {} ({size} bytes)", .action.name(), .direction.name(), .rule.name())]
pub struct Refusal {
    /// What was tried.
    pub action: Action,
    /// Which way it would have gone.
    pub direction: Direction,
    /// What decided.
    pub rule: Rule,
    /// How many bytes were refused, as far as they were announced or sent; 0 where there are none.
    pub size: usize,
    /// What kind of data it was, where somebody said.
    pub kind: Option<DataKind>,
}

impl Refusal {
    /// Something that would have gone from a viewer to the desktop.
    #[must_use]
    pub const fn inward(action: Action, rule: Rule, size: usize) -> Self {
        Self {
            action,
            direction: Direction::In,
            rule,
            size,
            kind: None,
        }
    }

    /// Something that would have gone from the desktop to a viewer.
    #[must_use]
    pub const fn outward(action: Action, rule: Rule, size: usize) -> Self {
        Self {
            direction: Direction::Out,
            ..Self::inward(action, rule, size)
        }
    }

    /// The same, about data of this kind.
    #[must_use]
    pub const fn of_kind(self, kind: Option<DataKind>) -> Self {
        Self { kind, ..self }
    }
}

/// What became of something that did not simply pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It was refused, and whoever tried was told if there is a way to.
    Refused,
    /// It had no effect.
    Ignored,
    /// It happens later.
    Delayed,
    /// Something else happened in its place.
    Overruled,
    /// The viewer or the session was ended for it.
    Ended,
}

impl Verdict {
    /// The verdict's name in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Ignored => "ignored",
            Self::Delayed => "delayed",
            Self::Overruled => "overruled",
            Self::Ended => "ended",
        }
    }
}

/// Why an instruction had no effect and needs no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ignored {
    /// An opcode that is not of this protocol.
    UnknownOpcode,
    /// What the web application says to itself: an instruction with an empty opcode.
    Tunnel,
    /// Something that a VNC desktop does not have.
    NotSupported(Action),
    /// The viewer, or the session, is read-only.
    ReadOnly(Action),
    /// Only the session's owner may do this.
    NotOwner(Action),
    /// A number out of any useful range, such as a width of 0.
    OutOfRange(Action),
    /// The policy does not let viewers do this.
    Denied(Action, Rule),
    /// An answer to a stream of ours that needs none.
    Acknowledgement,
    /// The end of a refused stream, or data of a stream that a newer one replaced.
    Discarded(Action),
}

impl Ignored {
    /// What was decided, if this was a decision rather than the usual course of things.
    #[must_use]
    pub const fn refusal(self) -> Option<Refusal> {
        let (action, rule) = match self {
            Self::UnknownOpcode => (Action::UnknownOpcode, Rule::DefaultDeny),
            Self::NotSupported(action) => (action, Rule::DefaultDeny),
            Self::ReadOnly(action) => (action, Rule::ReadOnly),
            Self::NotOwner(action) => (action, Rule::NotOwner),
            Self::Denied(action, rule) => (action, rule),
            Self::Tunnel | Self::OutOfRange(_) | Self::Acknowledgement | Self::Discarded(_) => {
                return None;
            }
        };
        Some(Refusal::inward(action, rule, 0))
    }
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (why, action) = match self {
            Self::UnknownOpcode => ("unknown opcode", Action::UnknownOpcode),
            Self::Tunnel => ("of the tunnel", Action::UnknownOpcode),
            Self::Denied(action, rule) => (rule.name(), *action),
            Self::NotSupported(action) => ("not supported", *action),
            Self::ReadOnly(action) => ("read-only", *action),
            Self::NotOwner(action) => ("not the owner", *action),
            Self::OutOfRange(action) => ("out of range", *action),
            Self::Acknowledgement => ("acknowledgement", Action::Stream),
            Self::Discarded(action) => ("discarded", *action),
        };
        write!(f, "ignored {}: {why}", action.name())
    }
}
