//! What came as JPEG is asked for again without a loss.

use guac_vnc::{ClientConfig, Encoding, Rect};
use testkit::jpeg;

use crate::server::{Viewer, rectangle, update};

const WIDTH: u16 = 320;
const HEIGHT: u16 = 200;
const WHOLE: Rect = Rect::new(0, 0, WIDTH, HEIGHT);

/// Moments after which what is lossy is asked for.
const STILL: usize = 3;

/// Asked for with a quality; without one; without Tight.
const LOSSY: Said = Said::Encodings {
    tight: true,
    quality: true,
};
const LOSSLESS: Said = Said::Encodings {
    tight: true,
    quality: false,
};
const WITHOUT_TIGHT: Said = Said::Encodings {
    tight: false,
    quality: false,
};

/// What a client says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Encodings {
        tight: bool,
        quality: bool,
    },
    /// It asks for what changed anywhere.
    Changes,
    /// It asks for this, whether it changed or not.
    Area(Rect),
}

fn config() -> ClientConfig {
    ClientConfig {
        encodings: vec![Encoding::Tight, Encoding::Zrle, Encoding::CopyRect],
        compress_level: Some(6),
        quality_level: Some(5),
        ..ClientConfig::default()
    }
}

fn viewer() -> Viewer {
    Viewer::connected(config(), WIDTH, HEIGHT)
}

/// A viewer of which this is lossy, which its server was not asked about yet.
fn shown_lossy(rects: &[Rect]) -> Viewer {
    let mut viewer = viewer();
    viewer.feed(&jpegs(rects));
    assert_eq!(said(&mut viewer), [Said::Changes]);
    viewer
}

/// A viewer whose server has just been asked about what it shows lossy.
fn asking(rects: &[Rect]) -> (Viewer, Vec<Said>) {
    let mut viewer = shown_lossy(rects);
    let said = pass(&mut viewer, STILL);
    (viewer, said)
}

fn jpegs(rects: &[Rect]) -> Vec<u8> {
    let jpeg = |rect: &Rect| jpeg::tight(&jpeg::grey(rect.width, rect.height));
    let rectangles = rects.iter().map(|rect| rectangle(*rect, 7, &jpeg(rect)));
    update(&rectangles.collect::<Vec<_>>())
}

/// Pixels as they are, all of one colour.
fn exact(rects: &[Rect]) -> Vec<u8> {
    let fill = |rect: &Rect| rectangle(*rect, 7, &[0x80, 1, 2, 3]);
    update(&rects.iter().map(fill).collect::<Vec<_>>())
}

/// What the client has said since it was asked last.
fn said(viewer: &mut Viewer) -> Vec<Said> {
    let output = viewer.output();
    let mut rest = &output[..];
    let mut said = Vec::new();
    while let [kind, tail @ ..] = rest {
        let number = |at: usize| u16::from_be_bytes([tail[at], tail[at + 1]]);
        let length = match kind {
            2 => {
                let length = 3 + 4 * usize::from(number(1));
                let (numbers, _) = tail[3..length].as_chunks::<4>();
                let has = |number: i32| numbers.contains(&number.to_be_bytes());
                assert!(has(16) && has(1) && has(-250), "the others stay");
                said.push(Said::Encodings {
                    tight: has(7),
                    quality: has(-27),
                });
                length
            }
            3 => {
                let area = Rect::new(number(1), number(3), number(5), number(7));
                said.push(if tail[0] == 0 {
                    Said::Area(area)
                } else {
                    Said::Changes
                });
                9
            }
            150 => 9,
            _ => panic!("{kind}"),
        };
        rest = &tail[length..];
    }
    said
}

/// So many moments pass; what is said in them.
fn pass(viewer: &mut Viewer, moments: usize) -> Vec<Said> {
    let mut all = Vec::new();
    for _ in 0..moments {
        viewer.client.refine();
        all.extend(said(viewer));
    }
    all
}

