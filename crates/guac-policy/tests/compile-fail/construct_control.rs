//! Bytes cannot be called control traffic.

use guac_policy::Control;

fn main() {
    let _ = Control::new(b"3.nop;".to_vec());
}
