//! The way there is: by the gate, then by the recorder. Shows that the other programs fail for what
//! they try and not for how they are built.

use std::sync::Arc;

use guac_policy::{FrameGate, Unrecorded};
use guac_protocol::ServerInstruction;

fn main() {
    let frame = FrameGate::new(Arc::default()).vet_frame([ServerInstruction::Nop]).unwrap();
    let _recorded = frame.record(&mut Unrecorded).unwrap();
}
