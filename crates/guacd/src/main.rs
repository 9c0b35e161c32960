//! The `guacd` executable. All of it is in the library, where it can be tested.

use std::process::ExitCode;

use guac_policy::Policy;

fn main() -> ExitCode {
    guacd::run::main(Policy::builtin())
}
