//! Why a desktop could not be shown any longer, and what the viewers are told.

use std::io::ErrorKind;

use guac_policy::TapError;
use guac_protocol::Status;

/// The end of a desktop. The text goes to the log, the status to the viewers.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// No connection to the VNC server.
    #[error("no connection to the VNC server: {0}")]
    Unreachable(ErrorKind),
    /// The VNC server's name has no address.
    #[error("the host name of the VNC server cannot be resolved")]
    Unresolved,
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
    Vnc(guac_vnc::Error),
    /// The desktop is larger than the picture may be.
    #[error("the desktop is larger than the largest picture allowed")]
    TooLarge,
    /// The VNC server made this daemon move far more pixels than a desktop can show.
    #[error("the VNC server draws over and over what nobody can see")]
    Overdrawn,
    /// The VNC server wants a password, and whoever could have typed it has left.
    #[error("the owner left while the VNC server waited for credentials")]
    NobodyToAsk,
    /// The parameters ask for something that this daemon does not do.
    #[error("parameter \"{0}\" asks for a connection that this daemon does not make")]
    ClosedDoor(&'static str),
    /// The recording cannot be made or went wrong.
    #[error("the session cannot be recorded: {0}")]
    Recording(String),
    /// A frame that the policy does not let out: a fault of our own.
    #[error("a frame was refused: {0}")]
    FrameRefused(String),
}

impl Failure {
    /// Writes the failure to the log.
    pub(crate) fn log(&self) {
        tracing::error!("The session ends: {self}.");
    }

    /// The one table from failures to statuses.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Unreachable(_) | Self::Unresolved => Status::UpstreamNotFound,
            Self::Silent(_) | Self::NotReading => Status::UpstreamTimeout,
            Self::Closed | Self::Lost(_) | Self::TooLarge | Self::Overdrawn => {
                Status::UpstreamError
            }
            Self::NobodyToAsk => Status::ClientUnauthorized,
            Self::Vnc(error) if error.is_authentication() => Status::ClientUnauthorized,
            Self::Vnc(_) => Status::UpstreamError,
            Self::ClosedDoor(_) | Self::Recording(_) => Status::ClientForbidden,
            Self::FrameRefused(_) => Status::ServerError,
        }
    }
}

impl From<TapError> for Failure {
    fn from(error: TapError) -> Self {
        Self::Recording(error.to_string())
    }
}
