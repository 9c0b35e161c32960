//! What a viewer or the desktop sent can be read by a gate only.

use guac_policy::{FromDesktop, FromViewer};

fn main() {
    let _ = FromViewer::new(1).0;
    let _ = FromDesktop::new(1).0;
}
