//! Status codes of `error` and `ack`.

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
