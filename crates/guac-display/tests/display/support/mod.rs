//! What the tests share: a strict canvas, and a session in simulated time.

pub(crate) mod canvas;
pub(crate) mod session;
