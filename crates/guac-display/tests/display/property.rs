//! Whatever is drawn, and whoever comes, goes, and answers late: in the end each viewer's picture,
//! composed from its own deliveries alone, is the server's.

use crate::support::canvas::Layer;
use crate::support::session::{Mark, Session, film};
use guac_display::{CursorImage, Rect, ViewerId};
use proptest::prelude::*;
use std::time::Duration;

#[derive(Debug, Clone)]
enum Event {
    Fill(Rect, u32),
    Noise(Rect, u32, u32),
    /// A photograph in motion: some pictures, one soon after another, that everybody answers.
    Film(Rect, u8),
    Copy(Rect, u16, u16),
    /// A copy with an update of its own, as a scroll is.
    Scroll(Rect, u16, u16),
    /// Damage where nothing was drawn.
    Claim(Rect),
    Resize(u16, u16),
    Finish,
    Cursor(u16, u16, u32),
    HideCursor,
    Pointer(u64, u16),
    /// Who joins, whether it can show JPEG and WebP, and what lies over its picture.
    Join(u64, bool, bool, Mark),
    Leave(u64),
    Answer(u64),
    Pass(u64),
}

fn rect() -> impl Strategy<Value = Rect> {
    let side = || prop_oneof![0..40_u16, 0..400_u16, Just(u16::MAX)];
    (0..300_u16, 0..300_u16, side(), side()).prop_map(|(x, y, width, height)| Rect {
        x,
        y,
        width,
        height,
    })
}

fn copy() -> impl Strategy<Value = (Rect, u16, u16)> {
    let place = || 0..100_u16;
    let side = || 1..100_u16;
    (place(), place(), side(), side(), place(), place()).prop_map(
        |(x, y, width, height, to_x, to_y)| {
            let source = Rect {
                x,
                y,
                width,
                height,
            };
            (source, to_x, to_y)
        },
    )
}

fn mark() -> impl Strategy<Value = Mark> {
    prop_oneof![Just(Mark::None), Just(Mark::Corner), Just(Mark::Everywhere)]
}

fn event() -> impl Strategy<Value = Event> {
    let colour = || 0..=0xFF_FFFF_u32;
    let id = || 1..5_u64;
    prop_oneof![
        4 => (rect(), colour()).prop_map(|(r, c)| Event::Fill(r, c)),
        4 => (rect(), any::<u32>(), prop_oneof![2..20_u32, Just(0xFF_FFFF)])
            .prop_map(|(r, s, c)| Event::Noise(r, s, c)),
        2 => (rect(), 1..6_u8).prop_map(|(r, pictures)| Event::Film(r, pictures)),
        2 => copy().prop_map(|(source, x, y)| Event::Copy(source, x, y)),
        4 => copy().prop_map(|(source, x, y)| Event::Scroll(source, x, y)),
        2 => rect().prop_map(Event::Claim),
        1 => (1..300_u16, 1..300_u16).prop_map(|(w, h)| Event::Resize(w, h)),
        8 => Just(Event::Finish),
        1 => (1..20_u16, 1..20_u16, any::<u32>()).prop_map(|(w, h, p)| Event::Cursor(w, h, p)),
        1 => Just(Event::HideCursor),
        2 => (id(), 0..300_u16).prop_map(|(id, x)| Event::Pointer(id, x)),
        2 => (id(), any::<bool>(), any::<bool>(), mark())
            .prop_map(|(id, jpeg, webp, mark)| Event::Join(id, jpeg, webp, mark)),
        1 => id().prop_map(Event::Leave),
        8 => id().prop_map(Event::Answer),
        6 => (0..40_u64).prop_map(Event::Pass),
    ]
}

fn happen(session: &mut Session, event: &Event) {
    match *event {
        Event::Fill(rect, colour) => session.draw(rect, |_, _| colour),
        Event::Noise(rect, seed, colours) => session.draw(rect, |x, y| {
            let cell = (y * 8192 + x) as u32 ^ seed;
            (cell.wrapping_mul(0x9E37_79B1) >> 8) % colours
        }),
        Event::Film(rect, pictures) => {
            for picture in 0..usize::from(pictures) {
                session.draw(rect, |x, y| film(picture, x, y));
                session.finish();
                session.answer_all();
                session.advance(Duration::from_millis(33));
            }
        }
        Event::Copy(source, x, y) => session.copy(source, x, y),
        Event::Scroll(source, x, y) => {
            session.copy(source, x, y);
            session.finish();
        }
        Event::Claim(rect) => session.display.desktop().damage(rect),
        Event::Resize(width, height) => session.display.desktop().resize(width, height).unwrap(),
        Event::Finish => session.finish(),
        Event::Cursor(width, height, pixel) => {
            let pixels = (0..u32::from(width) * u32::from(height)).map(|i| pixel ^ i);
            let cursor = CursorImage::new(1, 2, width, height, pixels.collect()).unwrap();
            session.display.set_cursor(Some(cursor));
        }
        Event::HideCursor => session.display.set_cursor(None),
        Event::Pointer(by, x) => session.display.pointer_moved(ViewerId(by), x, 7, 1),
        Event::Join(id, jpeg, webp, mark) => join(session, id, (jpeg, webp), mark),
        Event::Leave(id) => session.leave(id),
        Event::Answer(id) => session.answer(id),
        Event::Pass(milliseconds) => session.advance(Duration::from_millis(milliseconds)),
    }
    session.deliver();
}

