#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| testkit::oracles::sealed_reader(bytes));
