use proptest::prelude::*;

use super::*;

const WIDTH: u16 = 200;
const HEIGHT: u16 = 150;

/// The same as [`Losses`], pixel by pixel: true is lossy.
struct Model(Vec<bool>);

impl Model {
    fn pixels(rect: Rect) -> impl Iterator<Item = (u16, u16)> {
        let columns = rect.x..rect.x + rect.width;
        (rect.y..rect.y + rect.height).flat_map(move |y| columns.clone().map(move |x| (x, y)))
    }

    fn at(&mut self, x: u16, y: u16) -> &mut bool {
        &mut self.0[usize::from(y) * usize::from(WIDTH) + usize::from(x)]
    }

    fn drawn(&mut self, rect: Rect, lossy: bool) {
        Self::pixels(rect).for_each(|(x, y)| *self.at(x, y) = lossy);
    }

    fn copied(&mut self, source: Rect, to_x: u16, to_y: u16) {
        let before: Vec<bool> = Self::pixels(source).map(|(x, y)| *self.at(x, y)).collect();
        let target = Rect {
            x: to_x,
            y: to_y,
            ..source
        };
        for ((x, y), lossy) in Self::pixels(target).zip(before) {
            *self.at(x, y) = lossy;
        }
    }
}

fn is_exact_at(losses: &Losses, x: u16, y: u16) -> bool {
    let [tile, _] = losses.sides(losses.index(x / SIDE, y / SIDE));
    tile.row(usize::from(y % SIDE)) >> (x % SIDE) & 1 == 1
}

fn lossy_pixels(losses: &Losses) -> Vec<bool> {
    if losses.tiles.is_empty() {
        return vec![false; usize::from(WIDTH) * usize::from(HEIGHT)];
    }
    let whole = Rect::new(0, 0, WIDTH, HEIGHT);
    let lossy = |(x, y): (u16, u16)| !is_exact_at(losses, x, y);
    Model::pixels(whole).map(lossy).collect()
}

fn rects() -> impl Strategy<Value = Rect> {
    // Edges of tiles are where things go wrong.
    let edge = |length: u16| prop_oneof![0..=length, (0..=length / 64).prop_map(|tile| tile * 64)];
    (edge(WIDTH), edge(WIDTH), edge(HEIGHT), edge(HEIGHT))
        .prop_map(|(a, b, c, d)| Rect::new(a.min(b), c.min(d), a.abs_diff(b), c.abs_diff(d)))
}

#[derive(Debug, Clone)]
enum Step {
    Draw(Rect, bool),
    Copy(Rect, u16, u16),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let draw = (rects(), any::<bool>()).prop_map(|(rect, lossy)| Step::Draw(rect, lossy));
    let copy = (rects(), any::<u16>(), any::<u16>()).prop_map(|(source, x, y)| {
        let place = |at: u16, length: u16, limit: u16| at % (limit - length + 1);
        Step::Copy(
            source,
            place(x, source.width, WIDTH),
            place(y, source.height, HEIGHT),
        )
    });
    proptest::collection::vec(prop_oneof![2 => draw, 1 => copy], 1..30)
}

proptest! {
    /// Whatever is drawn and copied, each pixel is known to be lossy or not.
    #[test]
    fn every_pixel_is_known(steps in steps()) {
        let mut losses = Losses::new(WIDTH, HEIGHT);
        let mut model = Model(lossy_pixels(&losses));
        for step in steps {
            match step {
                Step::Draw(rect, lossy) => {
                    losses.drawn(rect, lossy);
                    model.drawn(rect, lossy);
                }
                Step::Copy(source, x, y) => {
                    losses.copied(source, x, y);
                    model.copied(source, x, y);
                }
            }
            prop_assert!(lossy_pixels(&losses) == model.0);
            prop_assert_eq!(losses.is_exact(), !model.0.contains(&true));
            prop_assert!(losses.common.masks() <= losses.common.lossy);
        }
    }
}

