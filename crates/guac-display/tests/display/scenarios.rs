//! One behaviour each, in simulated time.

use crate::support::session::{Session, WHOLE, rect};
use guac_display::limits::{BYTES_IN_FLIGHT, FRAME_INTERVAL, FRAMES_IN_FLIGHT};
use guac_display::{AcknowledgeError, CursorImage, ResizeError, ViewerId};
use guac_protocol::Timestamp;
use std::time::Duration;

fn noise(x: usize, y: usize) -> u32 {
    ((y * 8192 + x) as u32).wrapping_mul(0x9E37_79B1) >> 8
}

/// The opcodes of a viewer's newest frame, in order.
fn newest(session: &Session, id: u64) -> Vec<String> {
    let (_, wire) = session.viewers[&id].frames.last().unwrap();
    let text = std::str::from_utf8(wire).unwrap();
    let opcode = |instruction: &str| {
        let opcode = instruction.split(',').next().unwrap();
        opcode.split_once('.').unwrap().1.to_owned()
    };
    let instructions = text.split_terminator(';');
    instructions.map(opcode).collect()
}

/// A session of one viewer that has seen and answered the first frame, long ago.
fn running(width: u16, height: u16) -> Session {
    let mut session = Session::new(width, height);
    session.join(1);
    session.display.desktop().damage(WHOLE);
    session.finish();
    session.settle(&[]);
    session.advance(Duration::from_secs(1));
    session
}

#[test]
fn nothing_is_sent_before_an_update_is_complete() {
    let mut session = Session::new(100, 100);
    session.join(1);
    session.draw(WHOLE, noise);
    session.deliver();
    assert_eq!(session.display.next_timeout(), None);
    assert_eq!(session.canonical_frames, 0);
    session.finish();
    assert_eq!(session.canonical_frames, 1);
}

#[test]
fn an_update_without_pixels_does_not_begin_the_show() {
    let mut session = Session::new(100, 100);
    session.join(1);
    session.display.update_finished();
    session.deliver();
    assert_eq!(session.canonical_frames, 0);
    session.draw(WHOLE, noise);
    session.finish();
    assert_eq!(session.canonical_frames, 1);
}

#[test]
fn the_first_frame_is_complete_in_itself() {
    let session = running(100, 100);
    let expected = "size rect cfill size rect cfill img blob end cursor sync";
    assert_eq!(newest(&session, 1).join(" "), expected);
    let canvas = &session.viewers[&1].canvas;
    let (x, y, arrow) = canvas.cursor.as_ref().unwrap();
    assert_eq!((*x, *y, arrow.width, arrow.height), (0, 0, 11, 16));
    assert_eq!(arrow.pixels[0], 0xFF00_0000);
    assert_eq!(arrow.pixels[1], 0);
    assert_eq!(session.recorder.desktop(), canvas.desktop());
}

#[test]
fn a_change_is_sent_at_once_and_alone() {
    let mut session = running(1920, 1080);
    let before = session.now;
    session.draw(rect(100, 100, 64, 64), noise);
    session.finish();
    assert_eq!(session.viewers[&1].frames.last().unwrap().0, before);
    let opcodes = newest(&session, 1);
    // The change lies on four tiles, and its image is still one.
    assert_eq!(opcodes.iter().filter(|opcode| *opcode == "img").count(), 1);
    assert_eq!(opcodes.last().unwrap(), "sync");
}

#[test]
fn damage_without_change_sends_nothing() {
    let mut session = running(500, 500);
    session.display.desktop().damage(WHOLE);
    session.finish();
    session.settle(&[]);
    assert_eq!(session.canonical_frames, 1);
}

#[test]
fn no_viewer_no_frame() {
    let mut session = running(100, 100);
    session.leave(1);
    session.draw(WHOLE, noise);
    session.finish();
    session.display.set_cursor(None);
    session.advance(Duration::from_secs(10));
    assert_eq!((session.canonical_frames, session.derived_frames), (1, 0));
    assert_eq!(session.display.next_timeout(), None);
}

#[test]
fn at_most_sixty_frames_in_a_second_with_the_newest_content() {
    let mut session = running(64, 64);
    let frames = session.canonical_frames;
    for colour in 0..1000 {
        session.draw(WHOLE, |_, _| colour + 1);
        session.finish();
        session.answer(1);
        session.advance(Duration::from_millis(1));
    }
    let made = session.canonical_frames - frames;
    assert!((55..=61).contains(&made), "{made}");
    session.settle(&[]);
    assert_eq!(
        session.viewers[&1].canvas.desktop().pixels[0],
        0xFF00_0000 + 1000
    );
}

