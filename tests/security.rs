//! The security types that no packaged VNC server has: RSA-AES (RA2), Apple's and MS-Logon II.
//!
//! [`testkit::SecureServer`] speaks them. That it speaks them right is shown by noVNC, which knows
//! three of them: RA2ne (6), Apple's (30) and MS-Logon II (113). RA2 (5) and the two with 256 bits
//! (129 and 130) are in no client that npm or Debian has; the server does them with the very same
//! code as RA2ne, with other lengths, the other hash, and the encryption going on.

#[path = "security/daemon.rs"]
mod daemon;
#[path = "security/library.rs"]
mod library;
#[path = "security/novnc.rs"]
mod novnc;
#[path = "security/streams.rs"]
mod streams;
#[path = "security/viewer.rs"]
mod viewer;
