//! `guac-audit thumbs`

use std::fs;
use std::path::Path;

use super::{RECORDING, run};

/// A picture's size and pixels.
fn pixels(path: &Path) -> (usize, usize, Vec<[u8; 3]>) {
    let file = std::io::BufReader::new(fs::File::open(path).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (info.width as usize, info.height as usize);
    (
        width,
        height,
        pixels
            .chunks(3)
            .map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect(),
    )
}

/// 200x100 pixels of red from 10 s on, green from 11 s on, blue from 14 s to 16 s.
fn colours() -> String {
    let mut recording = "4.size,1.0,3.200,3.100;".to_owned();
    for (red, green, blue, time) in [
        ("3.255", "1.0", "1.0", 10_000),
        ("1.0", "3.255", "1.0", 11_000),
        ("1.0", "1.0", "3.255", 14_000),
        ("1.0", "1.0", "3.255", 16_000),
    ] {
        recording += &format!(
            "4.rect,1.0,1.0,1.0,3.200,3.100;5.cfill,2.14,1.0,{red},{green},{blue},3.255;\
             4.sync,5.{time},1.1;"
        );
    }
    recording
}

#[test]
fn a_sheet_has_pictures_at_even_times_with_their_times() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("r"), colours()).unwrap();
    let arguments = [
        "thumbs",
        "r",
        "r.png",
        "--count",
        "4",
        "--columns",
        "3",
        "--width",
        "100",
    ];
    assert_eq!(
        run(directory.path(), &arguments),
        (Some(0), String::new(), String::new())
    );
    let (width, height, pixels) = pixels(&directory.path().join("r.png"));
    // Three columns and two rows of pictures of 100x50 with 17 pixels of text, 6 pixels apart.
    assert_eq!((width, height), (3 * 106 + 6, 2 * 73 + 6));
    // At 0, 2, 4 and 6 s: what was shown at 1 s was still shown at 2 s.
    for (column, row, colour) in [
        (0, 0, [255, 0, 0]),
        (1, 0, [0, 255, 0]),
        (2, 0, [0, 0, 255]),
        (0, 1, [0, 0, 255]),
    ] {
        let (x, y) = (column * 106 + 6, row * 73 + 6);
        for (dx, dy) in [(0, 0), (99, 0), (0, 49), (99, 49)] {
            assert_eq!(pixels[(y + dy) * width + x + dx], colour, "{column} {row}");
        }
        let lit = |rows: std::ops::Range<usize>| {
            rows.flat_map(|row| &pixels[row * width + x..row * width + x + 100])
                .filter(|pixel| **pixel == [224, 224, 224])
                .count()
        };
        assert!(100 < lit(y + 50..y + 67), "no time under {column} {row}");
    }
    let empty = &pixels[(73 + 6) * width + 106 + 6..][..200];
    assert!(
        empty.iter().all(|pixel| *pixel == [32, 32, 32]),
        "a picture that is none"
    );
}

#[test]
fn a_sheet_of_small_portrait_and_single_frames_is_a_sheet() {
    let portrait = "4.size,1.0,2.10,4.1000;4.sync,1.1,1.1;";
    for (content, size) in [
        (RECORDING, (4 * 70 + 6, 4 * 33 + 6)),
        (portrait, (4 * 70 + 6, 4 * 87 + 6)),
    ] {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("r"), content).unwrap();
        let said = run(directory.path(), &["thumbs", "r", "r.png", "--width", "64"]);
        assert_eq!(said.0, Some(0), "{said:?}");
        let (width, height, _) = pixels(&directory.path().join("r.png"));
        assert_eq!((width, height), size);
    }
}

#[test]
fn a_sheet_that_cannot_be_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("r"), RECORDING).unwrap();
    fs::write(directory.path().join("empty"), "3.nop;").unwrap();
    fs::write(directory.path().join("evidence"), "precious").unwrap();
    let huge = ["thumbs", "r", "x", "--count", "1000", "--width", "4096"];
    for (arguments, code, complaint) in [
        (&huge[..], 1, "at most 67108864 pixels"),
        (
            &["thumbs", "r", "x", "--count", "0"],
            2,
            "0 is not in 1..=1000",
        ),
        (&["thumbs", "empty", "x"], 1, "holds no frame"),
        (&["thumbs", "missing", "x"], 1, "could not be read"),
        (&["thumbs", "r", "evidence"], 1, "could not be written"),
    ] {
        let (found, _, said) = run(directory.path(), arguments);
        assert!(said.contains(complaint), "{said}");
        assert_eq!(found, Some(code));
    }
    assert!(!directory.path().join("x").exists());
    assert_eq!(
        fs::read(directory.path().join("evidence")).unwrap(),
        b"precious"
    );
}
