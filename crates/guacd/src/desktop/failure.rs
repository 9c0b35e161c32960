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
    /// Writes the failure to the log, with the line that operators of stock guacd look for.
    pub(crate) fn log(&self) {
        if matches!(self, Self::Unreachable(_)) {
            tracing::error!("Unable to connect to VNC server.");
        }
        tracing::error!("The session ends: {self}.");
    }

    /// The one table from failures to statuses.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Unreachable(_) => Status::UpstreamNotFound,
            Self::Silent(_) | Self::NotReading => Status::UpstreamTimeout,
            Self::Closed | Self::Lost(_) | Self::TooLarge => Status::UpstreamError,
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
