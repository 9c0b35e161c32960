//! Whole-system tests: real VNC servers, the stock JavaScript client, a browser.
//!
//! A [`Stage`] is the daemon's binary, a real X server with a VNC side, and the server of the page
//! with the stock client; a [`Session`] is that page in a headless Chromium. The tests stand beside
//! this folder, one file for each concern.

pub mod browser;
pub mod canary;
mod devtools;
pub mod keyboard;
pub mod novnc;
pub mod player;
pub mod policy;
pub mod recording;
pub mod session;
pub mod stage;

pub use browser::Page;
pub use player::{Decoder, Player};
pub use recording::Recorded;
pub use session::Session;
pub use stage::Stage;
