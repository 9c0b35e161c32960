//! The binary as an auditor meets it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the helpers of a test fail loudly"
)]

mod events;
mod export;
mod fetch;
mod keys;
mod sealed;
mod thumbs;
mod unseal;
mod verify;
mod video;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A recording of two frames, with input, and with something after the last frame.
const RECORDING: &str = "4.size,1.0,2.20,2.10;4.rect,1.0,1.0,1.0,2.20,2.10;\
    5.cfill,2.14,1.0,3.255,1.0,1.0,3.255;4.sync,5.10000,1.1;3.key,2.97,1.1,5.10500;\
    3.key,2.97,1.0,5.10600;5.mouse,1.1,1.2,1.0,5.11000;4.rect,1.0,1.0,1.0,1.5,1.5;\
    5.cfill,2.14,1.0,1.0,3.255,1.0,3.255;4.sync,5.13500,1.2;\
    4.rect,1.0,1.0,1.0,2.20,2.10;5.cfill,2.14,1.0,1.0,1.0,3.255,3.255;";

fn run(directory: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_guac-audit"))
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    (
        status.code(),
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}

/// Writes a file and says what `show` says about it, and its exit code.
fn show(content: impl AsRef<[u8]>) -> (Option<i32>, String) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("r"), content).unwrap();
    let (code, stdout, stderr) = run(directory.path(), &["show", "r"]);
    assert_eq!(stderr, "");
    (code, stdout)
}

#[test]
fn a_whole_recording_is_summarised() {
    let (code, said) = show(RECORDING);
    let expected = format!(
        "\"r\"\n  size      {} bytes\n  picture   20x10\n  frames    2\n  duration  3.500 s\n  \
         keys      1\n  mouse     1\n  activity  |-{}i i{}i{}-|\n  ends      cleanly\n",
        RECORDING.len(),
        " ".repeat(7),
        " ".repeat(6),
        " ".repeat(41)
    );
    assert_eq!((code, said), (Some(0), expected));
}

#[test]
fn how_a_file_ends_is_told_by_word_and_code() {
    let whole = RECORDING.len();
    for (content, code, ends) in [
        (RECORDING.as_bytes().to_vec(), 0, "cleanly".to_owned()),
        (Vec::new(), 0, "cleanly".to_owned()),
        (
            RECORDING.as_bytes()[..whole - 3].to_vec(),
            3,
            "in a cut instruction, 34 bytes of it".to_owned(),
        ),
        (
            format!("{RECORDING}\n3.nop;").into_bytes(),
            3,
            format!("damaged at byte {whole}: the length of an element is not a number"),
        ),
        (
            b"\x89PNG\r\n".to_vec(),
            3,
            "damaged at byte 0: the length of an element is not a number".to_owned(),
        ),
    ] {
        let (found, said) = show(content);
        assert!(said.ends_with(&format!("  ends      {ends}\n")), "{said}");
        assert_eq!(found, Some(code), "{said}");
    }
}

#[test]
fn hostile_files_are_counted_and_not_printed() {
    let odd = "4.sync;4.size,1.0,1.x,1.1;10.\u{1b}[2Jsecret,1.a;";
    let times = "4.sync,20.-9223372036854775808,1.1;4.sync,19.9223372036854775807,1.1;";
    let (code, said) = show(format!("{odd}{times}"));
    assert_eq!(code, Some(0));
    assert!(
        said.contains("  odd       2 instructions make no sense\n"),
        "{said}"
    );
    assert!(
        !said.contains("secret") && !said.contains('\u{1b}'),
        "{said}"
    );
    let (code, _) = show("4.blob,1.1,8192.".to_owned() + &"A".repeat(40_000));
    assert_eq!(code, Some(3));
}

#[test]
fn several_files_are_shown_though_one_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("cut"), "3.no").unwrap();
    fs::write(directory.path().join("whole"), RECORDING).unwrap();
    let (code, stdout, stderr) = run(directory.path(), &["show", "cut", "missing", "whole"]);
    assert_eq!(code, Some(1));
    assert!(
        stdout.contains("\"cut\"\n") && stdout.contains("\"whole\"\n"),
        "{stdout}"
    );
    assert!(
        stderr.starts_with("guac-audit: \"missing\" could not be read"),
        "{stderr}"
    );
    assert_eq!(run(directory.path(), &["show", "cut", "whole"]).0, Some(3));
    assert_eq!(run(directory.path(), &["show"]).0, Some(2));
    assert_eq!(run(directory.path(), &["show", "."]).0, Some(1));
}

#[test]
fn the_thumb_is_the_last_whole_frame() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("r"), RECORDING).unwrap();
    let said = run(directory.path(), &["thumb", "r", "r.png"]);
    assert_eq!(said, (Some(0), String::new(), String::new()));
    let file = std::io::BufReader::new(fs::File::open(directory.path().join("r.png")).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(
        (info.width, info.height, info.color_type),
        (20, 10, png::ColorType::Rgb)
    );
    let pixel = |x: usize, y: usize| &pixels[(y * 20 + x) * 3..][..3];
    assert_eq!(
        (pixel(4, 4), pixel(5, 5)),
        (&[0, 255, 0][..], &[255, 0, 0][..])
    );
}

#[test]
fn a_thumb_replaces_no_file() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("r"), RECORDING).unwrap();
    fs::write(directory.path().join("evidence"), "precious").unwrap();
    let (code, _, stderr) = run(directory.path(), &["thumb", "r", "evidence"]);
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("\"evidence\" could not be written"),
        "{stderr}"
    );
    assert_eq!(
        fs::read_to_string(directory.path().join("evidence")).unwrap(),
        "precious"
    );
}

#[test]
fn a_thumb_of_what_is_damaged_says_so() {
    let bad_image =
        "3.img,1.1,2.14,1.0,9.image/png,1.0,1.0;4.blob,1.1,4.AAAA;3.end,1.1;4.sync,5.20000,1.1;";
    for (content, code, complaint) in [
        (format!("{RECORDING}3.no"), 3, "ends in a cut instruction"),
        (format!("{RECORDING}garbage"), 3, "ends damaged at byte"),
        (
            format!("{RECORDING}{bad_image}"),
            3,
            "1 instructions could not be drawn",
        ),
        ("3.nop;".to_owned(), 1, "holds no frame"),
        ("4.sync,1.1,1.1;".to_owned(), 1, "has no picture"),
        (
            "4.size,1.0,10.2147483647,10.2147483647;4.sync,1.1,1.1;".to_owned(),
            1,
            "could not be drawn",
        ),
    ] {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("r"), content).unwrap();
        let (found, _, stderr) = run(directory.path(), &["thumb", "r", "r.png"]);
        assert!(stderr.contains(complaint), "{complaint}: {stderr}");
        assert_eq!(found, Some(code), "{complaint}");
        assert_eq!(
            directory.path().join("r.png").exists(),
            code == 3,
            "{complaint}"
        );
    }
}
