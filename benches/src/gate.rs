//! What the policy's gates cost, beside the work that they guard.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use guac_policy::{
    Excess, FrameGate, FromViewer, Gate, KeyBudget, Policy, Rate, Restrictions, Role,
};
use guac_protocol::{ClientInstruction, Keysym, Timestamp};

use crate::case::Case;
use crate::decoding::scene::Scene;
use crate::player::Player;

/// A quarter of a full-HD screen, all of it changed: what a full-screen video does.
const SIZE: (u16, u16) = (960, 540);

/// All of them.
pub static CASES: [Case; 5] = [
    Case {
        name: "gate_input",
        work: "60 parsed instructions of a moving, clicking, typing user, vetted",
        iterations: 500,
        prepare: || input(Policy::builtin()),
    },
    Case {
        name: "gate_input_budget",
        work: "the same with a budget of keys per second and per minute",
        iterations: 500,
        prepare: || input(budget()),
    },
    Case {
        name: "gate_frame",
        work: "a frame of video of 960x540, vetted and serialised",
        iterations: 20,
        prepare: vet,
    },
    Case {
        name: "gate_frame_ungated",
        work: "the same frame, only serialised",
        iterations: 20,
        prepare: serialise,
    },
    Case {
        name: "gate_frame_made",
        work: "such a frame made: compared, planned and encoded",
        iterations: 2,
        prepare: make,
    },
];

fn budget() -> Policy {
    let rate = |sustained, burst| Some(Rate { sustained, burst });
    Policy::builder()
        .keys(Some(KeyBudget {
            per_second: rate(1_000, 1_000),
            per_minute: rate(50_000, 50_000),
            excess: Excess::Delay,
        }))
        .build()
}

fn input(policy: Policy) -> Box<dyn FnMut()> {
    let mut gate = Gate::new(&Arc::new(policy), Restrictions::default(), Role::Owner);
    let mut now = Duration::ZERO;
    Box::new(move || {
        for step in 0..20_i32 {
            let keysym = Keysym(97 + step.unsigned_abs() / 2);
            for instruction in [
                ClientInstruction::Mouse {
                    x: 500 + step * 3,
                    y: 300 - step,
                    buttons: step & 1,
                },
                ClientInstruction::Key {
                    keysym,
                    pressed: step & 1 == 0,
                },
                ClientInstruction::Sync {
                    timestamp: Timestamp(1_234_567_890 + i64::from(step) * 16),
                },
            ] {
                now += Duration::from_millis(5);
                let instruction = FromViewer::new(black_box(instruction));
                black_box(gate.vet(instruction, now));
            }
        }
    })
}

/// One photograph after the other.
fn video() -> Player {
    let (width, height) = SIZE;
    Player::new(Scene::Photo.pictures(width.into(), height.into()).take(2))
}

fn vet() -> Box<dyn FnMut()> {
    let frame = video().frame();
    let mut gate = FrameGate::new(Arc::default());
    Box::new(move || {
        let permitted = gate.vet_frame(black_box(&frame).instructions());
        black_box(permitted.expect("what is made may be shown"));
    })
}

fn serialise() -> Box<dyn FnMut()> {
    let frame = video().frame();
    let mut usual_size = 0;
    Box::new(move || {
        let mut bytes = Vec::with_capacity(usual_size);
        for instruction in black_box(&frame).instructions() {
            instruction.write_to(&mut bytes).expect("fits");
        }
        usual_size = bytes.len();
        black_box(bytes);
    })
}

fn make() -> Box<dyn FnMut()> {
    let mut video = video();
    Box::new(move || {
        let frame = video.frame();
        black_box(&frame);
        video.recycle(frame);
    })
}

/// The part of a frame's work, in percent, that is the gate's own.
#[must_use]
pub fn share(gated: u64, ungated: u64, made: u64) -> f64 {
    gated.saturating_sub(ungated) as f64 * 100.0 / (made + gated) as f64
}
