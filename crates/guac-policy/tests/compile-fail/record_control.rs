//! Control traffic does not become a frame.

use guac_policy::{Control, Permitted, Unrecorded};

fn record(message: Permitted<Control>) {
    let _ = message.record(&mut Unrecorded);
}

fn main() {}