#[test]
fn a_silent_viewer_gets_a_few_frames_and_then_none() {
    let mut session = running(64, 64);
    for colour in 0..100 {
        session.draw(WHOLE, |_, _| colour + 1);
        session.finish();
        session.advance(FRAME_INTERVAL);
    }
    assert_eq!(session.viewers[&1].unanswered.len(), FRAMES_IN_FLIGHT);
    assert_eq!(session.display.next_timeout(), None);
    // One answer makes room for one frame, with what is newest.
    session.answer(1);
    session.deliver();
    assert_eq!(session.viewers[&1].unanswered.len(), FRAMES_IN_FLIGHT);
    assert_eq!(
        session.viewers[&1].canvas.desktop().pixels[0],
        0xFF00_0000 + 100
    );
}

#[test]
fn bytes_in_flight_are_bounded_too() {
    let mut session = running(2048, 2048);
    for seed in 1..4 {
        session.draw(WHOLE, |x, y| noise(x + seed, y * seed));
        session.finish();
        session.advance(FRAME_INTERVAL);
    }
    let stats = session.display.viewer_stats(ViewerId(1)).unwrap();
    assert_eq!(stats.frames_in_flight, 1);
    assert!(BYTES_IN_FLIGHT < stats.bytes_in_flight);
}

#[test]
fn who_fell_behind_gets_the_stale_region_and_nothing_else() {
    let mut session = running(1280, 1024);
    session.join(2);
    session.settle(&[]);
    for step in 0..20 {
        session.draw(rect(step * 3, 0, 3, 3), noise);
        session.finish();
        session.answer(1);
        session.advance(FRAME_INTERVAL);
    }
    let frames = session.viewers[&2].frames.len();
    assert!(!session.display.viewer_stats(ViewerId(2)).unwrap().in_step);
    session.answer(2);
    session.deliver();
    let viewer = &session.viewers[&2];
    assert_eq!(viewer.frames.len(), frames + 1);
    assert!(session.display.viewer_stats(ViewerId(2)).unwrap().in_step);
    assert_eq!(newest(&session, 2), ["img", "blob", "end", "sync"]);
    // It starts right of what the three frames in flight have shown.
    let wire = String::from_utf8_lossy(&viewer.frames.last().unwrap().1);
    assert!(wire.starts_with("3.img,1.1,2.14,1.0,9.image/png,1.9,1.0;"));
    assert!(viewer.canvas.desktop().pixels == session.viewers[&1].canvas.desktop().pixels);
}

#[test]
fn joiners_of_one_moment_share_one_frame() {
    let mut session = running(300, 300);
    session.draw(WHOLE, noise);
    session.finish();
    session.settle(&[]);
    for id in 2..10 {
        session.join(id);
    }
    session.deliver();
    assert_eq!(session.derived_frames, 1);
    for id in 2..10 {
        let viewer = &session.viewers[&id];
        assert_eq!(
            viewer.canvas.desktop(),
            session.viewers[&1].canvas.desktop()
        );
        assert!(viewer.canvas.cursor.is_some());
    }
}

#[test]
fn a_resize_is_complete_for_all_even_for_the_late() {
    let mut session = running(300, 300);
    session.join(2);
    session.settle(&[]);
    for size in [200, 301, 64] {
        session.display.desktop().resize(size, size + 1).unwrap();
        session.finish();
        session.answer(1);
        session.advance(FRAME_INTERVAL);
    }
    session.display.desktop().resize(77, 99).unwrap();
    session.finish();
    assert_eq!(session.viewers[&2].canvas.desktop().width, 64);
    session.settle(&[]);
    for viewer in session.viewers.values() {
        let desktop = viewer.canvas.desktop();
        assert_eq!((desktop.width, desktop.height), (77, 99));
    }
}

#[test]
fn sizes_out_of_bounds_are_refused() {
    let mut session = running(300, 300);
    let desktop = session.display.desktop();
    for (width, height, error) in [
        (
            0,
            5,
            ResizeError::Empty {
                width: 0,
                height: 5,
            },
        ),
        (
            5,
            0,
            ResizeError::Empty {
                width: 5,
                height: 0,
            },
        ),
        (
            8193,
            1,
            ResizeError::TooLarge {
                width: 8193,
                height: 1,
            },
        ),
        (
            1,
            u16::MAX,
            ResizeError::TooLarge {
                width: 1,
                height: u16::MAX,
            },
        ),
    ] {
        assert_eq!(desktop.resize(width, height), Err(error));
        assert_eq!(desktop.size(), (300, 300));
    }
    assert_eq!(desktop.resize(8192, 1), Ok(()));
}

