//! What is permitted cannot be exchanged for something else.

use bytes::Bytes;
use guac_policy::Permitted;

fn replace(permitted: &mut Permitted<Bytes>) {
    *permitted.get() = Bytes::new();
}

fn main() {}
