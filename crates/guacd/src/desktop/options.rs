//! What the operator sets for the connections to VNC servers, beside the policy.

use guac_display::limits::DESKTOP_MAX_SIDE;

/// Settings that hold for every VNC server. A connection's parameters cannot loosen them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VncOptions {
    /// The largest width and height that a desktop may have, in pixels, and that one is asked for.
    pub max_desktop: (u16, u16),
    /// The host name or address on which VNC servers are waited for, where the policy lets them
    /// connect to this daemon.
    pub listen_host: String,
}

impl Default for VncOptions {
    fn default() -> Self {
        Self {
            max_desktop: (DESKTOP_MAX_SIDE, DESKTOP_MAX_SIDE),
            listen_host: "localhost".to_owned(),
        }
    }
}