#[test]
fn answers_to_frames_that_were_not_sent_are_errors() {
    let mut session = running(100, 100);
    let now = session.now;
    let sent = session.viewers[&1].canvas.synced;
    let mut answer = |id, stamp| {
        session
            .display
            .acknowledge(ViewerId(id), Timestamp(stamp), now)
    };
    let ahead = |answered, sent| Err(AcknowledgeError::AheadOfServer { answered, sent });
    assert_eq!(answer(1, sent + 1), ahead(sent + 1, Some(sent)));
    assert_eq!(answer(1, i64::MAX), ahead(i64::MAX, Some(sent)));
    assert_eq!(answer(2, sent), Err(AcknowledgeError::UnknownViewer));
    for old in [i64::MIN, -1, 0, sent - 1, sent, sent] {
        assert_eq!(answer(1, old), Ok(()));
    }
    session
        .display
        .add_viewer(ViewerId(3), guac_display::ViewerCaps::default(), None);
    let early = session.display.acknowledge(ViewerId(3), Timestamp(1), now);
    assert_eq!(early, ahead(1, None));
}

#[test]
fn an_answer_tells_the_round_trip() {
    let mut session = running(100, 100);
    session.draw(WHOLE, noise);
    session.finish();
    session.advance(Duration::from_millis(123));
    session.answer(1);
    let stats = session.display.viewer_stats(ViewerId(1)).unwrap();
    assert_eq!(stats.round_trip, Some(Duration::from_millis(123)));
    assert_eq!((stats.frames_in_flight, stats.bytes_in_flight), (0, 0));
}

#[test]
fn a_cursor_is_sent_when_it_changes() {
    let mut session = running(100, 100);
    let pixels = vec![0xFF11_2233, 0x8044_5566, 0x0000_0000, 0x01FF_FFFF];
    let cursor = CursorImage::new(1, 0, 2, 2, pixels.clone()).unwrap();
    session.display.set_cursor(Some(cursor.clone()));
    session.deliver();
    let expected = "size rect cfill img blob end cursor sync";
    assert_eq!(newest(&session, 1).join(" "), expected);
    let (x, y, shown) = session.viewers[&1].canvas.cursor.clone().unwrap();
    assert_eq!((x, y, shown.width, shown.height), (1, 0, 2, 2));
    assert_eq!(shown.pixels, pixels);

    session.settle(&[]);
    session.advance(Duration::from_secs(1));
    session.display.set_cursor(Some(cursor));
    session.deliver();
    assert_eq!(session.canonical_frames, 2);

    session.display.set_cursor(None);
    session.deliver();
    let (_, _, hidden) = session.viewers[&1].canvas.cursor.clone().unwrap();
    assert_eq!(
        (hidden.width, hidden.height, hidden.pixels),
        (1, 1, vec![0])
    );
}

#[test]
fn others_see_where_the_pointer_is_and_its_mover_does_not() {
    let mut session = running(100, 100);
    session.join(2);
    session.settle(&[]);
    let mouse = |session: &Session, id| session.viewers[&id].canvas.mouse;

    session.display.pointer_moved(ViewerId(1), 10, 20, 1);
    session.deliver();
    assert_eq!(
        (mouse(&session, 1), mouse(&session, 2)),
        (None, Some((10, 20, 1)))
    );
    assert_eq!(session.viewers[&2].unanswered.len(), 0);
    assert!(session.last_stamp <= session.display.timestamp(session.now).0);

    // Moves in quick succession are merged to the newest.
    let before = session.viewers[&2].canvas.instructions;
    for x in 30..60 {
        session.display.pointer_moved(ViewerId(1), x, 20, 0);
        session.deliver();
    }
    session.advance(FRAME_INTERVAL);
    assert_eq!(mouse(&session, 2), Some((59, 20, 0)));
    assert_eq!(session.viewers[&2].canvas.instructions, before + 1);

    // A joiner is told with its first frame.
    session.join(3);
    session.advance(FRAME_INTERVAL);
    session.deliver();
    assert_eq!(mouse(&session, 3), Some((59, 20, 0)));
    assert_eq!(mouse(&session, 1), None);
}

#[test]
fn a_scroll_becomes_a_copy() {
    let mut session = running(640, 480);
    session.draw(WHOLE, noise);
    session.finish();
    session.settle(&[]);
    session.advance(FRAME_INTERVAL);
    session.copy(rect(0, 40, 640, 440), 0, 0);
    session.draw(rect(0, 440, 640, 40), |x, y| noise(x, y) ^ 1);
    session.finish();
    assert_eq!(newest(&session, 1)[0], "copy");
    assert!(session.viewers[&1].frames.last().unwrap().1.len() < 300_000);
    let desktop = session.desktop();
    assert!(session.viewers[&1].canvas.desktop().pixels == desktop);
}

