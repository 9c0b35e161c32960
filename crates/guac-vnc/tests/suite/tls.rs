//! VeNCrypt with a certificate: a session within TLS, and how it ends.

mod trust;

use guac_vnc::{ClientConfig, Error, Event, SecurityType, TlsError, Trust};
use proptest::prelude::*;
use rustls::version::{TLS12, TLS13};

use crate::server::{BANNER, request, server_init};
use crate::tls_server::{Identity, Pair, trust};

const BOTH: &[&rustls::SupportedProtocolVersion] = &[&TLS13, &TLS12];
const AT_ONCE: &[usize] = &[usize::MAX];

/// A server's words up to the start of TLS, for this sub-type.
fn opening(sub_type: u32) -> [Vec<u8>; 2] {
    let list = [&[0, 1][..], &sub_type.to_be_bytes(), &[1]].concat();
    [BANNER.to_vec(), [&[1, 19, 0, 2][..], &list].concat()]
}

/// Goes through the opening and TLS.
fn secure(pair: &mut Pair, sub_type: u32) -> Result<(), Error> {
    let [banner, rest] = opening(sub_type);
    pair.say_in_clear(&[&banner, &rest])?;
    start_tls(pair, sub_type)
}

/// Goes through TLS after the opening. What the viewer said before is checked.
fn start_tls(pair: &mut Pair, sub_type: u32) -> Result<(), Error> {
    let output = pair.viewer.output();
    let said = [BANNER, &[19, 0, 2], &sub_type.to_be_bytes()].concat();
    let (start, hello) = output.split_at(said.len());
    assert_eq!(start, said);
    assert_eq!(hello.first(), Some(&22), "a handshake record of TLS");
    pair.hear(hello);
    pair.exchange()
}

fn config(trust: Trust) -> ClientConfig {
    let mut config = ClientConfig::default();
    config.security.trust = Some(trust);
    config.credentials.password = Some("".into());
    config
}

#[test]
fn a_session_runs_within_tls_in_any_pieces() {
    let authority = Identity::authority("hospital");
    let identity = authority.issue(&["desktop.example", "192.0.2.7", "2001:db8::7"]);
    for (name, pieces) in [
        ("desktop.example", AT_ONCE),
        ("desktop.example", &[1]),
        ("DESKTOP.example", &[7]),
        ("192.0.2.7", &[100, 3]),
        ("2001:db8::7", &[1000]),
    ] {
        let trust = Trust {
            authorities: vec![authority.certificate.clone()],
            ..trust(name)
        };
        let mut pair = Pair::new(config(trust), &identity, BOTH, pieces);
        assert_eq!(secure(&mut pair, 261), Ok(()), "{name}");
        assert_eq!(pair.say(&[&[0; 16]]), Ok(()));
        // DES of the block of zeros under the key of zeros.
        let block = [0x8c, 0xa6, 0x4d, 0xe9, 0xc1, 0xb1, 0x23, 0xa7];
        assert_eq!(pair.heard, [block, block].concat());
        assert_eq!(pair.viewer.client.size(), None);

        pair.heard.clear();
        assert_eq!(pair.say(&[&[0; 4], &server_init(4, 3, b"desk")]), Ok(()));
        let events = pair.viewer.events();
        assert!(
            matches!(
                events[..],
                [
                    Event::Connected {
                        security: SecurityType::X509Vnc,
                        ..
                    },
                    Event::DesktopName(_)
                ]
            ),
            "{events:?}"
        );
        assert_eq!(pair.heard.first(), Some(&1), "the desktop may be shared");
        assert!(pair.heard.ends_with(&request(false, 4, 3)));

        pair.heard.clear();
        pair.viewer.client.key(0x61, true);
        assert_eq!(pair.say(&[&[2; 50_000]]), Ok(()));
        assert_eq!(pair.viewer.events(), [Event::Bell]);
        assert_eq!(pair.heard, [4, 1, 0, 0, 0, 0, 0, 0x61]);
        assert!(pair.viewer.client.held_bytes() < 300_000);
    }
}

/// A viewer that waits for a server's first words in TLS, and what it makes of these.
fn answer_to(words: &[u8], pieces: &[usize]) -> (Pair, Result<(), Error>) {
    let identity = Identity::of_its_own(&[], false);
    let mut trust = trust("desktop.example");
    trust.fingerprints.push(identity.fingerprint());
    let mut pair = Pair::new(config(trust), &identity, BOTH, pieces);
    let [banner, rest] = opening(261);
    let result = pair.say_in_clear(&[&banner, &rest, words]);
    (pair, result)
}

