//! For tests only: fake VNC server, fake Guacamole client, real X servers, a second decoder, fuzz
//! oracles.
//!
//! Everything here runs on loopback, on ports and displays that were free, and ends what it started
//! by process id when its handle goes away. Nothing waits for a fixed time: see [`wait`].

pub mod auditor;
#[cfg(feature = "harness")]
mod harness;
#[cfg(feature = "jpeg")]
pub mod jpeg;
pub mod oracles;
pub mod reference;

#[cfg(feature = "harness")]
pub use harness::{
    client::{self, FakeClient, Handshake},
    guacd::{self, Guacd},
    instruction::{self, Instruction},
    picture::{self, Picture},
    process,
    secure_server::{self, SecureServer},
    servers::{self, VncServer},
    stores::{self, ObjectServer},
    tap::{self, Tap},
    viewer::{self, Viewer},
    vnc_server::{self, FakeVncServer},
    wait::{self, until, until_true},
    x11::{self, Desktop},
    xvnc::{self, Xvnc},
};
