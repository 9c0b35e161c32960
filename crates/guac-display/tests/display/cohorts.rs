//! Stamps, and viewers that share frames.

use crate::support::session::{Mark, Session, WHOLE, photograph, rect};
use guac_display::limits::FRAME_INTERVAL;
use std::time::Duration;

fn noise(x: usize, y: usize) -> u32 {
    ((y * 8192 + x) as u32).wrapping_mul(0x9E37_79B1) >> 8
}

/// A session of viewers with these marks, numbered from 1, that have all seen a picture.
fn running(marks: &[Mark]) -> Session {
    let mut session = Session::new(640, 480);
    for (id, mark) in (1..).zip(marks) {
        session.mark = *mark;
        session.join(id);
    }
    session.draw(WHOLE, noise);
    session.finish();
    session.settle(&[]);
    session.advance(Duration::from_secs(1));
    session.derived_frames = 0;
    session
}

fn assert_seen(session: &mut Session) {
    let ids: Vec<u64> = session.viewers.keys().copied().collect();
    for id in ids {
        let seen = session.seen(id);
        assert!(
            session.viewers[&id].canvas.desktop().pixels == seen,
            "viewer {id}"
        );
    }
    let desktop = session.desktop();
    assert!(session.recorder.desktop().pixels == desktop);
}

fn count(session: &Session, id: u64, opcode: &str) -> usize {
    let (_, wire) = session.viewers[&id].frames.last().unwrap();
    String::from_utf8_lossy(wire).matches(opcode).count()
}

#[test]
fn each_stamp_is_one_more_frame_and_no_more() {
    let marks = [Mark::None, Mark::Corner, Mark::Corner, Mark::Everywhere];
    let mut session = running(&marks);
    session.draw(WHOLE, |x, y| noise(x, y) ^ 0xFF);
    session.finish();
    assert_eq!(session.derived_frames, 2);
    assert_seen(&mut session);
}

#[test]
fn what_is_not_under_a_stamp_is_shared_with_everybody() {
    let mut session = running(&[Mark::None, Mark::Corner]);
    session.draw(rect(300, 300, 64, 64), |x, y| noise(x, y) ^ 0xFF);
    session.finish();
    session.answer_all();
    session.advance(FRAME_INTERVAL);
    session.copy(rect(200, 200, 200, 200), 400, 240);
    session.finish();
    session.settle(&[]);
    assert_eq!(session.derived_frames, 0);
    assert_seen(&mut session);
}

#[test]
fn a_scroll_under_a_stamp_is_a_copy_and_what_the_stamp_spoils() {
    let mut session = running(&[Mark::Corner, Mark::Everywhere]);
    session.copy(rect(0, 40, 640, 440), 0, 0);
    session.draw(rect(0, 440, 640, 40), |x, y| noise(x, y) ^ 1);
    session.finish();
    assert_eq!(
        (count(&session, 1, "4.copy"), count(&session, 2, "4.copy")),
        (1, 0)
    );
    let bytes = |id: u64| session.viewers[&id].frames.last().unwrap().1.len();
    assert!(bytes(1) < bytes(2) / 4, "{} {}", bytes(1), bytes(2));
    assert_seen(&mut session);
}

#[test]
fn a_stamp_that_no_pixel_lies_under_costs_nothing() {
    let mut session = Session::new(40, 300);
    session.mark = Mark::Corner;
    session.join(1);
    session.draw(WHOLE, noise);
    session.finish();
    assert_eq!((session.canonical_frames, session.derived_frames), (1, 0));
    // The desktop grows under it.
    session.display.desktop().resize(300, 300).unwrap();
    session.finish();
    session.settle(&[]);
    assert_eq!((session.canonical_frames, session.derived_frames), (2, 1));
    assert_seen(&mut session);
}

#[test]
fn who_can_show_less_shares_what_it_can_show() {
    let mut session = running(&[Mark::None]);
    session.webp = true;
    session.join(2);
    session.draw(rect(0, 0, 300, 300), |x, y| {
        ((x / 3 + y / 2) as u32 % 5) * 0x33_3333
    });
    session.finish();
    session.settle(&[]);
    let derived = session.derived_frames;
    // Text is the same for both, and a photograph is not.
    session.draw(rect(0, 0, 300, 300), |x, y| {
        ((x / 2 + y / 3) as u32 % 5) * 0x33_3333
    });
    session.finish();
    session.settle(&[]);
    assert_eq!(session.derived_frames, derived);
    session.draw(rect(0, 0, 300, 300), photograph);
    session.finish();
    session.settle(&[]);
    assert_eq!(session.derived_frames, derived + 1);
    assert_eq!(
        (
            count(&session, 1, "image/webp"),
            count(&session, 1, "image/png")
        ),
        (0, 1)
    );
    assert_eq!(count(&session, 2, "image/png"), 0);
    assert_seen(&mut session);
}

#[test]
fn joiners_of_one_moment_share_a_frame_for_each_stamp() {
    let mut session = running(&[Mark::None]);
    for (id, mark) in [
        (2, Mark::None),
        (3, Mark::Corner),
        (4, Mark::None),
        (5, Mark::Corner),
    ] {
        session.mark = mark;
        session.join(id);
    }
    session.deliver();
    assert_eq!(session.derived_frames, 2);
    assert_seen(&mut session);
}
