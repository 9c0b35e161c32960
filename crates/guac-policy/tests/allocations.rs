//! The instructions that come by the hundred cost no memory.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "helpers are shared, and fail loudly"
)]

mod common;

use std::time::Duration;

use std::sync::Arc;

use common::{gate, owner};
use guac_policy::{
    Excess, FrameGate, FromViewer, Gate, KeyBudget, Policy, Rate, Restrictions, Role,
};
use guac_protocol::{
    BlobData, ClientInstruction, CompositeMode, Keysym, LayerIndex, ServerInstruction, StreamIndex,
    Timestamp,
};

#[test]
fn keys_pointer_and_sync_are_vetted_without_allocating() {
    assert_allocates_nothing(owner());
    let rate = Some(Rate {
        sustained: 1,
        burst: 1,
    });
    // More than the budget, so that keys are delayed.
    let budget = KeyBudget {
        per_second: rate,
        per_minute: rate,
        excess: Excess::Delay,
    };
    let policy = Policy::builder().keys(Some(budget)).build();
    assert_allocates_nothing(gate(policy, Restrictions::default(), Role::Owner));
}

fn assert_allocates_nothing(mut gate: Gate) {
    let mut vet = |instruction| drop(gate.vet(FromViewer::new(instruction), Duration::ZERO));
    // Room for the keys that are down at a time is made once.
    vet(ClientInstruction::Key {
        keysym: Keysym(97),
        pressed: true,
    });
    vet(ClientInstruction::Key {
        keysym: Keysym(97),
        pressed: false,
    });
    let allocations = allocation_counter::measure(|| {
        for step in 0..1_000 {
            vet(ClientInstruction::Mouse {
                x: step,
                y: 1,
                buttons: 1,
            });
            vet(ClientInstruction::Key {
                keysym: Keysym(97),
                pressed: step % 2 == 0,
            });
            vet(ClientInstruction::Sync {
                timestamp: Timestamp(i64::from(step)),
            });
            vet(ClientInstruction::Nop);
        }
    });
    assert_eq!(allocations.count_total, 0);
}

/// A frame of so many images, each of one blob.
fn frame(data: &[u8], images: i32) -> impl Iterator<Item = ServerInstruction<'_>> {
    let image = |at: i32| {
        let stream = StreamIndex(at % 8);
        let open = ServerInstruction::Img {
            stream,
            mode: CompositeMode::Over,
            layer: LayerIndex::DESKTOP,
            mimetype: "image/png",
            x: at,
            y: at,
        };
        let data = BlobData::Raw(data);
        [
            open,
            ServerInstruction::Blob { stream, data },
            ServerInstruction::End { stream },
        ]
    };
    let end = ServerInstruction::Sync {
        timestamp: Timestamp(5),
        frames: 1,
    };
    (0..images).flat_map(image).chain([end])
}

#[test]
fn a_frame_is_vetted_into_one_buffer_and_nothing_else() {
    let data = [7; 300];
    let mut gate = FrameGate::new(Arc::default());
    for images in [1, 10, 400] {
        // How large frames are is learnt from the one before.
        gate.vet_frame(frame(&data, images)).unwrap();
        let allocations =
            allocation_counter::measure(|| drop(gate.vet_frame(frame(&data, images)).unwrap()));
        // The buffer, and what counts those who share it.
        assert!(allocations.count_total <= 2, "{images}: {allocations:?}");
    }
}
