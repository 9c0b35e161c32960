//! What moves is about right, and exact once it rests.

use crate::support::canvas::Format;
use crate::support::session::{Session, WHOLE, film, photograph, rect};
use guac_display::limits::{REFINE_AFTER, REFINE_TILES};
use guac_display::{Rect, ViewerId};
use std::time::Duration;

const MIDDLE: Rect = Rect {
    x: 100,
    y: 60,
    width: 320,
    height: 240,
};

/// A session of one viewer that takes JPEG, and a film of so many pictures in a part of it.
fn with_film(area: Rect, pictures: usize) -> Session {
    let mut session = Session::new(640, 480);
    session.jpeg = true;
    session.join(1);
    session.draw(WHOLE, |x, y| ((x / 8 + y / 8) as u32 % 5) * 0x33_3333);
    session.finish();
    session.settle(&[]);
    session.advance(Duration::from_secs(1));
    for picture in 0..pictures {
        session.draw(area, |x, y| film(picture, x, y));
        session.finish();
        session.answer_all();
        session.advance(Duration::from_millis(33));
    }
    session
}

fn count(session: &Session, format: Format) -> usize {
    let images = &session.viewers[&1].canvas.images;
    images.get(&format).copied().unwrap_or_default()
}

#[test]
fn a_film_is_about_right_while_it_moves_and_exact_once_it_rests() {
    let mut session = with_film(MIDDLE, 10);
    assert!(0 < count(&session, Format::Jpeg));
    let frame_bytes = session.viewers[&1].frames.last().unwrap().1.len();
    assert!(frame_bytes < 320 * 240 / 4, "{frame_bytes}");
    let channel = |pixel: u32, at: usize| pixel.to_be_bytes()[at];
    let (shown, desktop) = (
        session.viewers[&1].canvas.desktop().pixels.clone(),
        session.desktop(),
    );
    let differences: Vec<u8> = shown
        .iter()
        .zip(&desktop)
        .flat_map(|(a, b)| [1, 2, 3].map(|at| channel(*a, at).abs_diff(channel(*b, at))))
        .collect();
    let most = differences.iter().max().unwrap();
    assert!((1..48).contains(most), "{most}");

    session.settle(&[]);
    assert!(session.viewers[&1].canvas.desktop().pixels == desktop);
    let frames = session.viewers[&1].frames.len();
    session.advance(Duration::from_secs(3600));
    assert_eq!(session.viewers[&1].frames.len(), frames);
}

#[test]
fn what_rests_is_made_exact_soon_and_in_small_pieces() {
    let mut session = with_film(MIDDLE, 10);
    let last = session.now;
    let before = session.viewers[&1].frames.len();
    session.settle(&[]);
    assert!(session.now - last < REFINE_AFTER + Duration::from_millis(200));
    let refined = &session.viewers[&1].frames[before..];
    assert!(!refined.is_empty());
    for (_, wire) in refined {
        assert!(
            wire.len() < usize::from(REFINE_TILES) * 64 * 64 * 4,
            "{}",
            wire.len()
        );
    }
}

#[test]
fn making_exact_does_not_wait_for_each_answer() {
    let mut session = with_film(rect(0, 0, 512, 384), 10);
    session.answer_all();
    session.advance(REFINE_AFTER + Duration::from_millis(200));
    let desktop = session.desktop();
    assert!(session.viewers[&1].canvas.desktop().pixels == desktop);
    assert!(1 < session.viewers[&1].unanswered.len());
}

#[test]
fn a_film_is_exact_where_lossless_is_asked_for_or_jpeg_unknown() {
    let mut lossless = Session::new(320, 240);
    lossless.display.force_lossless();
    lossless.jpeg = true;
    let mut unknown = Session::new(320, 240);
    for session in [&mut lossless, &mut unknown] {
        session.join(1);
        for picture in 0..10 {
            session.draw(WHOLE, |x, y| film(picture, x, y));
            session.finish();
            session.answer_all();
            let desktop = session.desktop();
            assert!(session.viewers[&1].canvas.desktop().pixels == desktop);
            session.advance(Duration::from_millis(33));
        }
        assert_eq!(count(session, Format::Jpeg), 0);
    }
}

