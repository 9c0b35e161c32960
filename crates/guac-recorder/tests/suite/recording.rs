//! What the recorder writes, and when it refuses to.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use bytes::Bytes;
use guac_policy::{Permitted, Tap as _, TapError};
use guac_protocol::{CompositeMode, Keysym, LayerIndex, ServerInstruction, Timestamp};
use guac_recorder::{CreateError, Reader, Recording, RecordingOptions};

use crate::{END, moment, vetted};

fn frame(time: i64) -> Permitted<Bytes> {
    let layer = LayerIndex::DESKTOP;
    let (x, y, width, height) = (0, 0, 4, 4);
    let mode = CompositeMode::Over;
    let (red, green, blue, alpha) = (1, 2, 3, 255);
    vetted(&[
        ServerInstruction::Size {
            layer,
            width,
            height,
        },
        ServerInstruction::Rect {
            layer,
            x,
            y,
            width,
            height,
        },
        ServerInstruction::CFill {
            mode,
            layer,
            red,
            green,
            blue,
            alpha,
        },
        ServerInstruction::Sync {
            timestamp: Timestamp(time),
            frames: 1,
        },
    ])
}

fn options(directory: &Path) -> RecordingOptions {
    RecordingOptions {
        include_keys: true,
        ..RecordingOptions::new(directory, "r")
    }
}

/// The opcodes of a file, with the last argument of those that carry a time.
fn story(path: &Path) -> Vec<String> {
    let mut reader = Reader::new(fs::File::open(path).unwrap());
    let mut story = Vec::new();
    while let Some(entry) = reader.next().unwrap() {
        let arguments: Vec<_> = entry.instruction.args().collect();
        story.push(match entry.instruction.opcode() {
            "sync" => format!("sync {}", arguments[0]),
            "mouse" => format!("mouse {}", arguments[3]),
            "key" => format!("key {}", arguments[2]),
            opcode => opcode.to_owned(),
        });
    }
    story
}

#[test]
fn an_accepted_frame_is_in_the_file_before_anything_else_happens() {
    let directory = tempfile::tempdir().unwrap();
    let mut recording = Recording::create(&options(directory.path()), moment(0)).unwrap();
    let frame = frame(10);
    recording.accept(&frame).unwrap();
    assert_eq!(fs::read(recording.path()).unwrap(), frame.get().as_ref());
    let path = recording.path().to_owned();
    let summary = recording.finish(END).unwrap();
    assert_eq!(
        (summary.frames, summary.bytes),
        (1, frame.get().len() as u64)
    );
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o137, 0);
}

#[test]
fn events_wait_for_the_first_frame_and_times_never_go_back() {
    let directory = tempfile::tempdir().unwrap();
    let mut recording = Recording::create(&options(directory.path()), moment(0)).unwrap();
    let path = recording.path().to_owned();
    recording.key(Keysym(0x61), true, Timestamp(5)).unwrap();
    recording.mouse(1, 2, 0, Timestamp(6)).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    recording.accept(&frame(10)).unwrap();
    recording.key(Keysym(0x61), false, Timestamp(12)).unwrap();
    recording.mouse(1, 2, 1, Timestamp(11)).unwrap();
    recording.accept(&frame(20)).unwrap();
    recording.mouse(3, 3, 0, Timestamp(19)).unwrap();
    let one = [
        "size", "rect", "cfill", "sync 10", "key 10", "mouse 10", "key 12", "mouse 12",
    ];
    let two = ["size", "rect", "cfill", "sync 20", "mouse 20"];
    assert_eq!(story(&path), [one.as_slice(), two.as_slice()].concat());
}

#[test]
fn what_was_done_in_a_session_without_a_frame_follows_an_empty_one() {
    let directory = tempfile::tempdir().unwrap();
    let mut recording = Recording::create(&options(directory.path()), moment(0)).unwrap();
    let path = recording.path().to_owned();
    recording.key(Keysym(0x61), true, Timestamp(5)).unwrap();
    assert_eq!(recording.finish(END).unwrap().frames, 1);
    assert_eq!(story(&path), ["sync 5", "key 5"]);
    // There is nothing to see where nothing was done.
    let mut idle = Recording::create(&options(directory.path()), moment(0)).unwrap();
    assert_eq!(idle.finish(END).unwrap().bytes, 0);
}

#[test]
fn only_what_was_asked_for_is_recorded() {
    for (exclude_output, exclude_mouse, include_keys, expected) in [
        (
            false,
            false,
            false,
            vec!["size", "rect", "cfill", "sync 1", "mouse 3"],
        ),
        (
            false,
            true,
            true,
            vec!["size", "rect", "cfill", "sync 1", "key 2"],
        ),
        (true, false, true, vec!["key 2", "mouse 3"]),
        (true, true, false, vec![]),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let options = RecordingOptions {
            exclude_output,
            exclude_mouse,
            include_keys,
            ..RecordingOptions::new(directory.path(), "r")
        };
        let mut recording = Recording::create(&options, moment(0)).unwrap();
        recording.accept(&frame(1)).unwrap();
        recording.key(Keysym(0x61), true, Timestamp(2)).unwrap();
        recording.mouse(1, 1, 0, Timestamp(3)).unwrap();
        recording.finish(END).unwrap();
        assert_eq!(story(&directory.path().join("r")), expected, "{options:?}");
    }
}

