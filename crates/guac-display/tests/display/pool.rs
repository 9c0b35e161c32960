//! Threads that help: with what is large, and nothing in a frame tells.

use crate::support::session::{Mark, Session, WHOLE, film, photograph, rect};
use guac_display::EncodePool;
use std::time::Duration;

/// What is about as dear as a page of text: few colours, in small areas.
fn page(x: usize, y: usize) -> u32 {
    ((x + 2 * y) / 4 % 11) as u32 * 0x10_2030
}

fn session(pool: Option<&EncodePool>) -> Session {
    let mut session = Session::new(1024, 768);
    (session.jpeg, session.webp) = (true, true);
    if let Some(pool) = pool {
        session.display.encode_with(pool.clone());
    }
    session
}

/// The screen in one colour is shown to a viewer.
fn blank(session: &mut Session) {
    session.join(1);
    session.draw(WHOLE, |_, _| 0xFF_FFFF);
    show(session);
}

fn show(session: &mut Session) {
    session.finish();
    session.answer_all();
    session.advance(Duration::from_millis(33));
}

#[test]
fn small_frames_ask_nobody() {
    let pool = EncodePool::new(1);
    let mut session = session(Some(&pool));
    blank(&mut session);
    for picture in 0..20 {
        // A letter, a menu that opens, a small video.
        session.draw(rect(40, 40, 9, 20), |x, y| page(x + picture, y));
        session.draw(rect(100, 100, 300, 400), |x, y| page(x + picture, y));
        session.draw(rect(500, 300, 480, 360), |x, y| film(picture, x, y));
        show(&mut session);
    }
    session.settle(&[]);
    assert_eq!(pool.threads(), 0);
    session.draw(WHOLE, page);
    show(&mut session);
    assert_eq!(pool.threads(), 1);
}

#[test]
fn a_frame_is_the_same_whoever_helped() {
    let run = |helpers: Option<usize>| {
        let pool = helpers.map(EncodePool::new);
        let mut session = session(pool.as_ref());
        blank(&mut session);
        session.draw(WHOLE, page);
        show(&mut session);
        session.draw(WHOLE, photograph);
        show(&mut session);
        for picture in 0..3 {
            session.draw(WHOLE, |x, y| film(picture, x, y));
            show(&mut session);
        }
        session.mark = Mark::Everywhere;
        session.join(2);
        session.settle(&[]);
        let viewers = [1, 2].map(|id| session.viewers.remove(&id).unwrap().frames);
        (viewers, session.recorded)
    };
    let alone = run(None);
    for helpers in [0, 1, 2, 4] {
        assert!(run(Some(helpers)) == alone, "{helpers}");
    }
}

#[test]
fn sessions_share_a_pool() {
    let pool = EncodePool::new(1);
    let mut sessions = [session(Some(&pool)), session(Some(&pool))];
    for session in &mut sessions {
        assert_eq!(session.display.encoders(), 2);
        blank(session);
        session.draw(WHOLE, page);
        show(session);
        assert!(session.viewers[&1].canvas.desktop().pixels == session.recorder.desktop().pixels);
    }
    assert_eq!(pool.threads(), 1);
}