#[test]
fn what_is_lossy_and_still_is_asked_for_without_a_quality() {
    let place = Rect::new(70, 10, 20, 20);
    let mut viewer = shown_lossy(&[place]);
    assert!(viewer.client.wants_refinement());
    assert_eq!(pass(&mut viewer, STILL - 1), []);
    let area = Rect::new(64, 0, 64, 64);
    assert_eq!(pass(&mut viewer, 1), [LOSSLESS, Said::Area(area)]);
    // One at a time, and no clock runs until it has come.
    assert!(!viewer.client.wants_refinement());
    assert_eq!(pass(&mut viewer, 10), []);
    // In two parts, as a server may send it.
    viewer.feed(&exact(&[Rect::new(64, 0, 64, 15)]));
    assert_eq!(said(&mut viewer), [Said::Changes]);
    viewer.feed(&exact(&[Rect::new(64, 15, 64, 49)]));
    assert_eq!(said(&mut viewer), [LOSSY, Said::Changes]);
    assert_eq!(viewer.picture.pixels[10 * 320 + 70], 0x010203);
    assert!(!viewer.client.wants_refinement());
    assert_eq!(pass(&mut viewer, 10), []);
}

#[test]
fn what_is_exact_is_not_asked_for() {
    let mut viewer = viewer();
    assert!(!viewer.client.wants_refinement());
    viewer.feed(&exact(&[WHOLE]));
    said(&mut viewer);
    assert!(!viewer.client.wants_refinement());
    assert_eq!(pass(&mut viewer, 10), []);
    // Neither is what was lossy and came exact by itself.
    viewer.feed(&jpegs(&[Rect::new(5, 5, 100, 100)]));
    viewer.feed(&exact(&[
        Rect::new(5, 5, 50, 100),
        Rect::new(55, 5, 50, 100),
    ]));
    said(&mut viewer);
    assert!(!viewer.client.wants_refinement());
    assert_eq!(pass(&mut viewer, 10), []);
}

#[test]
fn what_moves_is_not_asked_for() {
    let mut viewer = shown_lossy(&[WHOLE]);
    for _ in 0..10 {
        assert_eq!(pass(&mut viewer, STILL - 1), []);
        viewer.feed(&jpegs(&[WHOLE]));
        assert_eq!(said(&mut viewer), [Said::Changes]);
    }
    assert!(viewer.client.wants_refinement());
}

#[test]
fn pieces_follow_each_other() {
    let (width, height) = (1920, 1080);
    let mut viewer = Viewer::connected(config(), width, height);
    let bands: Vec<Rect> = (0..9)
        .map(|band| Rect::new(0, band * 120, width, 120))
        .collect();
    viewer.feed(&jpegs(&bands));
    let mut area = 0;
    let mut all = said(&mut viewer);
    all.extend(pass(&mut viewer, STILL));
    while let Some(Said::Area(piece)) = all.iter().find(|it| matches!(it, Said::Area(_))) {
        assert!(piece.area() <= 512 * 512, "{piece:?}");
        area += piece.area();
        viewer.feed(&exact(&[*piece]));
        all = said(&mut viewer);
        let pieces = all.iter().filter(|it| matches!(it, Said::Area(_)));
        assert!(pieces.count() <= 1, "{all:?}");
    }
    assert_eq!(area, usize::from(width) * usize::from(height));
    assert_eq!(all, [LOSSY, Said::Changes]);
    assert!(!viewer.client.wants_refinement());
}

#[test]
fn a_server_that_sends_jpeg_whatever_it_is_asked_is_given_up() {
    let (mut viewer, asked) = asking(&[WHOLE]);
    assert_eq!(asked, [LOSSLESS, Said::Area(WHOLE)]);
    for _ in 1..3 {
        viewer.feed(&jpegs(&[WHOLE]));
        assert_eq!(said(&mut viewer), [LOSSY, Said::Changes]);
        let expected = [WITHOUT_TIGHT, Said::Area(WHOLE)];
        assert_eq!(pass(&mut viewer, STILL), expected);
    }
    viewer.feed(&jpegs(&[WHOLE]));
    assert_eq!(said(&mut viewer), [LOSSY, Said::Changes]);
    assert!(!viewer.client.wants_refinement());
    assert_eq!(pass(&mut viewer, 100), []);
}

#[test]
fn jpeg_that_nobody_asked_for_is_asked_for_without_tight() {
    let config = ClientConfig {
        quality_level: None,
        ..config()
    };
    let mut viewer = Viewer::connected(config, WIDTH, HEIGHT);
    viewer.feed(&jpegs(&[WHOLE]));
    said(&mut viewer);
    let expected = [WITHOUT_TIGHT, Said::Area(WHOLE)];
    assert_eq!(pass(&mut viewer, STILL), expected);
}

