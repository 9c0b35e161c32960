//! Whole-system and component benchmarks.
//!
//! `instructions` counts machine instructions under callgrind and compares them with a stored
//! baseline, which does not depend on how busy the machine is. `throughput` measures time, for
//! reports.

pub mod callgrind;
pub mod case;
pub mod decoding;
pub mod desk;
pub mod echo;
pub mod gate;
pub mod keeping;
pub mod picture;
pub mod player;
pub mod wire;
