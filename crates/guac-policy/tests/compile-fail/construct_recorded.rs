//! A frame cannot be called recorded.

use guac_policy::Recorded;

fn main() {
    let _ = Recorded(bytes::Bytes::from_static(b"3.nop;"));
}
