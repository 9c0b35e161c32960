//! Status codes of `error` and `ack`.

use std::fmt;

use thiserror::Error;

/// Why something ended, failed or was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Status {
    /// It worked.
    Success = 0x0000,
    /// The operation is not supported.
    Unsupported = 0x0100,
    /// The server failed.
    ServerError = 0x0200,
    /// The server is busy.
    ServerBusy = 0x0201,
    /// The desktop did not answer in time.
    UpstreamTimeout = 0x0202,
    /// The desktop failed or closed the connection.
    UpstreamError = 0x0203,
    /// There is no such thing.
    ResourceNotFound = 0x0204,
    /// The thing is already in use.
    ResourceConflict = 0x0205,
    /// The thing is closed.
    ResourceClosed = 0x0206,
    /// The desktop could not be found.
    UpstreamNotFound = 0x0207,
    /// The desktop refuses to serve.
    UpstreamUnavailable = 0x0208,
    /// Another session took this one's place.
    SessionConflict = 0x0209,
    /// The session ended because nobody used it.
    SessionTimeout = 0x020A,
    /// The session was ended.
    SessionClosed = 0x020B,
    /// The client's request makes no sense.
    ClientBadRequest = 0x0300,
    /// The credentials are wrong.
    ClientUnauthorized = 0x0301,
    /// The client may not do this.
    ClientForbidden = 0x0303,
    /// The client was silent for too long.
    ClientTimeout = 0x0308,
    /// The client sent too much.
    ClientOverrun = 0x030D,
    /// The client sent data of a wrong type.
    ClientBadType = 0x030F,
    /// The client uses too much.
    ClientTooMany = 0x031D,
}

impl Status {
    /// All of them, by code.
    pub const ALL: [Self; 21] = [
        Self::Success,
        Self::Unsupported,
        Self::ServerError,
        Self::ServerBusy,
        Self::UpstreamTimeout,
        Self::UpstreamError,
        Self::ResourceNotFound,
        Self::ResourceConflict,
        Self::ResourceClosed,
        Self::UpstreamNotFound,
        Self::UpstreamUnavailable,
        Self::SessionConflict,
        Self::SessionTimeout,
        Self::SessionClosed,
        Self::ClientBadRequest,
        Self::ClientUnauthorized,
        Self::ClientForbidden,
        Self::ClientTimeout,
        Self::ClientOverrun,
        Self::ClientBadType,
        Self::ClientTooMany,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The name in the protocol's documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "SUCCESS",
            Self::Unsupported => "UNSUPPORTED",
            Self::ServerError => "SERVER_ERROR",
            Self::ServerBusy => "SERVER_BUSY",
            Self::UpstreamTimeout => "UPSTREAM_TIMEOUT",
            Self::UpstreamError => "UPSTREAM_ERROR",
            Self::ResourceNotFound => "RESOURCE_NOT_FOUND",
            Self::ResourceConflict => "RESOURCE_CONFLICT",
            Self::ResourceClosed => "RESOURCE_CLOSED",
            Self::UpstreamNotFound => "UPSTREAM_NOT_FOUND",
            Self::UpstreamUnavailable => "UPSTREAM_UNAVAILABLE",
            Self::SessionConflict => "SESSION_CONFLICT",
            Self::SessionTimeout => "SESSION_TIMEOUT",
            Self::SessionClosed => "SESSION_CLOSED",
            Self::ClientBadRequest => "CLIENT_BAD_REQUEST",
            Self::ClientUnauthorized => "CLIENT_UNAUTHORIZED",
            Self::ClientForbidden => "CLIENT_FORBIDDEN",
            Self::ClientTimeout => "CLIENT_TIMEOUT",
            Self::ClientOverrun => "CLIENT_OVERRUN",
            Self::ClientBadType => "CLIENT_BAD_TYPE",
            Self::ClientTooMany => "CLIENT_TOO_MANY",
        }
    }

    /// Whether it says that something went wrong. The stock client frees a stream on an `ack` of
    /// such a status.
    #[must_use]
    pub const fn is_error(self) -> bool {
        !matches!(self, Self::Success)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (0x{:04X})", self.name(), self.code())
    }
}

/// The number is no status of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[error("{0} is no status code")]
pub struct UnknownStatus(pub u16);

impl TryFrom<u16> for Status {
    type Error = UnknownStatus;

    fn try_from(code: u16) -> Result<Self, UnknownStatus> {
        Self::ALL
            .into_iter()
            .find(|status| status.code() == code)
            .ok_or(UnknownStatus(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_protocol() {
        let codes = Status::ALL.map(Status::code);
        let expected = [
            0, 256, 512, 513, 514, 515, 516, 517, 518, 519, 520, 521, 522, 523, 768, 769, 771, 776,
            781, 783, 797,
        ];
        assert_eq!(codes, expected);
    }

    #[test]
    fn every_other_number_is_refused() {
        let known: Vec<u16> = (0..=u16::MAX)
            .filter(|code| Status::try_from(*code).is_ok())
            .collect();
        assert_eq!(known, Status::ALL.map(Status::code));
        assert_eq!(Status::try_from(0x0302), Err(UnknownStatus(0x0302)));
    }

    #[test]
    fn it_shows_its_name_and_code() {
        assert_eq!(
            Status::UpstreamNotFound.to_string(),
            "UPSTREAM_NOT_FOUND (0x0207)"
        );
        assert_eq!(
            Status::ClientTooMany.to_string(),
            "CLIENT_TOO_MANY (0x031D)"
        );
    }
}
