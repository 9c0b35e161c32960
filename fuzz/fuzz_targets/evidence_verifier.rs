#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| testkit::oracles::evidence_verifier(bytes));
