//! VeNCrypt's negotiation, byte by byte, and what is said in it without TLS.

use guac_vnc::pki_types::UnixTime;
use guac_vnc::{
    ClientConfig, Error, Event, Fault, HandshakeError, Remedy, SecurityLevel, SecurityType, Trust,
    Version,
};
use std::time::Duration;

use crate::handshake::outcome;
use crate::server::{BANNER, server_init};

/// VeNCrypt 0.2 is offered, chosen and accepted.
const AGREED: &[u8] = &[1, 19, 0, 2, 0];

fn with_login(username: &str, password: &str) -> ClientConfig {
    let mut config = ClientConfig::default();
    config.credentials.username = Some(username.into());
    config.credentials.password = Some(password.into());
    config
}

fn with_pin(mut config: ClientConfig) -> ClientConfig {
    config.security.trust = Some(Trust {
        fingerprints: vec![[7; 32]],
        ..Trust::new(UnixTime::since_unix_epoch(Duration::ZERO))
    });
    config
}

/// A list of sub-types.
fn list(sub_types: &[u32]) -> Vec<u8> {
    let count = u8::try_from(sub_types.len()).unwrap();
    let numbers = sub_types.iter().flat_map(|number| number.to_be_bytes());
    std::iter::once(count).chain(numbers).collect()
}

#[test]
fn a_user_name_and_a_password_are_sent_in_every_version() {
    type Row<'a> = (&'a [u8; 12], &'a [u8], &'a [u8], Version);
    let rows: [Row<'_>; 4] = [
        (b"RFB 003.003\n", &[0, 0, 0, 19], &[], Version::Rfb33),
        (b"RFB 003.007\n", &[1, 19], &[19], Version::Rfb37),
        (b"RFB 003.008\n", &[1, 19], &[19], Version::Rfb38),
        (b"RFB 003.008\n", &[3, 18, 19, 1], &[19], Version::Rfb38),
    ];
    for (banner, offer, choice, version) in rows {
        for spoken in [[0, 2], [0, 3], [1, 0]] {
            let init = server_init(4, 3, b"desk");
            let sub_types = list(&[257, 256, 261]);
            let words: [&[u8]; 7] = [banner, offer, &spoken, &[0], &sub_types, &[0; 4], &init];
            let (mut viewer, result) = outcome(with_login("alice", "s\u{e9}same"), &words);
            assert_eq!(result, Ok(()));
            let mut said = format!("RFB 00{version}\n")
                .replace('.', ".00")
                .into_bytes();
            said.extend(choice);
            said.extend([0, 2]);
            said.extend(256_u32.to_be_bytes());
            said.extend(b"\0\0\0\x05\0\0\0\x07alices\xc3\xa9same\x01");
            assert!(viewer.output().starts_with(&said), "{version}");
            let connected = &viewer.events()[0];
            let security = SecurityType::Plain;
            assert!(
                matches!(connected, Event::Connected { security: s, .. } if *s == security),
                "{connected:?}"
            );
        }
    }
}

#[test]
fn what_is_missing_is_asked_for_and_nothing_else() {
    let mut known = ClientConfig::default();
    for (username, password) in [(true, true), (false, true), (true, false)] {
        known.credentials.username = (!username).then(|| "bob".into());
        known.credentials.password = (!password).then(|| "secret".into());
        let (mut viewer, result) = outcome(known.clone(), &[BANNER, AGREED, &list(&[256])]);
        assert_eq!(result, Ok(()));
        let asked = Event::CredentialsRequired { username, password };
        assert_eq!(viewer.events(), [asked]);
        viewer.output();
        let answer = |missing: bool, text: &str| missing.then(|| text.into());
        let supplied = viewer
            .client
            .supply_credentials(answer(username, "bob"), answer(password, "secret"));
        assert_eq!(supplied, Ok(()));
        assert_eq!(viewer.output(), b"\0\0\0\x03\0\0\0\x06bobsecret");
    }
}

#[test]
fn what_the_user_leaves_open_is_empty() {
    let config = ClientConfig::default();
    let (mut viewer, _) = outcome(config, &[BANNER, AGREED, &list(&[256])]);
    viewer.output();
    assert_eq!(viewer.client.supply_credentials(None, None), Ok(()));
    assert_eq!(viewer.output(), [0; 8]);
    // Only the first answer counts.
    let again = viewer.client.supply_credentials(Some("a".into()), None);
    assert_eq!(again, Ok(()));
    assert_eq!(viewer.output(), b"");
}

