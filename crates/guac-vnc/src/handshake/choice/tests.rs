use std::time::Duration;

use rustls::pki_types::{ServerName, UnixTime};

use super::*;
use crate::{Credentials, Entropy, SecurityLevel, Trust};

/// What is known of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    Password,
    Login,
}

/// By what the server is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Nothing,
    Name,
    Authority,
    Pin,
}

fn config(known: Known, by: By) -> ClientConfig {
    let mut config = ClientConfig::default();
    config.credentials.username = (known == Known::Login).then(|| "alice".into());
    config.credentials.password = (known != Known::Nothing).then(|| "secret".into());
    config.security.trust = (by != By::Nothing).then(|| Trust {
        authorities: if by == By::Authority {
            vec![vec![0x30].into()]
        } else {
            Vec::new()
        },
        fingerprints: if by == By::Pin {
            vec![[7; 32]]
        } else {
            Vec::new()
        },
        server_name: Some(ServerName::try_from("desktop.example").unwrap()),
        now: UnixTime::since_unix_epoch(Duration::ZERO),
    });
    config
}

#[test]
fn the_strongest_type_wins_for_which_everything_is_there() {
    let rows: [(&[u32], Known, By, Type); 14] = [
        (&[1], Known::Nothing, By::Nothing, Type::None),
        (&[1], Known::Login, By::Pin, Type::None),
        (&[2], Known::Nothing, By::Nothing, Type::VncAuth),
        (&[1, 2], Known::Password, By::Nothing, Type::VncAuth),
        (&[2, 1], Known::Nothing, By::Nothing, Type::None),
        (&[2, 19], Known::Login, By::Nothing, Type::VncAuth),
        (&[1, 19], Known::Login, By::Nothing, Type::Plain),
        (&[1, 19], Known::Password, By::Name, Type::None),
        (&[19], Known::Nothing, By::Name, Type::Plain),
        (&[1, 2, 19], Known::Login, By::Pin, Type::X509Plain),
        (&[2, 19], Known::Login, By::Authority, Type::X509Plain),
        (&[2, 19], Known::Password, By::Pin, Type::X509Vnc),
        (&[2, 1, 19], Known::Nothing, By::Pin, Type::X509None),
        (&[99, 18, 2], Known::Login, By::Pin, Type::VncAuth),
    ];
    for (offered, known, by, expected) in rows {
        let chosen = choose(offered, &config(known, by));
        assert_eq!(chosen, Ok(expected), "{offered:?}, {known:?}, {by:?}");
        let mut turned = offered.to_vec();
        turned.reverse();
        let chosen = choose(&turned, &config(known, by));
        assert_eq!(
            chosen,
            Ok(expected),
            "the order of {offered:?} is the server's"
        );
    }
}

#[test]
fn what_needs_randomness_has_its_place_once_there_is_some() {
    let all: &[u32] = &[1, 2, 5, 6, 18, 19, 30, 113, 129, 130];
    let bare: &[u32] = &[113, 30, 6, 130, 5, 129, 2, 1];
    let rows: [(&[u32], Known, By, Type); 14] = [
        (all, Known::Login, By::Pin, Type::X509Plain),
        (all, Known::Password, By::Authority, Type::X509Vnc),
        (all, Known::Login, By::Nothing, Type::Ra2With256),
        (&[1, 5, 19], Known::Password, By::Nothing, Type::Ra2),
        (bare, Known::Password, By::Pin, Type::Ra2With256),
        (bare, Known::Nothing, By::Nothing, Type::None),
        (&[2, 5], Known::Nothing, By::Nothing, Type::Ra2),
        (&[2, 6, 130], Known::Password, By::Pin, Type::Ra2neWith256),
        (&[2, 6, 30], Known::Login, By::Nothing, Type::Ra2ne),
        (&[2, 30, 113], Known::Login, By::Nothing, Type::Ard),
        (&[2, 30, 113], Known::Password, By::Nothing, Type::VncAuth),
        (&[113, 2, 19], Known::Login, By::Nothing, Type::MsLogonII),
        (&[1, 30], Known::Password, By::Nothing, Type::None),
        (&[30], Known::Nothing, By::Nothing, Type::Ard),
    ];
    for (offered, known, by, expected) in rows {
        let mut config = config(known, by);
        let without = choose(offered, &config);
        let needs = matches!(expected.number(), 5 | 6 | 30 | 113 | 129 | 130);
        assert!(!needs || without != Ok(expected), "{offered:?}, {known:?}");
        config.security.entropy = Some(Entropy::new([0; 32]));
        let chosen = choose(offered, &config);
        assert_eq!(chosen, Ok(expected), "{offered:?}, {known:?}, {by:?}");
    }
}

