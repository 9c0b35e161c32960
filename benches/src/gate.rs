//! What the policy's gates cost, beside the work that they guard.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use guac_display::limits::FRAME_INTERVAL;
use guac_display::{Display, Frame, Rect, ViewerCaps, ViewerId};
use guac_policy::{
    Excess, FrameGate, FromViewer, Gate, KeyBudget, Policy, Rate, Restrictions, Role,
};
use guac_protocol::{ClientInstruction, Keysym, Timestamp};

use crate::case::Case;
use crate::decoding::scene::Scene;

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

fn vet() -> Box<dyn FnMut()> {
    let frame = Video::new().next();
    let mut gate = FrameGate::new(Arc::default());
    Box::new(move || {
        let permitted = gate.vet_frame(black_box(&frame).instructions());
        black_box(permitted.expect("what is made may be shown"));
    })
}

fn serialise() -> Box<dyn FnMut()> {
    let frame = Video::new().next();
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
    let mut video = Video::new();
    Box::new(move || {
        let frame = video.next();
        black_box(&frame);
        video.display.recycle(frame);
    })
}

/// A display that shows one photograph after the other to one viewer.
struct Video {
    display: Display,
    pictures: Vec<Vec<u32>>,
    shown: usize,
    now: Duration,
}

const VIEWER: ViewerId = ViewerId(1);

impl Video {
    fn new() -> Self {
        let (width, height) = SIZE;
        let mut display = Display::new();
        display.desktop().resize(width, height).expect("not large");
        let mut caps = ViewerCaps::default();
        (caps.jpeg, caps.webp) = (true, true);
        display.add_viewer(VIEWER, caps);
        let pictures = Scene::Photo.pictures(width.into(), height.into());
        let mut this = Self {
            display,
            pictures: pictures.take(2).map(|picture| picture.pixels).collect(),
            shown: 0,
            now: Duration::from_secs(1_000),
        };
        // What a viewer gets first has more in it than pixels.
        let first = this.next();
        this.display.recycle(first);
        this
    }

    fn next(&mut self) -> Frame {
        let (width, height) = SIZE;
        let picture = &self.pictures[self.shown % self.pictures.len()];
        self.shown += 1;
        self.now += FRAME_INTERVAL;
        let (pixels, stride) = self.display.desktop().pixels_mut();
        let rows = pixels.chunks_mut(stride);
        for (row, new) in rows.zip(picture.chunks(width.into())) {
            row[..new.len()].copy_from_slice(new);
        }
        let all = Rect {
            x: 0,
            y: 0,
            width,
            height,
        };
        self.display.desktop().damage(all);
        self.display.update_finished();
        let mut last = None;
        while let Some(delivery) = self.display.poll_frame(self.now) {
            last = Some(delivery.frame);
        }
        let frame = last.expect("a frame is due");
        if let Some(timestamp) = frame.timestamp() {
            let acknowledged = self.display.acknowledge(VIEWER, timestamp, self.now);
            acknowledged.expect("it was sent");
        }
        frame
    }
}

/// The part of a frame's work, in percent, that is the gate's own.
#[must_use]
pub fn share(gated: u64, ungated: u64, made: u64) -> f64 {
    gated.saturating_sub(ungated) as f64 * 100.0 / (made + gated) as f64
}