fn join(session: &mut Session, id: u64, (jpeg, webp): (bool, bool), mark: Mark) {
    (session.jpeg, session.webp, session.mark) = (jpeg, webp, mark);
    session.join(id);
}

/// All viewers but the silent ones show what the server does.
fn check(session: &mut Session, silent: &[u64]) {
    let desktop = session.desktop();
    assert!(session.display.next_timeout().is_none());
    let mut cursors: Vec<Option<(i32, i32, Layer)>> = vec![session.recorder.cursor.clone()];
    assert_eq!(session.recorder.desktop().pixels, desktop, "recorded");
    session.recorder.assert_agreement();
    let ids: Vec<u64> = session.viewers.keys().copied().collect();
    for id in ids {
        let seen = session.seen(id);
        let viewer = &session.viewers[&id];
        if !silent.contains(&id) {
            assert!(viewer.canvas.desktop().pixels == seen, "viewer {id}");
            viewer.canvas.assert_agreement();
            cursors.push(viewer.canvas.cursor.clone());
        }
    }
    cursors.dedup();
    assert_eq!(cursors.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn every_viewer_ends_with_the_servers_picture(
        size in (1..300_u16, 1..300_u16),
        jpeg: bool,
        webp: bool,
        mark in mark(),
        events in proptest::collection::vec(event(), 1..120),
        silent in 1..5_u64,
    ) {
        let mut session = Session::new(size.0, size.1);
        session.silent = Some(silent);
        for event in &events {
            // One viewer never answers.
            if !matches!(event, Event::Answer(id) if *id == silent) {
                happen(&mut session, event);
            }
        }
        // One who surely answers, so that there is something to compare.
        join(&mut session, 9, (jpeg, webp), Mark::None);
        session.draw(Rect { x: 0, y: 0, width: 1, height: 1 }, |_, _| 0x12_3456);
        session.finish();
        session.settle(&[silent]);
        check(&mut session, &[silent]);

        // The silent one comes back to life; then somebody joins what stands still.
        session.settle(&[]);
        join(&mut session, 8, (webp, jpeg), mark);
        session.settle(&[]);
        check(&mut session, &[]);

        // Idle costs nothing.
        let frames = (session.canonical_frames, session.derived_frames);
        session.advance(Duration::from_secs(3600));
        session.deliver();
        prop_assert_eq!((session.canonical_frames, session.derived_frames), frames);
    }

    #[test]
    fn a_silent_viewer_changes_nothing_for_another(
        events in proptest::collection::vec(event(), 1..80),
    ) {
        let run = |with_silent: bool| {
            let mut session = Session::new(200, 200);
            session.silent = Some(1);
            session.join(9);
            if with_silent {
                session.join(1);
            }
            for event in &events {
                let event = match event {
                    Event::Join(..) | Event::Leave(_) | Event::Answer(_) => &Event::Answer(9),
                    event => event,
                };
                happen(&mut session, event);
            }
            session.settle(&[1]);
            session.viewers.remove(&9).unwrap().frames
        };
        prop_assert!(run(false) == run(true));
    }

    #[test]
    fn who_can_show_less_or_has_a_stamp_changes_nothing_for_another(
        events in proptest::collection::vec(event(), 1..80),
        formats in prop_oneof![Just((false, false)), Just((false, true)), Just((true, false))],
        mark in mark(),
    ) {
        let run = |formats, mark| {
            let mut session = Session::new(200, 200);
            join(&mut session, 9, (true, true), Mark::None);
            join(&mut session, 10, formats, mark);
            // Frames are made when somebody can take one: the guest, who never answers, soon is not.
            session.silent = Some(10);
            for colour in 0..4 {
                session.draw(Rect { x: 0, y: 0, width: 1, height: 1 }, |_, _| colour);
                session.finish();
                session.answer_all();
                session.advance(Duration::from_millis(17));
            }
            for event in &events {
                let event = match event {
                    Event::Join(..) | Event::Leave(_) => &Event::Finish,
                    event => event,
                };
                happen(&mut session, event);
                session.answer_all();
            }
            session.settle(&[10]);
            let own = session.viewers.remove(&9).unwrap().frames;
            [own, session.recorded].map(|frames| frames.into_iter().map(untimed).collect::<Vec<_>>())
        };
        prop_assert!(run((true, true), Mark::None) == run(formats, mark));
    }
}

/// A frame on the wire without the time in its `sync`.
fn untimed((_, mut wire): (Duration, Vec<u8>)) -> Vec<u8> {
    let sync = wire.windows(6).rposition(|bytes| bytes == b"4.sync");
    wire.truncate(sync.unwrap());
    wire
}