#[test]
fn what_is_no_tls_is_an_error_that_does_not_repeat_it() {
    // A handshake message that claims 16 MB, and comes on and on.
    let endless = [&[22, 3, 3, 0x40, 0, 2, 255, 255, 255][..], &[0; 16380]].concat();
    // One that keeps within what is allowed, and never ends.
    let slow = [
        &[22, 3, 3, 0, 5, 2, 0, 255, 255, 1][..],
        &[22, 3, 3, 0, 1, 7].repeat(70_000),
    ];
    let rows: [(&[u8], TlsError); 6] = [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", TlsError::Malformed),
        (&[0; 100], TlsError::Malformed),
        (&[21, 3, 3, 0, 2, 2, 40], TlsError::Alert(40)),
        (&[21, 3, 3, 0, 2, 2, 70], TlsError::Alert(70)),
        (&endless, TlsError::Malformed),
        (&slow.concat(), TlsError::Malformed),
    ];
    for (words, expected) in rows {
        for pieces in [AT_ONCE, &[1], &[1000]] {
            let (pair, result) = answer_to(words, pieces);
            assert_eq!(result, Err(expected.into()), "{} bytes", words.len());
            assert!(pair.viewer.client.held_bytes() < 300_000);
            let is_garbage = expected == TlsError::Malformed;
            assert_eq!(Error::from(expected).is_garbled(), is_garbage);
        }
    }
}

/// What rustls holds is not told by it, so it is weighed: the crate's own figure has to cover it.
#[test]
fn what_tls_holds_is_no_more_than_what_is_told() {
    // A handshake message as long as is allowed, in records of one byte and in large ones.
    let header = [22, 3, 3, 0, 4, 2, 0, 255, 255];
    let small = [&header[..], &[22, 3, 3, 0, 1, 7].repeat(10_000)].concat();
    let large = [
        &header[..],
        &[&[22, 3, 3, 64, 0][..], &[7; 16_384]].concat().repeat(3),
    ]
    .concat();
    for words in [&small, &large] {
        for pieces in [AT_ONCE, &[1000]] {
            let mut told = 0;
            let used = allocation_counter::measure(|| {
                let (pair, result) = answer_to(words, pieces);
                assert_eq!(result, Ok(()), "it waits for the rest");
                told = pair.viewer.client.held_bytes();
                std::mem::forget(pair);
            });
            let held = usize::try_from(used.bytes_current).unwrap();
            assert!(
                words.len() < held && held <= told,
                "{held} held, {told} told"
            );
        }
    }
}

#[test]
fn a_connection_that_ends_within_the_handshake_is_closed() {
    let (mut pair, result) = answer_to(&[22, 3, 3, 0, 100, 2, 0, 0, 96], &[1]);
    assert_eq!(result, Ok(()));
    assert_eq!(pair.viewer.client.end_of_stream(), Error::Closed);
}

#[test]
fn the_end_of_tls_is_the_end_of_the_server() {
    let wrong = [0, 0, 0, 1];
    let rows: [(&[u8], Error); 4] = [
        (&[], Error::Closed),
        (&[0; 16], Error::Closed),
        (
            &[&[0; 16][..], &wrong].concat(),
            Error::AuthenticationFailed,
        ),
        (
            &[&[0; 16][..], &wrong, b"\0\0\0\x09Sor"].concat(),
            Error::AuthenticationFailed,
        ),
    ];
    for (words, expected) in rows {
        let (mut pair, _) = answer_to(&[], AT_ONCE);
        assert_eq!(start_tls(&mut pair, 261), Ok(()));
        assert_eq!(pair.say(&[words]), Ok(()));
        pair.server.send_close_notify();
        assert_eq!(pair.exchange(), Err(expected));
        assert_eq!(pair.viewer.client.end_of_stream(), expected);
    }
}

#[test]
fn a_refusal_within_tls_says_what_it_says_without() {
    let (mut pair, _) = answer_to(&[], &[3]);
    assert_eq!(start_tls(&mut pair, 261), Ok(()));
    let words: &[&[u8]] = &[&[0; 16], &[0, 0, 0, 1], b"\0\0\0\x06no way"];
    assert_eq!(pair.say(words), Err(Error::AuthenticationFailed));
    let reason = pair.viewer.client.failure_reason();
    assert_eq!(reason.as_deref(), Some("no way"));
}

