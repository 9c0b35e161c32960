//! `guac-audit keys`

use std::fs;

use super::run;

/// `key` instructions: keysym, whether it goes down, time.
fn recording(keys: &[(u32, bool, u32)]) -> String {
    let element = |value: u32| format!("{}.{value}", value.to_string().len());
    let mut recording = "4.size,1.0,2.20,2.10;4.sync,5.10000,1.1;".to_owned();
    for (keysym, pressed, time) in keys {
        recording += &format!(
            "3.key,{},{},{};",
            element(*keysym),
            element((*pressed).into()),
            element(*time)
        );
    }
    recording
}

/// `hé`, Return, Ctrl+c, the left arrow, Escape's control character, and `x` an hour later.
fn typed() -> String {
    recording(&[
        (0x68, true, 11_000),
        (0x68, false, 11_050),
        (0xe9, true, 11_100),
        (0xff0d, true, 11_200),
        (0xff0d, false, 11_201),
        (0xffe3, true, 12_000),
        (0x63, true, 12_345),
        (0x63, false, 12_400),
        (0xffe3, false, 12_500),
        (0xff51, true, 13_000),
        (0x1b, true, 13_100),
        (0xff0d, true, 13_200),
        (0x78, true, 3_623_001),
    ])
}

fn keys(arguments: &[&str], content: &str) -> (Option<i32>, String, String) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("r"), content).unwrap();
    run(directory.path(), &[&["keys"], arguments, &["r"]].concat())
}

#[test]
fn lines_have_the_times_of_their_first_keys() {
    let said = keys(&[], &typed());
    let expected =
        "\"r\"\n  0:00:01.000  hé\n  0:00:02.345  <Ctrlc><Left><U+001B>\n  1:00:13.001  x\n";
    assert_eq!(said, (Some(0), expected.to_owned(), String::new()));
}

#[test]
fn the_plain_text_is_stock_guaclogs() {
    let said = keys(&["--plain"], &typed());
    // Written down from stock guaclog 1.6.1 on the same recording.
    let expected = "hé\n<Ctrlc><Left>\u{1b}\nx";
    assert_eq!(said, (Some(0), expected.to_owned(), String::new()));
}

#[test]
fn a_line_without_end_goes_on_in_the_next() {
    let many: Vec<_> = (0..1_500)
        .map(|place| (0x61, true, 10_000 + place))
        .collect();
    let (_, said, _) = keys(&[], &recording(&many));
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[1], format!("  0:00:00.000  {}…", "a".repeat(1_024)));
    assert_eq!(lines[2], format!("  0:00:01.024  {}", "a".repeat(476)));
    assert_eq!(lines.len(), 3);
}

#[test]
fn what_was_typed_before_the_damage_is_told() {
    for (end, complaint) in [
        ("3.ke", "ends in a cut instruction"),
        ("garbage", "ends damaged at"),
    ] {
        let (code, said, complaints) = keys(&[], &(typed() + end));
        assert_eq!(code, Some(3));
        assert!(said.ends_with("  1:00:13.001  x\n"), "{said}");
        assert!(complaints.contains(complaint), "{complaints}");
    }
    assert_eq!(keys(&["missing"], "").0, Some(1));
}