#[test]
fn a_pin_puts_ra2_before_a_certificate_that_says_nothing_of_the_user() {
    let place = |security, by| {
        let ranking = ranking(&config(Known::Nothing, by).security);
        ranking.into_iter().position(|one| one == security)
    };
    for (by, ra2_is_first) in [
        (By::Pin, true),
        (By::Authority, false),
        (By::Nothing, false),
    ] {
        let is_first = place(Type::Ra2, by) < place(Type::X509None, by);
        assert_eq!(is_first, ra2_is_first, "{by:?}");
    }
}

#[test]
fn the_strongest_sub_type_wins_for_which_everything_is_there() {
    let all: &[u32] = &[256, 257, 258, 259, 260, 261, 262];
    let rows: [(&[u32], Known, By, Type); 8] = [
        (all, Known::Login, By::Authority, Type::X509Plain),
        (all, Known::Password, By::Authority, Type::X509Vnc),
        (all, Known::Nothing, By::Pin, Type::X509None),
        (all, Known::Login, By::Nothing, Type::Plain),
        (&[256, 260], Known::Login, By::Pin, Type::X509None),
        (&[256, 262], Known::Nothing, By::Pin, Type::X509Plain),
        (&[261, 262], Known::Nothing, By::Pin, Type::X509Plain),
        (&[258, 256], Known::Nothing, By::Nothing, Type::Plain),
    ];
    for (offered, known, by, expected) in rows {
        let (chosen, number) = choose_sub_type(offered, &config(known, by), false).unwrap();
        assert_eq!(chosen, expected, "{offered:?}, {known:?}, {by:?}");
        assert_eq!(Some(number), expected.sub_type());
    }
}

#[test]
fn what_is_weaker_than_demanded_is_never_chosen() {
    let offered = &[1, 2, 19];
    let rows = [
        (
            SecurityLevel::None,
            Known::Nothing,
            By::Nothing,
            Some(Type::None),
        ),
        (
            SecurityLevel::Password,
            Known::Nothing,
            By::Nothing,
            Some(Type::VncAuth),
        ),
        (
            SecurityLevel::Password,
            Known::Nothing,
            By::Pin,
            Some(Type::X509None),
        ),
        (SecurityLevel::Encrypted, Known::Login, By::Nothing, None),
        (
            SecurityLevel::Encrypted,
            Known::Login,
            By::Pin,
            Some(Type::X509Plain),
        ),
        (SecurityLevel::Verified, Known::Login, By::Name, None),
        (
            SecurityLevel::Verified,
            Known::Password,
            By::Authority,
            Some(Type::X509Vnc),
        ),
    ];
    for (minimum, known, by, expected) in rows {
        let mut config = config(known, by);
        config.security.minimum = minimum;
        let chosen = choose(offered, &config).ok();
        assert_eq!(chosen, expected, "{minimum:?}, {known:?}, {by:?}");
        let below = config.security.minimum;
        let level = chosen.map(|security| security.level(by == By::Pin));
        assert!(level.is_none_or(|level| below <= level));
    }
}