/// So many moments pass.
fn pass(losses: &mut Losses, moments: usize) {
    (0..moments).for_each(|_| losses.moment_passed());
}

#[test]
fn a_piece_is_whole_tiles_that_have_been_still_within_the_picture() {
    let mut losses = Losses::new(WIDTH, HEIGHT);
    assert!(!losses.are_wanted());
    losses.drawn(Rect::new(70, 70, 120, 10), true);
    pass(&mut losses, 2);
    assert!(losses.are_wanted() && losses.are_moving());
    assert_eq!(losses.piece(), None);
    pass(&mut losses, 1);
    assert!(losses.are_wanted() && !losses.are_moving());
    assert_eq!(losses.piece(), Some(Rect::new(64, 64, 128, 64)));
    // What is drawn again moves, and is no part of it.
    losses.drawn(Rect::new(70, 70, 1, 1), true);
    assert!(losses.are_moving());
    assert_eq!(losses.piece(), Some(Rect::new(128, 64, 64, 64)));
    // What is drawn without a loss does not make it any younger.
    losses.drawn(Rect::new(150, 70, 9, 9), false);
    assert_eq!(losses.piece(), Some(Rect::new(128, 64, 64, 64)));
    losses.drawn(Rect::new(0, 0, WIDTH, HEIGHT), true);
    pass(&mut losses, 3);
    assert_eq!(losses.piece(), Some(Rect::new(0, 0, WIDTH, HEIGHT)));
}

#[test]
fn pieces_of_a_large_picture_are_small_and_leave_nothing_out() {
    let whole = Rect::new(0, 0, 1920, 1080);
    let mut losses = Losses::new(1920, 1080);
    losses.drawn(whole, true);
    pass(&mut losses, 3);
    let mut area = 0;
    while let Some(piece) = losses.piece() {
        assert!(
            piece.area() <= 512 * 512 && piece.fits(1920, 1080),
            "{piece:?}"
        );
        area += piece.area();
        losses.drawn(piece, false);
    }
    assert_eq!(area, whole.area());
    assert!(losses.is_exact());
}

#[test]
fn what_is_asked_for_in_vain_is_left_lossy() {
    let mut losses = Losses::new(WIDTH, HEIGHT);
    let place = Rect::new(0, 0, 10, 10);
    for _ in 0..MAX_LOSSLESS_ATTEMPTS {
        losses.drawn(place, true);
        pass(&mut losses, 3);
        let piece = losses.piece().unwrap();
        losses.asked(piece);
    }
    losses.drawn(place, true);
    pass(&mut losses, 9);
    assert!(!losses.are_wanted() && !losses.is_exact());
    assert_eq!(losses.piece(), None);
    // What was exact once is asked for again.
    losses.drawn(Rect::new(0, 0, 64, 64), false);
    losses.drawn(place, true);
    pass(&mut losses, 3);
    assert!(losses.piece().is_some());
}

#[test]
fn without_a_mask_a_tile_is_lossy_wholly() {
    let mut losses = Losses::new(64 * 600, 64);
    for tile in 0..600 {
        losses.drawn(Rect::new(tile * 64, 0, 1, 1), true);
    }
    assert_eq!(losses.common.masks(), MAX_LOSSY_MASKS);
    assert!(losses.held_bytes() < 150 * 1024);
    let is_lossy = |losses: &Losses, tile: u16| !is_exact_at(losses, tile * 64 + 63, 63);
    assert!(!is_lossy(&losses, 0) && is_lossy(&losses, 599));
    losses.drawn(Rect::new(0, 0, 64, 64), false);
    losses.drawn(Rect::new(599 * 64, 0, 64, 63), false);
    assert!(is_lossy(&losses, 599));
    losses.drawn(Rect::new(0, 0, 64 * 600, 64), false);
    assert!(losses.is_exact());
    assert_eq!(losses.common.masks(), 0);
}
