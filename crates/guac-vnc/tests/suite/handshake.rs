//! From the banner to a session, or to the error that says why not.

use guac_vnc::{ClientConfig, Error, Event, Fault, HandshakeError, SecurityType, Version};

use crate::server::{BANNER, Viewer, request, server_init};

const CHALLENGE: [u8; 16] = [0; 16];

fn with_password(password: &str) -> ClientConfig {
    let mut config = ClientConfig::default();
    config.credentials.password = Some(password.into());
    config
}

/// A banner, an offer of security types, a verdict and its reason.
type Words<'a> = [&'a [u8]; 4];

/// Feeds a server's words one byte at a time, and gives how it ended.
pub(crate) fn outcome(config: ClientConfig, words: &[&[u8]]) -> (Viewer, Result<(), Error>) {
    let mut viewer = Viewer::new(config);
    let result = words
        .concat()
        .chunks(1)
        .try_for_each(|byte| viewer.try_feed(byte));
    (viewer, result)
}

fn connected(version: Version, security: SecurityType) -> [Event; 2] {
    [
        Event::Connected {
            version,
            security,
            width: 4,
            height: 3,
        },
        Event::DesktopName("desk".into()),
    ]
}

#[test]
fn every_version_reaches_a_session_without_authentication() {
    let rows: [(&[u8; 12], &[u8], Version); 3] = [
        (b"RFB 003.003\n", &[0, 0, 0, 1], Version::Rfb33),
        (b"RFB 003.007\n", &[2, 77, 1], Version::Rfb37),
        (b"RFB 003.889\n", &[2, 30, 1, 0, 0, 0, 0], Version::Rfb38),
    ];
    for (banner, security, version) in rows {
        let init = server_init(4, 3, b"desk");
        let (mut viewer, result) = outcome(ClientConfig::default(), &[banner, security, &init]);
        assert_eq!(result, Ok(()));
        assert_eq!(viewer.events(), connected(version, SecurityType::None));
        assert_eq!((viewer.picture.width, viewer.picture.height), (4, 3));
        let output = viewer.output();
        let choice: &[u8] = if version == Version::Rfb33 { &[] } else { &[1] };
        let answer = format!("RFB 00{version}\n")
            .replace('.', ".00")
            .into_bytes();
        assert!(
            output.starts_with(&[&answer, choice, &[1]].concat()),
            "{version}: {output:?}"
        );
        assert!(output.ends_with(&request(false, 4, 3)), "{version}");
    }
}

#[test]
fn a_configured_password_is_used_even_beside_an_open_door() {
    for (banner, offer, choice) in [
        (BANNER, &[2, 1, 2][..], &[2][..]),
        (b"RFB 003.003\n", &[0, 0, 0, 2], &[]),
    ] {
        let init = server_init(4, 3, b"desk");
        let words = [banner, offer, &CHALLENGE, &[0; 4], &init];
        let (mut viewer, result) = outcome(with_password(""), &words);
        assert_eq!(result, Ok(()));
        // DES of the block of zeros under the key of zeros.
        let block = [0x8c, 0xa6, 0x4d, 0xe9, 0xc1, 0xb1, 0x23, 0xa7];
        let output = viewer.output();
        assert_eq!(
            output[12..12 + choice.len() + 16],
            [choice, &block, &block].concat()
        );
        let events = viewer.events();
        assert!(matches!(
            events[0],
            Event::Connected {
                security: SecurityType::VncAuth,
                ..
            }
        ));
    }
}

#[test]
fn a_missing_password_is_asked_for_and_the_handshake_goes_on_with_it() {
    let (mut viewer, result) = outcome(ClientConfig::default(), &[BANNER, &[1, 2], &CHALLENGE]);
    assert_eq!(result, Ok(()));
    let asked = Event::CredentialsRequired {
        username: false,
        password: true,
    };
    assert_eq!(viewer.events(), [asked]);
    assert_eq!(viewer.output(), [b"RFB 003.008\n", &[2][..]].concat());

    let supplied = viewer.client.supply_credentials(None, Some("".into()));
    assert_eq!(supplied, Ok(()));
    assert_eq!(viewer.output().len(), 16);
    viewer.feed(&[&[0; 4][..], &server_init(4, 3, b"desk")].concat());
    assert_eq!(
        viewer.events(),
        connected(Version::Rfb38, SecurityType::VncAuth)
    );
}

#[test]
fn a_server_that_talks_while_a_password_is_asked_for_is_refused() {
    let (_, result) = outcome(
        ClientConfig::default(),
        &[BANNER, &[1, 2], &CHALLENGE, &[0]],
    );
    assert_eq!(result, Err(HandshakeError::UnexpectedBytes.into()));
}

