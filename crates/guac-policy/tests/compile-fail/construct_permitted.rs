//! A value cannot be called permitted.

use guac_policy::Permitted;

fn main() {
    let _ = Permitted(bytes::Bytes::from_static(b"3.nop;"));
}
