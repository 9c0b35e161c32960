//! Why a desktop could not be shown any longer, and what the viewers are told.

use std::io::ErrorKind;
use std::time::Duration;

use guac_policy::{Action, Refusal, Rule, TapError};
use guac_protocol::Status;
use guac_vnc::{Error, HandshakeError, Remedy};

use crate::viewer::Farewell;

/// The end of a desktop. The text goes to the log, the status to the viewers.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// No connection to the VNC server.
    #[error("no connection to the VNC server: {0}")]
    Unreachable(ErrorKind),
    /// The VNC server's name has no address.
    #[error("the host name of the VNC server cannot be resolved")]
    Unresolved,
    /// What stands at the path of the VNC server's socket cannot be used.
    #[error("the VNC server's socket cannot be used: {0}")]
    Socket(&'static str),
    /// A VNC server was to connect to this daemon, which cannot listen for it.
    #[error("no VNC server can be waited for on port {0}")]
    CannotListen(u16),
    /// A VNC server was to connect to this daemon, and none did.
    #[error("no VNC server has connected within {} ms", .0.as_millis())]
    NobodyCame(Duration),
    /// What was to be a repeater is something else.
    #[error("what answers at the repeater's address is no repeater")]
    NoRepeater,
    /// The datagram that wakes the desktop's machine could not be sent.
    #[error("the Wake-on-LAN packet could not be sent: {0}")]
    Wake(ErrorKind),
    /// The desktop's machine did not wake up.
    #[error("the desktop's machine does not answer after its Wake-on-LAN packet")]
    NotWoken,
    /// The VNC server said nothing while the connection was being set up.
    #[error("the VNC server did not finish its handshake within {0} s")]
    Silent(u64),
    /// The VNC server closed the connection.
    #[error("the VNC server closed the connection")]
    Closed,
    /// The connection broke.
    #[error("the connection to the VNC server broke: {0}")]
    Lost(ErrorKind),
    /// The VNC server does not read what it is sent.
    #[error("the VNC server does not read its input")]
    NotReading,
    /// The RFB client gave up.
    #[error(transparent)]
    Vnc(Error),
    /// The desktop is larger than it may be.
    #[error(
        "the desktop of {}x{} is larger than the limit of {}x{} (--max-desktop)",
        size.0, size.1, limit.0, limit.1
    )]
    TooLarge {
        /// Its width and height in pixels.
        size: (u16, u16),
        /// What they may be at most.
        limit: (u16, u16),
    },
    /// The VNC server made this daemon move far more pixels than a desktop can show.
    #[error("the VNC server draws over and over what nobody can see")]
    Overdrawn,
    /// The VNC server wants a password, and whoever could have typed it has left.
    #[error("the owner left while the VNC server waited for credentials")]
    NobodyToAsk,
    /// The parameters ask for something that the policy does not open.
    #[error("parameter \"{0}\" asks for what the policy does not open")]
    ClosedDoor(&'static str),
    /// The policy does not let sessions reach the address.
    #[error("the policy does not let sessions connect to that address (targets.allow)")]
    ForbiddenTarget,
    /// The connection gives a parameter that the policy refuses.
    #[error("the policy does not let connections give the parameter \"{0}\"")]
    RefusedParameter(&'static str),
    /// The recording that the connection asks for is not one that the policy lets be made.
    #[error(
        "the policy does not let the session be recorded so ({}): parameter \"{parameter}\"",
        rule.name()
    )]
    ForbiddenRecording {
        /// What the policy says.
        rule: Rule,
        /// The parameter that asks for it.
        parameter: &'static str,
    },
    /// A parameter has a value without which the session would not be what was asked for.
    #[error("parameter \"{name}\" cannot be used: {problem}")]
    BadParameter {
        /// The parameter.
        name: &'static str,
        /// What is wrong with its value.
        problem: &'static str,
    },
    /// The recording cannot be made.
    #[error("the session cannot be recorded: {0}")]
    Recording(String),
    /// What happens in the session is not kept any longer.
    #[error("the session is not recorded any longer: {0}")]
    Unkept(String),
    /// A frame that the policy does not let out: a fault of our own.
    #[error("a frame was refused: {0}")]
    FrameRefused(String),
}