#[test]
fn a_user_name_that_nobody_reads_is_an_error_at_once_and_for_good() {
    let config = ClientConfig::default();
    let (mut viewer, _) = outcome(config, &[BANNER, AGREED, &list(&[256])]);
    let error = Error::from(HandshakeError::CredentialTooLong { limit: 1024 });
    let long = "x".repeat(1025);
    let supplied = viewer.client.supply_credentials(Some(long.into()), None);
    assert_eq!(supplied, Err(error));
    assert_eq!(error.fault(), Fault::Operator);
    assert_eq!(viewer.try_feed(&[]), Err(error));
    assert_eq!(viewer.client.supply_credentials(None, None), Err(error));
}

#[test]
fn a_wrong_password_is_told_apart_from_a_refusal() {
    let words: [&[u8]; 5] = [BANNER, AGREED, &list(&[256]), &[0, 0, 0, 1], &[0; 4]];
    let (viewer, result) = outcome(with_login("alice", "wrong"), &words);
    assert_eq!(result, Err(Error::AuthenticationFailed));
    assert_eq!(viewer.client.failure_reason().as_deref(), Some(""));
}

#[test]
fn what_goes_wrong_in_the_negotiation_has_a_name() {
    let sub_types = list(&[260]);
    let old = |major, minor| HandshakeError::UnsupportedVeNCrypt { major, minor };
    let rows: [(&[&[u8]], HandshakeError); 6] = [
        (&[&[1, 19, 0, 1]], old(0, 1)),
        (&[&[1, 19, 0, 0]], old(0, 0)),
        (&[&[1, 19, 0, 2, 255]], HandshakeError::VeNCryptRefused),
        (&[&[1, 19, 0, 2, 1]], HandshakeError::VeNCryptRefused),
        (&[AGREED, &sub_types, &[0]], HandshakeError::SubTypeRefused),
        (&[AGREED, &sub_types, &[2]], HandshakeError::SubTypeRefused),
    ];
    for (words, expected) in rows {
        let words = [&[BANNER], words].concat();
        let (_, result) = outcome(with_pin(ClientConfig::default()), &words);
        assert_eq!(result, Err(expected.into()));
    }
}

#[test]
fn sub_types_that_cannot_be_used_are_named_with_a_remedy() {
    let plain = with_login("alice", "secret");
    let pinned = with_pin(plain.clone());
    let mut verified = pinned.clone();
    verified.security.minimum = SecurityLevel::Verified;
    let (only, beside): (&[u8], &[u8]) = (&[1, 19], &[2, 19, 2]);
    type Row<'a> = (&'a ClientConfig, &'a [u8], &'a [u32], &'a str, Remedy, bool);
    let rows: [Row<'_>; 5] = [
        (&plain, only, &[261, 257], "261, 257", Remedy::Trust, false),
        (
            &plain,
            only,
            &[257, 258],
            "257, 258",
            Remedy::Certificate,
            false,
        ),
        (&pinned, beside, &[263], "263", Remedy::OtherType, true),
        (&pinned, beside, &[], "none", Remedy::OtherType, true),
        (&verified, beside, &[256], "256", Remedy::Minimum, false),
    ];
    for (config, offer, sub_types, named, remedy, others) in rows {
        let words = [BANNER, offer, &[0, 2, 0], &list(sub_types)];
        let (_, result) = outcome(config.clone(), &words);
        let Err(error @ Error::Handshake(HandshakeError::NoUsableSubType { .. })) = result else {
            panic!("{sub_types:?}: {result:?}");
        };
        assert!(error.to_string().contains(named), "{error}");
        assert!(error.to_string().contains(&remedy.to_string()), "{error}");
        assert_eq!(error.may_work_without_vencrypt(), others, "{error}");
        assert!(error.fault() == Fault::Operator && !error.is_garbled());
    }
}

#[test]
fn a_new_connection_gets_to_the_servers_other_types() {
    let mut config = with_pin(with_login("alice", "secret"));
    config.security.avoid_vencrypt = true;
    let (mut viewer, result) = outcome(config, &[BANNER, &[2, 19, 2], &[0; 16], &[0; 4]]);
    assert_eq!(result, Ok(()));
    assert_eq!(viewer.output().get(12), Some(&2));
}
