//! What outsiders cannot write: each of these programs must fail to compile.

#[test]
fn outsiders_cannot_forge_what_the_gate_gives() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile-pass/*.rs");
    cases.compile_fail("tests/compile-fail/*.rs");
}
