//! Nor one from the value itself.

use guac_policy::Permitted;

fn main() {
    let _: Permitted<i32> = 1.into();
}
