//! What the operator sets for the connections to VNC servers, beside the policy.

use guac_display::limits::DESKTOP_MAX_SIDE;
use rustls_pki_types::CertificateDer;

/// Settings that hold for every VNC server. A connection's parameters cannot loosen them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VncOptions {
    /// The largest width and height that a desktop may have, in pixels, and that one is asked for.
    pub max_desktop: (u16, u16),
    /// The host name or address on which VNC servers are waited for, where the policy lets them
    /// connect to this daemon.
    pub listen_host: String,
    /// Certificates that may have signed a VNC server's.
    pub authorities: Vec<CertificateDer<'static>>,
    /// SHA-256 of VNC servers' certificates, or of their keys for RSA-AES.
    pub fingerprints: Vec<[u8; 32]>,
}

impl VncOptions {
    /// Whether the operator has said which servers are trusted, so that nobody else says it.
    pub(super) fn trusts_somebody(&self) -> bool {
        !self.authorities.is_empty() || !self.fingerprints.is_empty()
    }
}

impl Default for VncOptions {
    fn default() -> Self {
        Self {
            max_desktop: (DESKTOP_MAX_SIDE, DESKTOP_MAX_SIDE),
            listen_host: "localhost".to_owned(),
            authorities: Vec::new(),
            fingerprints: Vec::new(),
        }
    }
}