#[test]
fn a_key_that_nobody_knows_encrypts_and_one_that_is_pinned_verifies() {
    for (minimum, by, expected) in [
        (SecurityLevel::Encrypted, By::Nothing, Some(Type::Ra2)),
        (SecurityLevel::Encrypted, By::Authority, Some(Type::Ra2)),
        (SecurityLevel::Verified, By::Authority, None),
        (SecurityLevel::Verified, By::Pin, Some(Type::Ra2)),
    ] {
        let mut config = config(Known::Login, by);
        config.security.entropy = Some(Entropy::new([0; 32]));
        config.security.minimum = minimum;
        let chosen = choose(&[6, 5, 30, 2], &config).ok();
        assert_eq!(chosen, expected, "{minimum:?}, {by:?}");
    }
}

#[test]
fn where_nothing_can_be_used_the_error_says_what_would_help() {
    let rows: [(&[u32], SecurityLevel, By, Remedy); 10] = [
        (&[30], SecurityLevel::None, By::Nothing, Remedy::Entropy),
        (
            &[1, 5],
            SecurityLevel::Encrypted,
            By::Nothing,
            Remedy::Entropy,
        ),
        (&[18], SecurityLevel::None, By::Pin, Remedy::Certificate),
        (&[16, 99], SecurityLevel::None, By::Pin, Remedy::OtherType),
        (
            &[19, 18],
            SecurityLevel::Verified,
            By::Nothing,
            Remedy::Trust,
        ),
        (&[19, 1], SecurityLevel::Encrypted, By::Name, Remedy::Trust),
        (&[1], SecurityLevel::Password, By::Nothing, Remedy::Minimum),
        (&[1, 2], SecurityLevel::Encrypted, By::Pin, Remedy::Minimum),
        (&[2, 18], SecurityLevel::Verified, By::Pin, Remedy::Minimum),
        (
            &[0xffff_fffa],
            SecurityLevel::None,
            By::Nothing,
            Remedy::OtherType,
        ),
    ];
    for (offered, minimum, by, remedy) in rows {
        let mut config = config(Known::Login, by);
        config.security.minimum = minimum;
        let expected = HandshakeError::NoUsableSecurity {
            offered: Offered::new(offered),
            remedy,
        };
        assert_eq!(
            choose(offered, &config),
            Err(expected),
            "{offered:?}, {by:?}"
        );
    }
}

#[test]
fn vencrypt_is_left_out_on_demand() {
    let mut config = config(Known::Login, By::Pin);
    assert_eq!(choose(&[19, 2], &config), Ok(Type::X509Plain));
    assert!(without_vencrypt(&[19, 2], &config));
    assert!(!without_vencrypt(&[19, 18], &config));
    config.security.avoid_vencrypt = true;
    assert_eq!(choose(&[19, 2], &config), Ok(Type::VncAuth));
    assert!(choose(&[19], &config).is_err());
}

#[test]
fn types_that_need_randomness_are_chosen_where_there_is_some() {
    let mut config = ClientConfig::default();
    config.credentials.username = Some("ada".into());
    config.credentials.password = Some("secret".into());
    let all = [2, 113, 30, 6, 130, 5, 129];
    assert_eq!(choose(&all, &config), Ok(Type::VncAuth));
    assert_eq!(
        choose(&all[1..], &config),
        Err(HandshakeError::NoUsableSecurity {
            offered: Offered::new(&all[1..]),
            remedy: Remedy::Entropy,
        })
    );
    config.security.entropy = Some(Entropy::new([0; 32]));
    let order = [
        Type::VncAuth,
        Type::MsLogonII,
        Type::Ard,
        Type::Ra2ne,
        Type::Ra2neWith256,
        Type::Ra2,
        Type::Ra2With256,
    ];
    for (last, expected) in order.into_iter().enumerate() {
        assert_eq!(choose(&all[..=last], &config), Ok(expected));
    }
    config.credentials = Credentials::default();
    assert_eq!(choose(&[6, 1], &config), Ok(Type::None));
    config.security.minimum = SecurityLevel::Encrypted;
    assert_eq!(choose(&[6, 1, 5], &config), Ok(Type::Ra2));
    config.security.minimum = SecurityLevel::Verified;
    assert!(choose(&[6, 1, 5], &config).is_err());
}
