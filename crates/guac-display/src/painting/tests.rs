use super::*;
use crate::area::{Area, area};
use proptest::prelude::*;

const SIDE: u16 = 192;

/// A page of few colours on the left, a photograph on the right, and between them more colours than a palette holds.
fn picture() -> Picture {
    let mut picture = Picture::default();
    picture.resize(SIDE, SIDE);
    for (number, pixel) in (0_u32..).zip(picture.pixels_mut()) {
        let (x, y) = (number % u32::from(SIDE), number / u32::from(SIDE));
        *pixel = match x {
            0..64 => (x / 3 * y / 5 % 7) * 0x11_1111,
            64..128 => (y * 64 + x) / 2 * 0x101,
            _ => (x * 2 + y) % 256 * 0x1_0000 + (x + y * 3) % 256 * 0x100 + x * y / 64 % 256,
        };
    }
    picture
}

fn stamp() -> Arc<Stamp> {
    let pixels = (0..64).map(|pixel| pixel * 0x0301_0703).collect();
    Arc::new(Stamp::at(100, 40, 8, 8, pixels).unwrap())
}

fn original(pieces: Vec<Piece>, stamp: Option<Arc<Stamp>>, webp: bool) -> Original {
    Original {
        picture: picture(),
        stamp,
        pieces,
        quality: Quality::new(60),
        webp,
    }
}

fn piece() -> impl Strategy<Value = Piece> {
    let paint = prop_oneof![
        1 => Just(Paint::Fill(7)),
        3 => Just(Paint::Exact),
        3 => Just(Paint::Lossy),
    ];
    let place = || 0..SIDE - 1;
    (place(), place(), 1..160_u16, 1..160_u16, paint).prop_map(|(x, y, width, height, paint)| {
        let (right, bottom) = (SIDE.min(x + width), SIDE.min(y + height));
        let area = area(x, y, right, bottom);
        Piece { area, paint }
    })
}

/// What there is of each piece, whichever batch has it.
fn images(pieces: usize, batches: &[Batch]) -> Vec<Option<(Format, Vec<u8>)>> {
    let mut images = vec![None; pieces];
    for batch in batches {
        for image in &batch.images {
            let bytes = batch.bytes[image.bytes.clone()].to_vec();
            let before = images[image.piece].replace((image.format, bytes));
            assert!(before.is_none(), "piece {} was made twice", image.piece);
        }
    }
    images
}

fn sequential(original: &Original) -> Vec<Option<(Format, Vec<u8>)>> {
    let mut batch = Batch::default();
    Painter::default().paint(original, &mut batch);
    images(original.pieces.len(), &[batch])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn an_image_does_not_depend_on_who_makes_it(
        plan in proptest::collection::vec((piece(), 0..3_usize), 1..40),
        stamped: bool,
        webp: bool,
    ) {
        let (pieces, whose): (Vec<Piece>, Vec<usize>) = plan.into_iter().unzip();
        let original = original(pieces, stamped.then(stamp), webp);
        let mut painters: [(Painter, Batch); 3] = Default::default();
        for (number, whose) in whose.into_iter().enumerate() {
            let (painter, batch) = &mut painters[whose];
            painter.piece(&original, number, batch);
        }
        let batches = painters.map(|(_, batch)| batch);
        prop_assert!(images(original.pieces.len(), &batches) == sequential(&original));
    }

    #[test]
    fn a_pool_of_any_size_gives_what_none_gives(
        plans in proptest::collection::vec(proptest::collection::vec(piece(), 0..24), 1..6),
        stamped: bool,
        webp: bool,
    ) {
        let pools = [1, 2, 4].map(EncodePool::new);
        let mut batches: [Vec<Batch>; 3] = Default::default();
        let mut painter = Painter::default();
        for pieces in plans {
            let mut original = original(pieces, stamped.then(stamp), webp);
            let expected = sequential(&original);
            for (pool, batches) in pools.iter().zip(&mut batches) {
                let before = original.picture.pixels().to_vec();
                original = painter.paint_with((pool, pool.most()), original, batches);
                prop_assert!(original.picture.pixels() == before);
                prop_assert!(batches.len() <= 1 + pool.most());
                prop_assert!(images(original.pieces.len(), batches) == expected);
            }
        }
    }
}

/// So many pieces of every kind but WebP, whose encoder takes memory of its own.
fn mosaic(count: u16) -> Vec<Piece> {
    let piece = |number: u16| {
        let (x, y) = (number % 12 * 16, number / 12 % 12 * 16);
        let area = area(x, y, x + 16, y + 16);
        let paint = match number % 3 {
            0 => Paint::Lossy,
            _ => Paint::Exact,
        };
        Piece { area, paint }
    };
    (0..count).map(piece).collect()
}

#[test]
fn no_piece_costs_an_allocation() {
    let pool = EncodePool::new(0);
    let mut painter = Painter::default();
    let mut batches = Vec::new();
    let mut allocations = |count| {
        let mut original = Some(original(mosaic(count), Some(stamp()), false));
        let measured = allocation_counter::measure(|| {
            original = original
                .take()
                .map(|original| painter.paint_with((&pool, 0), original, &mut batches));
        });
        measured.count_total
    };
    // The first frame makes the room that the others use.
    allocations(144);
    let few = allocations(1);
    assert_eq!(allocations(144), few);
    assert!(few <= 4, "a frame costs {few}");
}

#[test]
fn a_helpers_panic_is_the_sessions() {
    let whole = Piece {
        area: area(0, 0, SIDE, SIDE),
        paint: Paint::Exact,
    };
    let broken = original(vec![whole], Some(Arc::new(Stamp::broken())), false);
    let (job, ended) = Job::new(broken, Vec::new());
    let mut helper = Painter::default();
    Arc::clone(&job).help(&mut helper);
    let session = catch_unwind(AssertUnwindSafe(|| job.end(&ended)));
    let message = session.unwrap_err();
    assert!(message.downcast_ref::<&str>().is_some() || message.downcast_ref::<String>().is_some());
    // The helper is as good as new.
    let good = original(vec![whole], Some(stamp()), false);
    let expected = sequential(&good);
    let (job, ended) = Job::new(good, Vec::new());
    Arc::clone(&job).help(&mut helper);
    let (_, batches) = job.end(&ended);
    assert!(images(1, &batches) == expected);
}

#[test]
fn the_last_one_to_leave_hands_the_picture_back() {
    let (job, ended) = Job::new(original(Vec::<Piece>::new(), None, false), Vec::new());
    let helper = Arc::clone(&job);
    let helping = std::thread::spawn(move || {
        // The session has to be waiting by then, or nearly.
        while 1 < Arc::strong_count(&helper) {
            std::thread::yield_now();
        }
        helper.help(&mut Painter::default());
    });
    let (original, _) = job.end(&ended);
    assert_eq!(original.picture.size(), (SIDE, SIDE));
    helping.join().unwrap();
}

#[test]
fn what_lies_outside_the_picture_is_left_out() {
    let outside = Piece {
        area: Area {
            left: SIDE,
            top: 0,
            right: SIDE + 1,
            bottom: 1,
        },
        paint: Paint::Exact,
    };
    assert_eq!(sequential(&original(vec![outside], None, false)), [None]);
}
