//! Processes, X servers and clients, and the fakes: what tests of the whole system are made of.

pub mod client;
pub mod guacd;
pub mod instruction;
pub mod picture;
pub mod process;
pub mod secure_server;
pub mod servers;
pub mod stores;
pub mod tap;
pub mod viewer;
pub mod vnc_server;
pub mod wait;
pub mod x11;
pub mod xvnc;