#[test]
fn a_changed_byte_within_tls_ends_the_session() {
    let (mut pair, _) = answer_to(&[], AT_ONCE);
    assert_eq!(start_tls(&mut pair, 261), Ok(()));
    let mut words = pair.sealed(&[0; 16]);
    *words.last_mut().unwrap() ^= 1;
    let error = Error::from(TlsError::Malformed);
    assert_eq!(pair.viewer.try_feed(&words), Err(error));
    assert_eq!(pair.viewer.try_feed(b"more"), Err(error));
}

#[test]
fn what_came_before_a_changed_byte_still_counts() {
    for pieces in [AT_ONCE, &[1], &[50]] {
        let (mut pair, _) = answer_to(&[], pieces);
        assert_eq!(start_tls(&mut pair, 261), Ok(()));
        assert_eq!(pair.say(&[&[0; 16]]), Ok(()));
        let mut words = pair.sealed(b"\0\0\0\x01\0\0\0\x06no way");
        let mut broken = pair.sealed(b"more");
        *broken.last_mut().unwrap() ^= 1;
        words.append(&mut broken);
        let result = pair.deliver(&words);
        assert_eq!(result, Err(Error::AuthenticationFailed), "{pieces:?}");
    }
}

#[test]
fn nobody_is_asked_for_a_password_before_the_server_is_known() {
    let identity = Identity::of_its_own(&[], false);
    let stranger = Identity::of_its_own(&[], false);
    for (server, is_known) in [(&identity, true), (&stranger, false)] {
        let mut trust = trust("desktop.example");
        trust.fingerprints.push(identity.fingerprint());
        let mut config = ClientConfig::default();
        config.security.trust = Some(trust);
        config.credentials.username = Some("alice".into());
        let mut pair = Pair::new(config, server, BOTH, &[1]);
        let [banner, rest] = opening(262);
        assert_eq!(pair.say_in_clear(&[&banner, &rest]), Ok(()));
        assert_eq!(pair.viewer.events(), []);
        assert_eq!(start_tls(&mut pair, 262).is_ok(), is_known);
        let asked = Event::CredentialsRequired {
            username: false,
            password: true,
        };
        let events = pair.viewer.events();
        assert_eq!(events, if is_known { vec![asked] } else { Vec::new() });
        assert!(pair.heard.is_empty());
        if is_known {
            let client = &mut pair.viewer.client;
            assert_eq!(
                client.supply_credentials(None, Some("secret".into())),
                Ok(())
            );
            assert_eq!(pair.exchange(), Ok(()));
            assert_eq!(pair.heard, b"\0\0\0\x05\0\0\0\x06alicesecret");
            assert_eq!(pair.say(&[&[0; 4], &server_init(4, 3, b"desk")]), Ok(()));
            assert_eq!(pair.viewer.client.size(), Some((4, 3)));
        }
    }
}

#[test]
fn a_server_that_only_proves_itself_is_believed_without_credentials() {
    let identity = Identity::of_its_own(&[], false);
    let mut trust = trust("desktop.example");
    trust.fingerprints.push(identity.fingerprint());
    let mut config = ClientConfig::default();
    config.security.trust = Some(trust);
    let mut pair = Pair::new(config, &identity, BOTH, AT_ONCE);
    assert_eq!(secure(&mut pair, 260), Ok(()));
    assert_eq!(pair.say(&[&[0; 4], &server_init(4, 3, b"desk")]), Ok(()));
    let events = pair.viewer.events();
    let security = SecurityType::X509None;
    assert!(matches!(&events[0], Event::Connected { security: s, .. } if *s == security));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn the_split_changes_nothing(
        pieces in proptest::collection::vec(prop_oneof![1..20_usize, 1..3000_usize], 1..10),
        bells in 1..3000_usize,
    ) {
        let identity = Identity::of_its_own(&[], false);
        let mut trust = trust("desktop.example");
        trust.fingerprints.push(identity.fingerprint());
        let mut pair = Pair::new(config(trust), &identity, BOTH, &pieces);
        prop_assert_eq!(secure(&mut pair, 261), Ok(()));
        prop_assert_eq!(pair.say(&[&[0; 16], &[0; 4], &server_init(4, 3, b"desk")]), Ok(()));
        prop_assert_eq!(pair.viewer.client.size(), Some((4, 3)));
        prop_assert_eq!(pair.viewer.events().len(), 2);
        prop_assert_eq!(pair.say(&[&vec![2; bells], &[77]]), Err(
            guac_vnc::ProtocolError::UnknownMessage(77).into()
        ));
        prop_assert_eq!(pair.viewer.events(), [Event::Bell]);
    }
}
