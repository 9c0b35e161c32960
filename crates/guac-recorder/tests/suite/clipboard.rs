//! Texts of the clipboard in a recording.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use guac_policy::{Permitted, Tap as _, TapError};
use guac_protocol::{Keysym, ServerInstruction, Timestamp};
use guac_recorder::{ClipboardWay, Reader, Recording, RecordingOptions};

use crate::{END, moment, vetted};

fn frame(time: i64) -> Permitted<Bytes> {
    let sync = ServerInstruction::Sync {
        timestamp: Timestamp(time),
        frames: 1,
    };
    vetted(&[sync])
}

fn options(directory: &Path) -> RecordingOptions {
    RecordingOptions {
        include_clipboard: true,
        ..RecordingOptions::new(directory, "r")
    }
}

fn instructions(directory: &Path) -> Vec<String> {
    let mut reader = Reader::new(fs::File::open(directory.join("r")).unwrap());
    let mut found = Vec::new();
    while let Some(entry) = reader.next().unwrap() {
        let arguments: Vec<_> = entry.instruction.args().collect();
        found.push(format!(
            "{} {}",
            entry.instruction.opcode(),
            arguments.join(" ")
        ));
    }
    found
}

#[test]
fn both_ways_are_streams_of_their_own_in_stock_form() {
    let directory = tempfile::tempdir().unwrap();
    let mut recording = Recording::create(&options(directory.path()), moment(0)).unwrap();
    recording.accept(&frame(1)).unwrap();
    recording.clipboard(ClipboardWay::Copy, "ab€").unwrap();
    recording.clipboard(ClipboardWay::Paste, "").unwrap();
    recording.accept(&frame(2)).unwrap();
    recording.finish(END).unwrap();
    let expected = "4.sync,1.1,1.1;\
        9.clipboard,2.62,10.text/plain;4.blob,2.62,8.YWLigqw=;3.end,2.62;\
        9.clipboard,2.63,10.text/plain;3.end,2.63;4.sync,1.2,1.1;";
    assert_eq!(
        fs::read_to_string(directory.path().join("r")).unwrap(),
        expected
    );
}

#[test]
fn a_long_text_is_cut_into_blobs_of_stocks_size() {
    let directory = tempfile::tempdir().unwrap();
    let mut recording = Recording::create(&options(directory.path()), moment(0)).unwrap();
    recording.accept(&frame(1)).unwrap();
    let text = "x".repeat(6_048 * 2 + 1);
    recording.clipboard(ClipboardWay::Paste, &text).unwrap();
    let lengths: Vec<_> = instructions(directory.path())
        .iter()
        .filter_map(|line| line.strip_prefix("blob 63 ").map(str::len))
        .collect();
    assert_eq!(lengths, [8_064, 8_064, 4]);
}

#[test]
fn nobody_asked_so_nothing_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let options = RecordingOptions::new(directory.path(), "r");
    let mut recording = Recording::create(&options, moment(0)).unwrap();
    recording.clipboard(ClipboardWay::Copy, "early").unwrap();
    recording.accept(&frame(1)).unwrap();
    recording.clipboard(ClipboardWay::Copy, "late").unwrap();
    recording.finish(END).unwrap();
    assert_eq!(instructions(directory.path()), ["sync 1 1"]);
}

#[test]
fn early_texts_wait_for_the_first_frame_in_their_order() {
    let directory = tempfile::tempdir().unwrap();
    let options = RecordingOptions {
        include_keys: true,
        ..options(directory.path())
    };
    let mut recording = Recording::create(&options, moment(0)).unwrap();
    recording.key(Keysym(0x61), true, Timestamp(3)).unwrap();
    recording.clipboard(ClipboardWay::Paste, "a").unwrap();
    recording.key(Keysym(0x61), false, Timestamp(4)).unwrap();
    assert_eq!(instructions(directory.path()), [""; 0]);
    recording.accept(&frame(9)).unwrap();
    let expected = [
        "sync 9 1",
        "key 97 1 9",
        "clipboard 63 text/plain",
        "blob 63 YQ==",
        "end 63",
        "key 97 0 9",
    ];
    assert_eq!(instructions(directory.path()), expected);
}

#[test]
fn a_file_of_input_alone_has_texts_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let options = RecordingOptions {
        exclude_output: true,
        ..options(directory.path())
    };
    let mut recording = Recording::create(&options, moment(0)).unwrap();
    recording.accept(&frame(9)).unwrap();
    recording.clipboard(ClipboardWay::Copy, "a").unwrap();
    let expected = ["clipboard 62 text/plain", "blob 62 YQ==", "end 62"];
    assert_eq!(instructions(directory.path()), expected);
}

#[test]
fn what_waits_for_the_first_frame_is_bounded_and_no_text_is_lost_unnoticed() {
    let directory = tempfile::tempdir().unwrap();
    let mut recording = Recording::create(&options(directory.path()), moment(0)).unwrap();
    let largest = "x".repeat(guac_policy::limits::CLIPBOARD_MAX_BYTES);
    recording.clipboard(ClipboardWay::Paste, &largest).unwrap();
    assert_eq!(
        recording.clipboard(ClipboardWay::Paste, &largest),
        Err(TapError::EarlyText)
    );
    // Also when it is the number of events that has no room.
    let mut full = Recording::create(&options(directory.path()), moment(0)).unwrap();
    for _ in 0..4_096 {
        full.mouse(1, 1, 0, Timestamp(1)).unwrap();
    }
    assert_eq!(
        full.clipboard(ClipboardWay::Copy, "a"),
        Err(TapError::EarlyText)
    );
    full.mouse(1, 1, 0, Timestamp(1)).unwrap();
    assert_eq!(full.finish(END).unwrap().lost_events, 1);
}
