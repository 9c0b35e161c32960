//! Streams that end too early, anywhere: no error before the end, little memory, and an end that is
//! told.

use guac_vnc::{ClientConfig, Error, Event};

use crate::{
    recorded,
    server::{BANNER, Viewer, server_init},
};

/// What a client may hold of a stream whose compressed rectangles are not all there.
const HELD: usize = 1 << 20;

#[test]
fn recorded_streams_may_end_anywhere() {
    for recorded in recorded::all() {
        // That no byte before the last is missed or refused, each replay in single bytes shows;
        // here it is the end that matters, at places without a pattern.
        let mut end = 1;
        while end < recorded.bytes.len() {
            let mut viewer = Viewer::new(recorded.config.clone());
            let (start, last) = recorded.bytes[..end].split_at(end / 2);
            assert_eq!(viewer.try_feed(start), Ok(()), "{} to {end}", recorded.name);
            assert_eq!(viewer.try_feed(last), Ok(()), "{} to {end}", recorded.name);
            assert!(viewer.client.held_bytes() < HELD);
            assert_eq!(viewer.client.end_of_stream(), Error::Closed);
            assert_eq!(viewer.try_feed(b"\x02"), Err(Error::Closed), "it is over");
            end += 1 + end * 7 / 31;
        }
    }
}

#[test]
fn a_handshake_may_end_at_any_byte() {
    let none = [
        BANNER,
        &[1, 1, 0, 0, 0, 0],
        &server_init(4, 3, b"a desktop"),
    ]
    .concat();
    let password = [BANNER, &[1, 2], &[9; 16], &[0; 4], &server_init(4, 3, b"")].concat();
    let old = [&b"RFB 003.003\n\0\0\0\x01"[..], &server_init(4, 3, b"")].concat();
    for stream in [none, password, old] {
        for end in 0..stream.len() {
            let mut config = ClientConfig::default();
            config.credentials.password = Some("secret".into());
            let mut viewer = Viewer::new(config);
            assert_eq!(viewer.try_feed(&stream[..end]), Ok(()), "to {end}");
            let connected = |event: &Event| matches!(event, Event::Connected { .. });
            assert!(!viewer.events().iter().any(connected), "to {end}");
            assert_eq!(viewer.client.end_of_stream(), Error::Closed, "to {end}");
        }
        let mut config = ClientConfig::default();
        config.credentials.password = Some("secret".into());
        let mut viewer = Viewer::new(config);
        viewer.feed(&stream);
        assert_eq!(
            viewer.client.size(),
            Some((4, 3)),
            "the whole of it is enough"
        );
    }
}

#[test]
fn a_reason_that_is_cut_off_is_a_refusal_all_the_same() {
    let refusal = [BANNER, &[0], &[0, 0, 1, 0], b"Too many security failures"].concat();
    for end in BANNER.len() + 1..refusal.len() {
        let mut viewer = Viewer::new(ClientConfig::default());
        assert_eq!(viewer.try_feed(&refusal[..end]), Ok(()));
        let error = viewer.client.end_of_stream();
        let refused = matches!(error, Error::Refused | Error::TooManyAttempts);
        assert!(refused, "{error:?} at {end}");
    }
}
