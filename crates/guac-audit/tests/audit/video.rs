//! `guac-audit video`, and what another program reads in its videos.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::run;

/// Sides of the test's desktop.
const WIDTH: usize = 320;
const HEIGHT: usize = 240;
/// Height of the strip below the desktop.
const STRIP: usize = 24;

/// How far brightness and colours may be from what was drawn, of 255. Within flat areas the encoder is
/// within 4; conversion to limited range and back adds 2.
const TOLERANCE: u8 = 6;

fn element(value: impl ToString) -> String {
    let value = value.to_string();
    format!("{}.{value}", value.len())
}

fn fill([x, y, width, height]: [usize; 4], colour: [u8; 3]) -> String {
    let sides = [x, y, width, height].map(element).join(",");
    let colour = colour.map(element).join(",");
    format!("4.rect,1.0,{sides};5.cfill,2.14,1.0,{colour},3.255;")
}

fn sync(time: i64) -> String {
    format!("4.sync,{},1.1;", element(time))
}

/// A colour for each frame, at these milliseconds after the first; a square that says which; and the
/// moment that the recording claims to begin at.
fn recording() -> String {
    let head = "8.guacd-rs,1.1,7.session,2.$4,7.started,24.2026-11-28T12:00:00.000Z,2.at,4.5000,\
        6.daemon,5.0.1.0,6.policy,8.built-in;";
    let mut recording = format!("{head}4.size,1.0,{},{};", element(WIDTH), element(HEIGHT));
    for (time, colour) in FRAMES {
        recording += &fill([0, 0, WIDTH, HEIGHT], colour);
        recording += &fill([160, 120, 40, 40], [255, 255, 255]);
        recording += &sync(5_000 + time);
    }
    recording
}

const FRAMES: [(i64, [u8; 3]); 5] = [
    (0, [200, 30, 30]),
    (1_000, [30, 200, 30]),
    // So soon after the one before that it is left out at 25 pictures a second.
    (1_010, [30, 30, 200]),
    (6_500, [90, 90, 90]),
    (8_000, [250, 240, 20]),
];

/// What ffprobe says about a file: width, height and duration in seconds.
fn probe(video: &Path) -> (usize, usize, f64) {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0", "-of", "csv=p=0"])
        .args(["-show_entries", "stream=width,height:format=duration"])
        .arg(video)
        .output()
        .expect("ffprobe comes with ffmpeg: `cargo xtask setup` installs it");
    let said = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<f64> = said
        .split([',', '\n'])
        .filter_map(|number| number.parse().ok())
        .collect();
    assert_eq!(numbers.len(), 3, "{said}");
    (numbers[0] as usize, numbers[1] as usize, numbers[2])
}

/// The picture that a video shows at a time, as red, green and blue.
fn shown_at(video: &Path, seconds: f64, width: usize) -> Vec<[u8; 3]> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(video)
        .args([
            "-vf",
            &format!("fps=100,trim=start={seconds},scale=in_color_matrix=bt709:in_range=tv"),
        ])
        .args(["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        .output()
        .unwrap();
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.stdout.len() % (width * 3), 0);
    output
        .stdout
        .chunks(3)
        .map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect()
}

fn assert_near(found: [u8; 3], expected: [u8; 3], what: &str) {
    let near = found
        .iter()
        .zip(expected)
        .all(|(a, b)| a.abs_diff(b) <= TOLERANCE);
    assert!(near, "{what}: {found:?} instead of {expected:?}");
}

/// Makes a video and returns it with its directory.
fn video(recording: &str, name: &str, options: &[&str]) -> (tempfile::TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("r"), recording).unwrap();
    let (code, stdout, stderr) = run(directory.path(), &[&["video", "r", name], options].concat());
    assert_eq!((code, stdout.as_str()), (Some(0), ""), "{stderr}");
    assert!(stderr.ends_with("100 %\n"), "{stderr}");
    let path = directory.path().join(name);
    (directory, path)
}

