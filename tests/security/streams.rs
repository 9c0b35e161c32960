//! What a server said once, in other pieces, and damaged: the client's randomness is the same
//! each time, so that the server's part fits again.

use std::sync::OnceLock;

use guac_vnc::Event;
use proptest::prelude::*;
use testkit::secure_server::{Options, Scheme};
use testkit::{Picture, SecureServer};

use crate::viewer::{Viewer, config, connect};

/// One whole session up to the first frame.
#[derive(Debug)]
struct Recorded {
    heard: Vec<u8>,
    said: Vec<u8>,
    picture: Picture,
}

/// The banner and the list of types, which come before anything is protected.
const UNPROTECTED: usize = 14;

fn viewer() -> Viewer {
    Viewer::new(config(Some("ada"), Some("secret")))
}

fn record(scheme: Scheme) -> Recorded {
    let server = SecureServer::start(Options::new(scheme, Some("ada"), "secret")).unwrap();
    let stream = connect(&server).unwrap();
    let mut viewer = viewer();
    let result = viewer.talk(&stream, |event| *event == Event::FrameEnd);
    assert_eq!(result.unwrap(), Ok(()));
    Recorded {
        heard: viewer.heard,
        said: viewer.said,
        picture: server.picture().clone(),
    }
}

fn recorded(index: usize) -> &'static Recorded {
    static RECORDED: OnceLock<Vec<Recorded>> = OnceLock::new();
    &RECORDED.get_or_init(|| Scheme::ALL.map(record).into())[index]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_session_is_the_same_in_any_split(
        index in 0..Scheme::ALL.len(),
        sizes in proptest::collection::vec(prop_oneof![1..4_usize, 1..3000_usize], 1..20),
    ) {
        let recorded = recorded(index);
        let mut viewer = viewer();
        let mut rest = &recorded.heard[..];
        for size in sizes.iter().cycle() {
            let (piece, after) = rest.split_at(rest.len().min(*size));
            prop_assert_eq!(viewer.feed(piece), Ok(()));
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(viewer.events.last(), Some(&Event::FrameEnd));
        prop_assert_eq!(viewer.screen.picture().difference(&recorded.picture).unwrap(), None);
        prop_assert_eq!(&viewer.said[..viewer.handshake], &recorded.said[..viewer.handshake]);
    }

    /// A whole session of RA2 is proven piece by piece: a changed bit may stop it, and never shows
    /// anything that the server did not paint.
    #[test]
    fn a_changed_bit_shows_nothing_wrong(
        is_long in any::<bool>(),
        place in any::<proptest::sample::Index>(),
        bit in 0..8_u32,
    ) {
        let recorded = recorded(if is_long { 4 } else { 0 });
        let mut heard = recorded.heard.clone();
        let place = UNPROTECTED + place.index(heard.len() - UNPROTECTED);
        heard[place] ^= 1 << bit;
        let mut viewer = viewer();
        let result = viewer.feed(&heard);
        prop_assert!(!viewer.events.contains(&Event::FrameEnd), "{:?} at {}", result, place);
        let shown = viewer.screen.picture().pixels;
        for (shown, painted) in shown.iter().zip(&recorded.picture.pixels) {
            prop_assert!(*shown == 0 || shown == painted);
        }
    }
}