#[test]
fn names_in_use_get_suffixes_up_to_255() {
    let directory = tempfile::tempdir().unwrap();
    let mut open = Vec::new();
    for number in 0..=255 {
        let recording = Recording::create(&options(directory.path()), moment(0)).unwrap();
        let name = if number == 0 {
            "r".to_owned()
        } else {
            format!("r.{number}")
        };
        assert_eq!(recording.path(), directory.path().join(name));
        open.push(recording);
    }
    let error = Recording::create(&options(directory.path()), moment(0)).unwrap_err();
    assert_eq!(error, CreateError::SuffixesExhausted);
}

#[test]
fn directories_are_made_only_when_asked_for() {
    let root = tempfile::tempdir().unwrap();
    let nested = root.path().join("a/b");
    let asked = RecordingOptions {
        create_directory: true,
        ..options(&nested)
    };
    assert_eq!(
        Recording::create(&options(&nested), moment(0)).unwrap_err(),
        CreateError::Directory {
            os_error: rustix::io::Errno::NOENT.raw_os_error()
        }
    );
    Recording::create(&asked, moment(0)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o027;
    assert_eq!((mode(&nested), mode(&root.path().join("a"))), (0, 0));
}

#[test]
fn an_existing_file_is_replaced_whole_and_never_while_it_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let options = RecordingOptions {
        write_existing: true,
        ..options(directory.path())
    };
    fs::write(directory.path().join("r"), "x".repeat(10_000)).unwrap();
    let mut recording = Recording::create(&options, moment(0)).unwrap();
    recording.accept(&frame(1)).unwrap();
    assert!(matches!(
        Recording::create(&options, moment(0)).unwrap_err(),
        CreateError::Lock { .. }
    ));
    let path = recording.path().to_owned();
    recording.finish(END).unwrap();
    drop(recording);
    assert_eq!(story(&path), ["size", "rect", "cfill", "sync 1"]);
    drop(Recording::create(&options, moment(0)).unwrap());
}

#[test]
fn links_are_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    let outside = tempfile::NamedTempFile::new().unwrap();
    fs::write(outside.path(), "precious").unwrap();
    symlink(outside.path(), directory.path().join("r")).unwrap();
    let options = RecordingOptions {
        write_existing: true,
        ..options(directory.path())
    };
    assert!(matches!(
        Recording::create(&options, moment(0)).unwrap_err(),
        CreateError::File { .. }
    ));
    assert_eq!(fs::read_to_string(outside.path()).unwrap(), "precious");
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["", ".", "..", "../r", "/tmp/r", "a\\b"] {
        let options = RecordingOptions::new(directory.path(), name);
        assert!(
            matches!(
                Recording::create(&options, moment(0)).unwrap_err(),
                CreateError::Name(_)
            ),
            "{name}"
        );
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn only_regular_files_are_written() {
    let directory = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(directory.path().join("r"))
        .status();
    assert!(made.unwrap().success());
    let options = RecordingOptions {
        write_existing: true,
        ..options(directory.path())
    };
    assert!(matches!(
        Recording::create(&options, moment(0)).unwrap_err(),
        CreateError::File { .. }
    ));
}

/// Runs in a process of its own, in which no file can grow beyond one block of 512 bytes.
#[test]
#[ignore = "run by `a_frame_that_does_not_fit_is_refused_and_taken_back`"]
fn within_one_block() {
    let directory = tempfile::tempdir().unwrap();
    let mut recording = Recording::create(&options(directory.path()), moment(0)).unwrap();
    let mut written = 0;
    let error = loop {
        match frame(1).record(&mut recording) {
            Ok(frame) => written += frame.get().len(),
            Err(error) => break error,
        }
    };
    let too_big = rustix::io::Errno::FBIG.raw_os_error();
    assert_eq!(
        error,
        TapError::Write {
            os_error: Some(too_big)
        }
    );
    assert_eq!(
        fs::metadata(recording.path()).unwrap().len(),
        written as u64
    );
    assert_eq!(
        frame(2).record(&mut recording).unwrap_err(),
        TapError::Failed
    );
    assert_eq!(
        recording.key(Keysym(1), true, Timestamp(1)).unwrap_err(),
        TapError::Failed
    );
    assert_eq!(recording.finish(END).unwrap_err(), TapError::Failed);
}

#[test]
fn a_frame_that_does_not_fit_is_refused_and_taken_back() {
    crate::passes_with_file_blocks(1, "recording::within_one_block");
}
