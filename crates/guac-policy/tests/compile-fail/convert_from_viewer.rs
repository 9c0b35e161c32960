//! There is no conversion around the gate.

use guac_policy::{FromViewer, Permitted};

fn main() {
    let input = FromViewer::new(1);
    let _: Permitted<i32> = input.into();
}
