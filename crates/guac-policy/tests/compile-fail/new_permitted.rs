//! The constructor is the gate's.

use guac_policy::Permitted;

fn main() {
    let _ = Permitted::new(bytes::Bytes::from_static(b"3.nop;"));
}
