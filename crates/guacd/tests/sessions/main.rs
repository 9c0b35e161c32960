//! Sessions from both their ends: a scripted VNC server, Guacamole clients, and the server between.

mod clipboard;
mod ends;
mod hostile;
mod sharing;
mod support;
