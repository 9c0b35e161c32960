//! For tests only: fake VNC server, fake Guacamole client, real X servers, fuzz oracles.
//!
//! Everything here runs on loopback, on ports and displays that were free, and ends what it started
//! by process id when its handle goes away. Nothing waits for a fixed time: see [`wait`].

pub mod client;
pub mod guacd;
pub mod instruction;
pub mod picture;
pub mod process;
pub mod tap;
pub mod vnc_server;
pub mod wait;
pub mod x11;
pub mod xvnc;

pub use client::{FakeClient, Handshake};
pub use guacd::Guacd;
pub use instruction::Instruction;
pub use picture::Picture;
pub use tap::Tap;
pub use vnc_server::FakeVncServer;
pub use wait::{until, until_true};
pub use x11::Desktop;
pub use xvnc::Xvnc;
