//! The instructions that come by the hundred cost no memory.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "helpers are shared, and fail loudly"
)]

mod common;

use std::time::Duration;

use common::owner;
use guac_policy::FromViewer;
use guac_protocol::{ClientInstruction, Keysym, Timestamp};

#[test]
fn keys_pointer_and_sync_are_vetted_without_allocating() {
    let mut gate = owner();
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