#[test]
fn a_scroll_that_is_drawn_anew_becomes_a_copy_and_the_rest_is_drawn() {
    let mut session = running(640, 480);
    session.draw(WHOLE, noise);
    session.finish();
    session.settle(&[]);
    session.advance(FRAME_INTERVAL);
    session.draw(rect(0, 0, 640, 423), |x, y| noise(x, y + 57));
    session.draw(rect(0, 423, 640, 57), |x, y| noise(x, y) ^ 1);
    session.finish();
    assert_eq!(newest(&session, 1)[0], "copy");
    let desktop = session.desktop();
    assert!(session.viewers[&1].canvas.desktop().pixels == desktop);
}

#[test]
fn steps_of_a_scroll_that_one_frame_merges_are_one_copy() {
    let mut session = running(640, 480);
    session.draw(WHOLE, noise);
    session.finish();
    session.settle(&[]);
    session.advance(FRAME_INTERVAL);
    for step in 1..4 {
        session.copy(rect(0, 20, 640, 460), 0, 0);
        session.draw(rect(0, 460, 640, 20), |x, y| noise(x, y) ^ step);
        session.display.update_finished();
    }
    session.deliver();
    let wire = String::from_utf8_lossy(&session.viewers[&1].frames.last().unwrap().1).into_owned();
    let copy = "4.copy,1.0,1.0,2.60,3.640,3.420,2.14,1.0,1.0,1.0;";
    assert!(wire.starts_with(copy));
    assert_eq!(wire.matches("4.copy").count(), 1);
    let desktop = session.desktop();
    assert!(session.viewers[&1].canvas.desktop().pixels == desktop);
}

#[test]
fn who_missed_one_frame_with_a_copy_does_it_later() {
    let mut session = missed_a_copy();
    session.settle(&[]);
    assert_eq!(newest(&session, 2), ["copy", "sync"]);
    let desktop = session.desktop();
    assert!(session.viewers[&2].canvas.desktop().pixels == desktop);
}

#[test]
fn who_missed_a_copy_and_more_is_sent_its_pixels() {
    let mut session = missed_a_copy();
    session.answer(1);
    session.advance(FRAME_INTERVAL);
    session.draw(rect(600, 0, 1, 1), noise);
    session.finish();
    session.settle(&[]);
    let opcodes = newest(&session, 2);
    assert!(!opcodes.contains(&"copy".to_owned()) && opcodes.contains(&"img".to_owned()));
    let desktop = session.desktop();
    for viewer in session.viewers.values() {
        assert!(viewer.canvas.desktop().pixels == desktop);
    }
}

/// A session in which the second viewer has missed a copy that the first was just sent.
fn missed_a_copy() -> Session {
    let mut session = running(640, 480);
    session.draw(rect(0, 0, 100, 100), noise);
    session.finish();
    session.settle(&[]);
    session.join(2);
    session.settle(&[]);
    for x in 0..u16::try_from(FRAMES_IN_FLIGHT).unwrap() {
        session.draw(rect(x, 479, 1, 1), noise);
        session.advance(FRAME_INTERVAL);
        session.finish();
        session.answer(1);
    }
    session.advance(FRAME_INTERVAL);
    session.copy(rect(0, 0, 100, 100), 300, 200);
    session.finish();
    assert_eq!(newest(&session, 1), ["copy", "sync"]);
    session
}

#[test]
fn a_move_that_was_drawn_over_is_not_repeated() {
    let mut session = running(640, 480);
    session.draw(rect(0, 0, 100, 100), noise);
    session.finish();
    session.settle(&[]);
    session.advance(FRAME_INTERVAL);
    session.copy(rect(0, 0, 100, 100), 300, 200);
    session.draw(rect(300, 200, 100, 60), |_, _| 0xFF);
    session.finish();
    assert!(!newest(&session, 1).contains(&"copy".to_owned()));
    let desktop = session.desktop();
    assert!(session.viewers[&1].canvas.desktop().pixels == desktop);
}

#[test]
fn updates_that_a_frame_merges_are_counted() {
    let mut session = running(100, 100);
    session.draw(rect(0, 0, 1, 1), |_, _| 1);
    session.display.update_finished();
    session.display.update_finished();
    session.finish();
    let wire = &session.viewers[&1].frames.last().unwrap().1;
    assert!(wire.ends_with(b",1.3;"));
}