#[test]
fn refusals_are_told_apart_and_their_reasons_kept_for_the_log() {
    let challenge: &[u8] = &[&[1, 2][..], &CHALLENGE].concat();
    let why: &[u8] = b"\0\0\0\x08bad\r\nday";
    let many: &[u8] = b"\0\0\0\x1aToo many security failures";
    let refused = Error::Refused;
    let wrong = Error::AuthenticationFailed;
    let later = Error::TooManyAttempts;
    let day = Some("bad  day");
    let failures = Some("Too many security failures");
    let rows: [(Words<'_>, Error, Option<&str>); 9] = [
        ([BANNER, &[0], why, b""], refused, day),
        ([BANNER, &[0], many, b""], later, failures),
        ([b"RFB 003.003\n", &[0, 0, 0, 0], why, b""], refused, day),
        ([BANNER, challenge, &[0, 0, 0, 1], why], wrong, day),
        ([BANNER, challenge, &[0, 0, 0, 1], many], later, failures),
        ([BANNER, challenge, &[0, 0, 0, 2], b""], later, None),
        (
            [b"RFB 003.007\n", challenge, &[0, 0, 0, 1], b""],
            wrong,
            None,
        ),
        ([BANNER, &[1, 1], &[0, 0, 0, 1], why], refused, day),
        (
            [BANNER, &[1, 1], &[0, 0, 0, 3], b""],
            HandshakeError::UnknownSecurityResult(3).into(),
            None,
        ),
    ];
    for (words, error, kept) in rows {
        let (mut viewer, result) = outcome(with_password("secret"), &words);
        assert_eq!(result, Err(error), "{words:?}");
        assert_eq!(viewer.client.failure_reason().as_deref(), kept, "{words:?}");
        assert_eq!(viewer.try_feed(b"more"), Err(error), "it stays an error");
        assert!(
            !error.to_string().contains("day"),
            "no text of the server in an error"
        );
    }
    assert!(wrong.is_authentication() && later.is_authentication());
    assert!(!refused.is_authentication() && !wrong.is_garbled());
    assert_eq!(
        (wrong.fault(), refused.fault()),
        (Fault::Operator, Fault::Desktop)
    );
}

#[test]
fn a_reason_that_never_ends_is_cut() {
    let reason = [&[0xff; 4][..], &[b'x'; 1000]].concat();
    let (viewer, result) = outcome(ClientConfig::default(), &[BANNER, &[0], &reason]);
    assert_eq!(result, Err(Error::Refused));
    assert_eq!(viewer.client.failure_reason().unwrap().len(), 256);
}

#[test]
fn the_end_of_the_stream_means_what_was_announced_before_it() {
    let challenge: &[u8] = &[&[1, 2][..], &CHALLENGE].concat();
    let rows: [(&[&[u8]], Error); 4] = [
        (&[], Error::Closed),
        (&[BANNER, challenge], Error::Closed),
        (
            &[BANNER, challenge, &[0, 0, 0, 1]],
            Error::AuthenticationFailed,
        ),
        (
            &[BANNER, challenge, &[0, 0, 0, 1], b"\0\0\0\x09Sor"],
            Error::AuthenticationFailed,
        ),
    ];
    for (words, error) in rows {
        let (mut viewer, result) = outcome(with_password("secret"), words);
        assert_eq!(result, Ok(()));
        assert_eq!(viewer.client.end_of_stream(), error);
        assert_eq!(viewer.try_feed(b"more"), Err(error));
    }
}

#[test]
fn what_is_no_usable_server_is_said_at_once() {
    let bad = |width, height| HandshakeError::BadFramebufferSize { width, height };
    let old = HandshakeError::UnsupportedVersion { major: 0, minor: 0 };
    let name: &[u8] = &[&server_init(1, 1, b"")[..20], &[0x10, 0, 0, 1]].concat();
    let session: &[u8] = &[1, 1, 0, 0, 0, 0];
    let rows: [([&[u8]; 3], HandshakeError); 7] = [
        ([b"H", b"", b""], HandshakeError::NoBanner),
        ([b"RFB 003.0x8\n", b"", b""], HandshakeError::NoBanner),
        ([b"RFB 000.000\n", b"", b""], old),
        ([BANNER, session, &server_init(0, 5, b"")], bad(0, 5)),
        ([BANNER, session, &server_init(8193, 1, b"")], bad(8193, 1)),
        (
            [BANNER, session, &server_init(65535, 65535, b"")],
            bad(65535, 65535),
        ),
        (
            [BANNER, session, name],
            HandshakeError::NameTooLong(0x1000_0001),
        ),
    ];
    for (words, error) in rows {
        let (viewer, result) = outcome(ClientConfig::default(), &words);
        assert_eq!(result, Err(error.into()));
        assert!(viewer.picture.pixels.is_empty(), "no picture for {error}");
    }
}

#[test]
fn a_long_name_is_cut_and_the_session_goes_on() {
    let name = [b'n'; 100_000];
    let words = [BANNER, &[1, 1, 0, 0, 0, 0], &server_init(4, 3, &name), &[2]];
    let (mut viewer, result) = outcome(ClientConfig::default(), &words);
    assert_eq!(result, Ok(()));
    let [_, Event::DesktopName(kept), Event::Bell] = &viewer.events()[..] else {
        panic!("connected, name, bell");
    };
    assert_eq!(kept.len(), 256);
}

#[test]
fn secrets_are_not_printed() {
    let viewer = Viewer::new(with_password("hunter2"));
    assert!(!format!("{viewer:?}").contains("hunter2"));
}