#[test]
fn videos_show_each_picture_at_its_time() {
    for name in ["v.mp4", "v.webm"] {
        let (_directory, path) = video(&recording(), name, &[]);
        let (width, height, duration) = probe(&path);
        assert_eq!((width, height), (WIDTH, HEIGHT + STRIP), "{name}");
        assert!((8.0..8.2).contains(&duration), "{name}: {duration}");
        for (seconds, colour) in [
            (0.02, FRAMES[0].1),
            (0.98, FRAMES[0].1),
            (1.1, FRAMES[2].1),
            (6.45, FRAMES[2].1),
            (6.55, FRAMES[3].1),
            (7.97, FRAMES[3].1),
        ] {
            let pixels = shown_at(&path, seconds, width);
            let what = format!("{name} at {seconds}");
            for (x, y) in [(3, 3), (316, 3), (316, 236), (150, 110), (210, 170)] {
                assert_near(pixels[y * width + x], colour, &what);
            }
            assert_near(pixels[140 * width + 180], [255; 3], &what);
            // The lower edge: what is over is bright, what is not is dark.
            let bar = &pixels[(height - 2) * width..][..width];
            let bright = bar.iter().filter(|pixel| 150 < pixel[0]).count();
            let expected = (seconds.floor() * 40.0) as usize;
            let expected_after = ((seconds / 8.0) * 320.0) as usize;
            assert!(
                (expected.saturating_sub(4)..=expected_after + 4).contains(&bright),
                "{what}: {bright} pixels of the bar, not {expected} to {expected_after}"
            );
        }
    }
}

#[test]
fn the_clock_goes_on_while_nothing_changes() {
    let (_directory, path) = video(&recording(), "v.mp4", &["--fps", "10"]);
    let text = |seconds| {
        let pixels = shown_at(&path, seconds, WIDTH);
        pixels[HEIGHT * WIDTH..(HEIGHT + STRIP - 4) * WIDTH]
            .iter()
            .map(|pixel| 128 < pixel[0])
            .collect::<Vec<_>>()
    };
    let [at_two, at_three, still_three] = [2.5, 3.1, 3.9].map(text);
    assert!(at_two.contains(&true), "there is no clock");
    assert_ne!(at_two, at_three);
    assert_eq!(at_three, still_three);
}

#[test]
fn without_a_clock_the_video_is_the_desktop() {
    let (_directory, path) = video(&recording(), "v.mp4", &["--no-clock"]);
    let (width, height, duration) = probe(&path);
    assert_eq!((width, height), (WIDTH, HEIGHT));
    assert!((8.0..8.2).contains(&duration), "{duration}");
    let pixels = shown_at(&path, 7.0, width);
    for pixel in [0, WIDTH - 1, (HEIGHT - 1) * WIDTH, HEIGHT * WIDTH - 1] {
        assert_near(pixels[pixel], FRAMES[3].1, "a corner");
    }
}

#[test]
fn a_video_of_another_size_shows_all_of_the_desktop() {
    let (_directory, path) = video(&recording(), "v.mp4", &["--no-clock", "--size", "200x120"]);
    let (width, height, _) = probe(&path);
    assert_eq!((width, height), (200, 120));
    let pixels = shown_at(&path, 7.0, width);
    // 160x120 in the middle, black beside it.
    assert_near(pixels[60 * 200 + 25], FRAMES[3].1, "the desktop's left");
    assert_near(pixels[60 * 200 + 174], FRAMES[3].1, "the desktop's right");
    assert_near(pixels[60 * 200 + 10], [0; 3], "beside it");
}

