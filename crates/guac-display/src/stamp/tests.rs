use super::*;
use crate::area::area;

fn copy(source: Area, x: u16, y: u16) -> CopyHint {
    CopyHint { source, x, y }
}

/// The moves that are kept under a stamp of 10x10 pixels at (100, 100), and what is drawn then.
fn under(copies: &[CopyHint]) -> (Vec<CopyHint>, Vec<Area>) {
    let stamp = Stamp::at(100, 100, 10, 10, vec![0; 100]).unwrap();
    let mut region = Region::new(640, 640);
    let kept = moves_under(&stamp, copies, (640, 640), &mut region);
    let tiles = region.rows().flatten().copied();
    (kept, tiles.filter(|tile| !tile.is_empty()).collect())
}

#[test]
fn odd_stamps_are_refused() {
    let side = STAMP_MAX_SIDE;
    let (width, height) = (side + 1, 1);
    let size = Err(StampError::Size { width, height });
    assert_eq!(Stamp::at(0, 0, width, height, Vec::new()), size);
    let empty = Stamp::everywhere(0, 1, Vec::new());
    assert!(matches!(empty, Err(StampError::Size { .. })));
    let short = Stamp::everywhere(2, 2, vec![0; 3]);
    assert!(matches!(short, Err(StampError::WrongLength { .. })));
    assert!(Stamp::everywhere(side, 1, vec![0; usize::from(side)]).is_ok());
}

#[test]
fn it_lies_where_it_was_put_and_nowhere_else() {
    let pixels = vec![0xFF00_00FF, 0x8000_0000, 0x0012_3456, 0xFFFF_FFFF];
    let mut picture = Picture::default();
    picture.resize(4, 3);
    picture.pixels_mut().fill(0x64_6464);
    let mut press = Press::default();
    let mut seen = |stamp: &Stamp, area: Area| {
        let view = press.view(&picture, Some(stamp), area).unwrap();
        view.rows().flatten().copied().collect::<Vec<u32>>()
    };
    let (grey, dark) = (0x64_6464, 0x32_3232);
    let once = Stamp::at(2, 1, 2, 2, pixels.clone()).unwrap();
    let expected = [grey, 0xFF, dark, grey, grey, 0xFF_FFFF];
    assert_eq!(seen(&once, area(1, 1, 4, 3)), expected);
    assert_eq!(seen(&once, area(0, 0, 2, 3)), [grey; 6]);
    let tiled = Stamp::everywhere(2, 2, pixels).unwrap();
    let expected = [0xFF_FFFF, grey, 0xFF_FFFF, dark, 0xFF, dark];
    assert_eq!(seen(&tiled, area(1, 1, 4, 3)), expected);
}

#[test]
fn a_move_beside_the_stamp_stays_as_it_is() {
    let beside = copy(area(200, 0, 300, 100), 300, 300);
    assert_eq!(under(&[beside]), (vec![beside], vec![]));
}

#[test]
fn what_a_move_brings_along_and_what_it_uncovers_is_drawn() {
    let scroll = copy(area(0, 50, 640, 640), 0, 0);
    let (kept, drawn) = under(&[scroll]);
    assert_eq!(kept, [scroll]);
    // The stamp's own place, and the one that it was carried to.
    let expected = [area(100, 50, 110, 60), area(100, 100, 110, 110)];
    assert_eq!(drawn, expected);
}

#[test]
fn what_is_wrong_after_one_move_is_wrong_where_the_next_takes_it() {
    let first = copy(area(90, 90, 290, 290), 290, 290);
    let second = copy(area(300, 300, 400, 400), 400, 100);
    let (kept, drawn) = under(&[first, second]);
    assert_eq!(kept, [first, second]);
    assert_eq!(drawn, [area(400, 100, 410, 110), area(300, 300, 310, 310)]);
}

#[test]
fn a_move_that_would_mostly_be_wrong_is_drawn() {
    let smaller = copy(area(98, 98, 111, 111), 256, 0);
    assert_eq!(under(&[smaller]), (vec![], vec![area(256, 0, 269, 13)]));
    let stamp = Stamp::everywhere(3, 3, vec![0; 9]).unwrap();
    let mut region = Region::new(640, 640);
    let scroll = copy(area(0, 50, 640, 640), 0, 0);
    assert!(moves_under(&stamp, &[scroll], (640, 640), &mut region).is_empty());
    assert_eq!(region.pixels(), 640 * 590);
}
