//! The display from outside: what viewers are sent, in simulated time.

#![cfg(test)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "the pictures of these tests are small"
)]

mod cohorts;
mod films;
mod pool;
mod property;
mod scenarios;
mod support;