#[test]
fn the_pointer_is_where_it_was_and_can_be_left_out() {
    let pointer = "4.size,2.-1,2.16,2.16;4.rect,2.-1,1.0,1.0,2.16,2.16;\
        5.cfill,2.14,2.-1,1.0,1.0,1.0,3.255;6.cursor,1.8,1.8,2.-1,1.0,1.0,2.16,2.16;";
    let moves = "5.mouse,2.40,2.40,1.0,4.5100;5.mouse,3.100,3.200,1.0,4.8000;";
    let white = fill([0, 0, WIDTH, HEIGHT], [255; 3]);
    let size = format!("4.size,1.0,{},{};", element(WIDTH), element(HEIGHT));
    let recording = format!(
        "{size}{white}{pointer}{}{moves}{}",
        sync(5_000),
        sync(10_000)
    );
    for (options, colour) in [(&[][..], [0; 3]), (&["--no-cursor"][..], [255; 3])] {
        let (_directory, path) = video(&recording, "v.mp4", options);
        let at = |seconds, x, y| shown_at(&path, seconds, WIDTH)[y * WIDTH + x];
        assert_near(at(0.03, 40, 40), [255; 3], "before it came");
        assert_near(at(1.0, 40, 40), colour, "where it was first");
        assert_near(at(4.0, 40, 40), [255; 3], "where it has left");
        assert_near(at(4.0, 100, 200), colour, "where it went");
        assert_near(at(4.0, 100, 220), [255; 3], "beside it");
    }
}

#[test]
fn what_cannot_become_a_video_leaves_no_file() {
    let far = format!("{}{}", sync(0), sync(i64::MAX));
    let huge = format!("4.size,1.0,5.20000,2.10;{}", sync(1));
    let directory = tempfile::tempdir().unwrap();
    let write = |name, content: &str| fs::write(directory.path().join(name), content).unwrap();
    write("r", &recording());
    write("far", &far);
    write("huge", &huge);
    write("empty", "3.nop;");
    write("blank", &sync(1));
    write("evidence.mp4", "precious");
    for (arguments, code, complaint) in [
        (&["r", "v.avi"][..], 1, ".mp4 or .webm"),
        (&["r", "evidence.mp4"], 1, "could not be written"),
        (&["missing", "v.mp4"], 1, "could not be read"),
        (&["far", "v.mp4"], 1, "more than 31 days"),
        (&["huge", "v.mp4"], 1, "too large"),
        (&["empty", "v.mp4"], 1, "holds no frame"),
        (&["blank", "v.mp4"], 1, "has a picture"),
        (&["r", "v.mp4", "--size", "17x20"], 2, "even numbers"),
        (&["r", "v.mp4", "--fps", "0"], 2, "1..=60"),
    ] {
        let (found, _, said) = run(directory.path(), &[&["video"], arguments].concat());
        assert!(said.contains(complaint), "{said}");
        assert_eq!(found, Some(code));
    }
    assert!(!directory.path().join("v.mp4").exists());
    assert_eq!(
        fs::read(directory.path().join("evidence.mp4")).unwrap(),
        b"precious"
    );
}

#[test]
fn a_missing_or_broken_ffmpeg_is_told() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("r"), recording()).unwrap();
    let programs = directory.path().join("programs");
    fs::create_dir(&programs).unwrap();
    let video = || {
        let output = Command::new(env!("CARGO_BIN_EXE_guac-audit"))
            .args(["video", "r", "v.mp4"])
            .current_dir(directory.path())
            .env("PATH", &programs)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(!directory.path().join("v.mp4").exists());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(video().contains("videos need ffmpeg"));
    std::os::unix::fs::symlink("/bin/false", programs.join("ffmpeg")).unwrap();
    let said = video();
    assert!(said.contains("ffmpeg failed: exit status: 1"), "{said}");
}

#[test]
fn a_cut_recording_becomes_a_video_as_far_as_it_goes() {
    let directory = tempfile::tempdir().unwrap();
    let whole = recording();
    fs::write(
        directory.path().join("r"),
        &whole.as_bytes()[..whole.len() - 8],
    )
    .unwrap();
    let (code, _, said) = run(directory.path(), &["video", "r", "v.mp4"]);
    assert!(said.contains("ends in a cut instruction"), "{said}");
    assert_eq!(code, Some(3));
    let (_, _, duration) = probe(&directory.path().join("v.mp4"));
    assert!((6.5..6.7).contains(&duration), "{duration}");
}
