//! What can be wrong with TLS: the class of it, never the peer's words.

use thiserror::Error;

/// Why TLS with a server did not come about, or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A certificate that was given as an authority's is none.
    #[error("a certificate authority that was given cannot be read")]
    BadAuthority,
    /// No authority that was given signed the certificate.
    #[error("no certificate authority that was given stands for the server's certificate")]
    UnknownAuthority,
    /// The certificate is for somebody else.
    #[error("the server's certificate is for another name")]
    WrongName,
    /// The certificate's time is over.
    #[error("the server's certificate has expired")]
    Expired,
    /// The certificate's time has not come.
    #[error("the server's certificate is not valid yet")]
    NotYetValid,
    /// The certificate is none of those whose fingerprints were given.
    #[error("the server's certificate has none of the fingerprints that were given")]
    WrongFingerprint,
    /// The certificate is damaged, or of a kind that is not supported.
    #[error("the server's certificate is damaged or of an unsupported kind")]
    BadCertificate,
    /// The server does not have the key that belongs to its certificate.
    #[error("the server does not prove that its certificate is its own")]
    BadSignature,
    /// No version or cipher is known to both.
    #[error("the server shares no version or cipher of TLS")]
    NothingInCommon,
    /// The server gave up, for a reason with this number (RFC 8446, "Alert Protocol").
    #[error("the server ended TLS with alert {0}")]
    Alert(u8),
    /// What came is no TLS, or breaks its rules.
    #[error("what came is no TLS, or breaks its rules")]
    Malformed,
}

impl TlsError {
    /// Whether the settings, or the server's, have to change.
    pub(super) const fn is_a_matter_of_settings(self) -> bool {
        match self {
            Self::BadAuthority
            | Self::UnknownAuthority
            | Self::WrongName
            | Self::Expired
            | Self::NotYetValid
            | Self::WrongFingerprint
            | Self::BadCertificate
            | Self::NothingInCommon => true,
            Self::BadSignature | Self::Alert(_) | Self::Malformed => false,
        }
    }
}

impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(error) => error.into(),
            rustls::Error::NoCertificatesPresented => Self::BadCertificate,
            rustls::Error::PeerIncompatible(_) => Self::NothingInCommon,
            rustls::Error::AlertReceived(alert) => Self::Alert(alert.into()),
            _ => Self::Malformed,
        }
    }
}

impl From<rustls::CertificateError> for TlsError {
    fn from(error: rustls::CertificateError) -> Self {
        use rustls::CertificateError as Certificate;
        match error {
            Certificate::Expired | Certificate::ExpiredContext { .. } => Self::Expired,
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => Self::NotYetValid,
            Certificate::UnknownIssuer => Self::UnknownAuthority,
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                Self::WrongName
            }
            Certificate::ApplicationVerificationFailure => Self::WrongFingerprint,
            Certificate::BadSignature => Self::BadSignature,
            _ => Self::BadCertificate,
        }
    }
}
