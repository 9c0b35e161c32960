//! What is kept: recordings, their evidence, their sealed form.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "helpers of tests are tests, which fail by panicking"
)]

mod clipboard;
mod evidence;
mod leftovers;
mod proven;
mod reader;
mod recording;
mod root;
mod schema;
mod seal;
mod sealed;

use std::sync::Arc;

use bytes::Bytes;
use guac_policy::{FrameGate, Permitted, Policy};
use guac_protocol::ServerInstruction;
use guac_recorder::End;
use guac_recorder::evidence::{Ending, Moment};

/// The end of a session that everyone left.
const END: End = End {
    state: Ending::Complete,
    reason: "all-left",
    status: None,
};

/// A moment of a day on which the calendar plays no part.
fn moment(monotonic_ms: u64) -> Moment {
    Moment {
        wall: jiff::Timestamp::UNIX_EPOCH,
        monotonic_ms,
    }
}

/// A frame that the gate has let pass.
fn vetted(instructions: &[ServerInstruction<'_>]) -> Permitted<Bytes> {
    FrameGate::new(Arc::new(Policy::builtin()))
        .vet_frame(instructions.iter().cloned())
        .unwrap()
}

/// Asserts that an ignored test of this suite passes where no file may have more than so many blocks of
/// 512 bytes.
#[track_caller]
fn passes_with_file_blocks(blocks: u32, test: &str) {
    let limited = format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" --ignored --exact {test}");
    let output = std::process::Command::new("sh")
        .args(["-c", &limited])
        .arg(std::env::current_exe().unwrap())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}
