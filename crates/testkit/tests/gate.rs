//! The policy's gates against their model, with random sessions.

use proptest::prelude::*;
use testkit::oracles::policy_gate;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4096,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_passes_the_gates_is_what_the_model_allows(bytes in prop::collection::vec(any::<u8>(), 0..1500)) {
        policy_gate(&bytes);
    }
}
