//! What has moved is found, and nothing else is.

use super::*;
use crate::compare::differences;
use crate::limits::COPY_HINTS;
use proptest::prelude::*;

const WIDTH: u16 = 700;
const HEIGHT: u16 = 500;

fn picture(pixel: impl Fn(u16, u16) -> u32) -> Picture {
    let mut picture = Picture::default();
    picture.resize(WIDTH, HEIGHT);
    for y in 0..HEIGHT {
        for (x, at) in (0..).zip(picture.row_mut(y, 0, WIDTH)) {
            *at = pixel(x, y);
        }
    }
    picture
}

/// Something like a page of text: short runs of ink on paper, lines with gaps between them.
fn text(x: u16, y: u16) -> u32 {
    if y % 16 < 11 && x % 350 < 300 {
        // Each step spreads what went before, so that no two places look alike by construction.
        let mixed = (u32::from(x / 2) << 16 | u32::from(y)).wrapping_mul(0x9E37_79B1);
        let mixed = (mixed ^ mixed >> 15).wrapping_mul(0x85EB_CA6B);
        let ink = (mixed ^ mixed >> 13).wrapping_mul(0xC2B2_AE35) >> 28;
        [0xFF_FFFF, 0x20_2020][usize::from(ink < 5)]
    } else {
        0xFF_FFFF
    }
}

/// The moves that were found, and how many pixels they leave to be drawn.
fn search(shown: &Picture, desktop: &Picture) -> (Vec<CopyHint>, u32) {
    let mut changed = Region::new(WIDTH, HEIGHT);
    let all = Region::full(WIDTH, HEIGHT);
    differences(desktop, shown, &all, &mut changed);
    let moves = MoveSearch::default().find(Change {
        desktop,
        shown,
        region: &changed,
    });
    let mut moved = Picture::default();
    moved.assign(shown);
    for copy in &moves {
        moved.move_area(copy.source, copy.x, copy.y);
    }
    let mut left = Region::new(WIDTH, HEIGHT);
    differences(desktop, &moved, &all, &mut left);
    (moves, left.pixels())
}

#[test]
fn a_scrolled_page_is_one_move() {
    let shown = picture(text);
    for by in [1, 7, 57, 120, 300] {
        let up = picture(|x, y| text(x, y + by));
        let (moves, left) = search(&shown, &up);
        assert_eq!(moves.len(), 1, "{by}: {moves:?}");
        assert!(
            left <= u32::from(WIDTH) * u32::from(by + 64),
            "{by}: {left}"
        );
        // And back down.
        let (moves, left) = search(&up, &shown);
        assert_eq!(moves.len(), 1, "{by}: {moves:?}");
        assert!(
            left <= u32::from(WIDTH) * u32::from(by + 64),
            "{by}: {left}"
        );
    }
}

#[test]
fn a_page_that_moves_sideways_is_found() {
    let shown = picture(text);
    let (moves, left) = search(&shown, &picture(|x, y| text(x + 33, y)));
    assert!(!moves.is_empty());
    assert!(left <= u32::from(HEIGHT) * (33 + 64), "{left}");
}

#[test]
fn a_pane_scrolls_beside_what_stands_still() {
    let within = |x: u16, y: u16| (130..571).contains(&x) && (45..433).contains(&y);
    let frame = |x: u16, y: u16| text(x, y) ^ 0x55;
    let pane = |by: u16| {
        picture(move |x, y| {
            if within(x, y) {
                text(x, y + by)
            } else {
                frame(x, y)
            }
        })
    };
    let (moves, left) = search(&pane(0), &pane(40));
    assert_eq!(moves.len(), 1, "{moves:?}");
    assert!(left <= 441 * (40 + 64), "{left}");
}

#[test]
fn a_dragged_window_is_found_in_any_direction() {
    let window = |at_x: u16, at_y: u16| {
        picture(move |x, y| {
            let inside = (at_x..at_x + 300).contains(&x) && (at_y..at_y + 200).contains(&y);
            if inside {
                text(x - at_x, y - at_y) ^ 0x80
            } else {
                0x30_4050
            }
        })
    };
    let shown = window(150, 120);
    for (x, y) in [(157, 131), (140, 120), (150, 100), (90, 180), (200, 60)] {
        let (moves, left) = search(&shown, &window(x, y));
        assert!((1..=2).contains(&moves.len()), "{x} {y}: {moves:?}");
        // What it uncovers is of one colour and cheap; of the window itself little is left.
        let uncovered =
            300 * 200 - u32::from(300 - x.abs_diff(150)) * u32::from(200 - y.abs_diff(120));
        assert!(
            left < uncovered + 40_000,
            "{x} {y}: {left}, uncovered {uncovered}"
        );
    }
}

#[test]
fn new_content_is_not_taken_for_a_move() {
    let shown = picture(text);
    let other = picture(|x, y| text(y, x) ^ 0x33_0000);
    assert_eq!(search(&shown, &other).0, []);
    let flat = picture(|_, _| 0x12_3456);
    assert_eq!(search(&shown, &flat).0, []);
    assert_eq!(search(&flat, &shown).0, []);
}

#[test]
fn moves_read_before_others_write() {
    let copy = |left: u16, top: u16, x: u16, y: u16| CopyHint {
        source: Area {
            left,
            top,
            right: left + 10,
            bottom: top + 10,
        },
        x,
        y,
    };
    // The first writes where the second reads.
    let chain = vec![copy(0, 0, 10, 0), copy(10, 0, 20, 0)];
    let ordered = in_order(chain.clone());
    assert_eq!(ordered, [chain[1], chain[0]]);
    // Each writes where the other reads.
    let circle = vec![copy(0, 0, 10, 0), copy(10, 0, 0, 0)];
    assert_eq!(in_order(circle).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever is found, the pictures and the moves fit, and moving never makes more to draw.
    #[test]
    fn moves_stay_inside_and_help(
        windows in proptest::collection::vec(
            (0..WIDTH - 1, 0..HEIGHT - 1, 1..400_u16, 1..400_u16, -60..60_i32, -60..60_i32, 0..4_u32),
            1..5,
        ),
    ) {
        let draw = |moved: bool| {
            picture(|x, y| {
                for (left, top, width, height, dx, dy, ink) in windows.iter().rev() {
                    let (dx, dy) = if moved { (*dx, *dy) } else { (0, 0) };
                    let (x, y) = (i32::from(x) - dx, i32::from(y) - dy);
                    let (x, y) = (x - i32::from(*left), y - i32::from(*top));
                    if let (Ok(x), Ok(y)) = (u16::try_from(x), u16::try_from(y))
                        && x < *width
                        && y < *height
                    {
                        return text(x, y) ^ (ink << 20);
                    }
                }
                text(x, y)
            })
        };
        let (shown, desktop) = (draw(false), draw(true));
        let mut before = Region::new(WIDTH, HEIGHT);
        differences(&desktop, &shown, &Region::full(WIDTH, HEIGHT), &mut before);
        let (moves, left) = search(&shown, &desktop);
        prop_assert!(moves.len() <= COPY_HINTS);
        for copy in &moves {
            prop_assert!(copy.source.right <= WIDTH && copy.source.bottom <= HEIGHT);
            let target = copy.target();
            prop_assert!(target.right <= WIDTH && target.bottom <= HEIGHT);
            prop_assert_eq!(target.pixels(), copy.source.pixels());
        }
        prop_assert!(left <= before.pixels());
    }
}
