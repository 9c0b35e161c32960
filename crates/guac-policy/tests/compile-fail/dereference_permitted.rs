//! Nor can it be reached into.

use bytes::Bytes;
use guac_policy::Permitted;

fn replace(permitted: &mut Permitted<Bytes>) {
    **permitted = Bytes::new();
}

fn main() {}