impl Failure {
    /// Writes the failure to the log.
    pub(crate) fn log(&self) {
        match self {
            Self::ClosedDoor(_)
            | Self::ForbiddenTarget
            | Self::RefusedParameter(_)
            | Self::ForbiddenRecording { .. } => {
                tracing::warn!("The session is refused: {self}.");
            }
            _ => tracing::error!("The session ends: {self}."),
        }
    }

    /// The one table from failures to statuses.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Unreachable(_)
            | Self::Unresolved
            | Self::Socket(_)
            | Self::CannotListen(_)
            | Self::Wake(_)
            | Self::NotWoken => Status::UpstreamNotFound,
            Self::NobodyCame(_) | Self::Silent(_) | Self::NotReading => Status::UpstreamTimeout,
            Self::Closed
            | Self::Lost(_)
            | Self::NoRepeater
            | Self::TooLarge { .. }
            | Self::Overdrawn => Status::UpstreamError,
            Self::NobodyToAsk => Status::ClientUnauthorized,
            Self::Vnc(error) if error.is_authentication() => Status::ClientUnauthorized,
            Self::Vnc(_) => Status::UpstreamError,
            Self::ClosedDoor(_)
            | Self::ForbiddenTarget
            | Self::RefusedParameter(_)
            | Self::ForbiddenRecording { .. }
            | Self::BadParameter { .. }
            | Self::Recording(_) => Status::ClientForbidden,
            Self::Unkept(_) => Status::SessionTimeout,
            Self::FrameRefused(_) => Status::ServerError,
        }
    }

    /// What viewers are told at the end.
    pub(crate) fn farewell(&self) -> Farewell {
        if self.refusal().is_some() {
            Farewell::by_policy(self.status())
        } else {
            Farewell::aborted(self.status())
        }
    }

    /// Why, in a word, for the decision log.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            _ if self.refusal().is_some() => "policy",
            Self::Recording(_) | Self::Unkept(_) => "recording",
            Self::BadParameter { .. } => "parameter",
            Self::FrameRefused(_) => "internal",
            _ => "desktop",
        }
    }

    /// The policy's decision that this is, if it is one, and the parameter that it was about.
    pub(crate) fn refusal(&self) -> Option<(Refusal, Option<&'static str>)> {
        let (action, rule, parameter) = match self {
            Self::ClosedDoor(name) => (Action::Connect, Rule::ClosedDoor, Some(*name)),
            Self::ForbiddenTarget => (Action::Connect, Rule::Target, None),
            Self::RefusedParameter(name) => {
                (Action::Parameter, Rule::ParameterRefused, Some(*name))
            }
            Self::ForbiddenRecording { rule, parameter } => {
                (Action::Recording, *rule, Some(*parameter))
            }
            Self::Vnc(Error::Handshake(
                HandshakeError::NoUsableSecurity {
                    remedy: Remedy::Minimum,
                    ..
                }
                | HandshakeError::NoUsableSubType {
                    remedy: Remedy::Minimum,
                    ..
                },
            )) => (Action::Connect, Rule::MinimumSecurity, None),
            _ => return None,
        };
        let why = Refusal::inward(action, rule, 0);
        Some((why, parameter))
    }

    /// Whether the same attempt may succeed a moment later, as with a server that is being started.
    /// What comes of a password is nothing to try again.
    pub(crate) const fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_)
            | Self::Unresolved
            | Self::NobodyCame(_)
            | Self::Closed
            | Self::Lost(_)
            | Self::Vnc(Error::Closed | Error::Refused) => true,
            Self::Socket(_)
            | Self::CannotListen(_)
            | Self::NoRepeater
            | Self::Wake(_)
            | Self::NotWoken
            | Self::Silent(_)
            | Self::NotReading
            | Self::Vnc(_)
            | Self::TooLarge { .. }
            | Self::Overdrawn
            | Self::NobodyToAsk
            | Self::ClosedDoor(_)
            | Self::ForbiddenTarget
            | Self::RefusedParameter(_)
            | Self::ForbiddenRecording { .. }
            | Self::BadParameter { .. }
            | Self::Recording(_)
            | Self::Unkept(_)
            | Self::FrameRefused(_) => false,
        }
    }
}

impl From<TapError> for Failure {
    fn from(error: TapError) -> Self {
        Self::Unkept(error.to_string())
    }
}