#[test]
fn a_guest_without_webp_takes_it_from_nobody() {
    let mut session = Session::new(320, 240);
    session.webp = true;
    session.join(1);
    session.draw(WHOLE, photograph);
    session.finish();
    session.settle(&[]);
    assert_eq!(count(&session, Format::WebP), 1);
    session.webp = false;
    session.join(2);
    session.draw(WHOLE, |x, y| photograph(y, x));
    session.finish();
    session.settle(&[]);
    assert_eq!(count(&session, Format::WebP), 2);
    assert_eq!(session.recorder.images[&Format::WebP], 2);
    assert_eq!(session.viewers[&2].canvas.images.get(&Format::WebP), None);
    let desktop = session.desktop();
    assert!(session.viewers[&2].canvas.desktop().pixels == desktop);
}

#[test]
fn what_becomes_exact_in_passing_does_so_for_who_fell_behind() {
    let mut session = Session::new(128, 64);
    session.jpeg = true;
    session.join(1);
    session.join(2);
    session.draw(WHOLE, |_, _| 0xFF_FFFF);
    session.finish();
    session.settle(&[]);
    for picture in 0..8 {
        session.draw(rect(0, 0, 64, 40), |x, y| film(picture, x, y));
        session.finish();
        session.answer_all();
        session.advance(Duration::from_millis(33));
    }
    // The second viewer's window is full; what is drawn then makes one image with the film in it.
    session.silent = Some(2);
    for pixel in 0..4 {
        session.draw(rect(127, 63, 1, 1), |_, _| pixel);
        session.finish();
        session.answer_all();
        session.advance(Duration::from_millis(17));
    }
    let text = |x: usize, y: usize| ((x / 2 + y) as u32 % 5) * 0x33_3333;
    session.draw(rect(0, 50, 64, 14), text);
    session.draw(rect(64, 0, 64, 64), text);
    session.finish();
    session.answer_all();
    session.advance(Duration::from_millis(17));
    // For the second there is no such image: one half is of one colour now.
    session.draw(rect(64, 0, 64, 64), |_, _| 7);
    session.finish();
    session.answer_all();
    assert!(!session.display.viewer_stats(ViewerId(2)).unwrap().in_step);
    session.silent = None;
    session.settle(&[]);
    let desktop = session.desktop();
    for id in [1, 2] {
        let shown = &session.viewers[&id].canvas.desktop().pixels;
        assert!(*shown == desktop, "viewer {id}");
    }
}

#[test]
fn what_lies_between_two_films_is_exact_for_who_fell_behind() {
    let mut session = Session::new(64, 128);
    session.jpeg = true;
    session.join(1);
    session.join(2);
    session.silent = Some(2);
    session.draw(WHOLE, |x, y| ((x / 3 + y / 2) as u32 % 5) * 0x33_3333);
    session.finish();
    session.settle(&[]);
    session.advance(Duration::from_secs(1));
    // Two films take turns, with some rows between them that never change.
    for picture in 0..12 {
        let (top, height) = if picture % 2 == 0 { (0, 60) } else { (64, 64) };
        session.draw(rect(0, top, 64, height), |x, y| film(picture, x, y));
        session.finish();
        session.answer_all();
        session.advance(Duration::from_millis(33));
    }
    // The second viewer comes back while both still move.
    session.silent = None;
    session.answer_all();
    assert!(session.display.viewer_stats(ViewerId(2)).unwrap().in_step);
    session.settle(&[]);
    let desktop = session.desktop();
    for id in [1, 2] {
        assert!(
            session.viewers[&id].canvas.desktop().pixels == desktop,
            "viewer {id}"
        );
    }
}
