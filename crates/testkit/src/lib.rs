//! For tests only: fake VNC server, fake Guacamole client, real X servers, fuzz oracles.
//!
//! Everything here runs on loopback, on ports and displays that were free, and ends what it started
//! by process id when its handle goes away. Nothing waits for a fixed time: see [`wait`].

#[cfg(feature = "harness")]
pub mod client;
#[cfg(feature = "harness")]
pub mod guacd;
#[cfg(feature = "harness")]
pub mod instruction;
pub mod oracles;
#[cfg(feature = "harness")]
pub mod picture;
#[cfg(feature = "harness")]
pub mod process;
#[cfg(feature = "harness")]
pub mod tap;
#[cfg(feature = "harness")]
pub mod vnc_server;
#[cfg(feature = "harness")]
pub mod wait;
#[cfg(feature = "harness")]
pub mod x11;
#[cfg(feature = "harness")]
pub mod xvnc;

#[cfg(feature = "harness")]
pub use client::{FakeClient, Handshake};
#[cfg(feature = "harness")]
pub use guacd::Guacd;
#[cfg(feature = "harness")]
pub use instruction::Instruction;
#[cfg(feature = "harness")]
pub use picture::Picture;
#[cfg(feature = "harness")]
pub use tap::Tap;
#[cfg(feature = "harness")]
pub use vnc_server::FakeVncServer;
#[cfg(feature = "harness")]
pub use wait::{until, until_true};
#[cfg(feature = "harness")]
pub use x11::Desktop;
#[cfg(feature = "harness")]
pub use xvnc::Xvnc;