#[test]
fn what_does_not_come_is_not_waited_for_long() {
    let place = Rect::new(0, 0, 64, 64);
    let (mut viewer, _) = asking(&[place]);
    for _ in 0..7 {
        viewer.feed(&exact(&[Rect::new(100, 100, 9, 9)]));
        assert_eq!(said(&mut viewer), [Said::Changes]);
    }
    viewer.feed(&exact(&[Rect::new(100, 100, 9, 9)]));
    assert_eq!(said(&mut viewer), [LOSSY, Said::Changes]);
    assert!(viewer.client.wants_refinement());
    assert_eq!(pass(&mut viewer, 1), [LOSSLESS, Said::Area(place)]);
}

#[test]
fn what_is_new_goes_before_what_is_lossy() {
    let bands = [0, 640].map(|y| Rect::new(0, y, 640, 400));
    let mut viewer = Viewer::connected(config(), 640, 1280);
    viewer.feed(&jpegs(&bands));
    said(&mut viewer);
    let asked = pass(&mut viewer, STILL);
    let [LOSSLESS, Said::Area(piece)] = asked[..] else {
        panic!("{asked:?}");
    };
    // The piece comes with much that is new: no other is asked for at once, but in a while.
    let new = Rect::new(0, 640, 640, 400);
    let fill = |rect| rectangle(rect, 7, &[0x80, 1, 2, 3]);
    let photograph = jpeg::tight(&jpeg::grey(new.width, new.height));
    viewer.feed(&update(&[fill(piece), rectangle(new, 7, &photograph)]));
    assert_eq!(said(&mut viewer), [LOSSY, Said::Changes]);
    let mut moments = 0;
    while pass(&mut viewer, 1).is_empty() {
        viewer.feed(&jpegs(&[new]));
        said(&mut viewer);
        moments += 1;
        assert!(moments < 10, "it has to wait, but not for ever");
    }
    assert_eq!(moments, 5);
}

#[test]
fn what_is_lossy_stays_so_when_it_is_copied() {
    let source = Rect::new(0, 0, 64, 64);
    let mut viewer = shown_lossy(&[source]);
    let copy = rectangle(Rect::new(128, 64, 64, 64), 1, &[0, 0, 0, 0]);
    viewer.feed(&update(&[copy]));
    viewer.feed(&exact(&[source]));
    said(&mut viewer);
    let area = Rect::new(128, 64, 64, 64);
    assert_eq!(pass(&mut viewer, STILL), [LOSSLESS, Said::Area(area)]);
    // And what is exact makes it so again.
    let copy = rectangle(Rect::new(128, 64, 64, 64), 1, &[0, 0, 0, 0]);
    viewer.feed(&update(&[copy]));
    said(&mut viewer);
    assert!(!viewer.client.wants_refinement());
}

#[test]
fn another_size_starts_anew() {
    let (mut viewer, _) = asking(&[WHOLE]);
    viewer.feed(&update(&[rectangle(Rect::new(0, 0, 64, 64), -223, &[])]));
    let everything = Said::Area(Rect::new(0, 0, 64, 64));
    assert_eq!(said(&mut viewer), [LOSSY, everything]);
    assert!(!viewer.client.wants_refinement());
}

#[test]
fn nothing_is_asked_for_in_a_pause() {
    let mut viewer = shown_lossy(&[WHOLE]);
    viewer.client.set_updates_paused(true);
    assert!(!viewer.client.wants_refinement());
    assert_eq!(pass(&mut viewer, STILL), []);
    viewer.client.set_updates_paused(false);
    assert_eq!(said(&mut viewer), [LOSSLESS, Said::Area(WHOLE)]);
}

#[test]
fn a_server_that_sends_updates_continuously_is_asked_as_well() {
    let mut viewer = viewer();
    viewer.feed(&[150]);
    viewer.feed(&jpegs(&[WHOLE]));
    said(&mut viewer);
    let expected = [LOSSLESS, Said::Area(WHOLE)];
    assert_eq!(pass(&mut viewer, STILL), expected);
    // What was on its way does not end the wait.
    viewer.feed(&exact(&[Rect::new(0, 0, 9, 9)]));
    assert_eq!(said(&mut viewer), [Said::Changes]);
    viewer.feed(&exact(&[WHOLE]));
    assert_eq!(said(&mut viewer), [LOSSY, Said::Changes]);
}
