//! The daemon's ears: every address of its host name, plain TCP or TLS, handed on to the sessions.
//!
//! It never looks into what a client says. Connections that end before their first byte, as probes
//! of load balancers and container platforms do, pass without a line above DEBUG.

mod accept;
mod backoff;
mod bind;
mod tls;

pub(crate) use accept::Listener;
pub(crate) use bind::{BindError, Bound, ListenError, resolve};
pub(crate) use tls::{FileError, TlsError, load as load_tls, read_certificates};
