use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

use super::*;
use crate::decisions::Witness;
use crate::desktop::address::Address;
use crate::desktop::testing::values;

const ONE: [u8; 32] = [1; 32];
const TWO: [u8; 32] = [2; 32];

fn hex(fingerprint: [u8; 32]) -> String {
    let bytes = fingerprint.iter().map(|byte| format!("{byte:02x}"));
    bytes.collect::<Vec<_>>().join(":")
}

type Parameters<'a> = &'a [(&'a str, &'a str)];

/// An authority's certificate in PEM.
fn authority() -> String {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().pem()
}

fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

fn demanded(
    policy: &Policy,
    options: &VncOptions,
    pairs: &[(&str, &str)],
) -> Result<SecurityConfig, Failure> {
    let list = values(pairs);
    let values = Values::new(&list);
    let witness = Witness::unheard(&Arc::new(policy.clone()));
    let target = Address::parse(&values, policy, options, &witness)?.target;
    security(&values, policy, options, &target)
}

/// What is demanded where the operator has said nothing.
fn free(pairs: &[(&str, &str)]) -> SecurityConfig {
    demanded(&Policy::builtin(), &VncOptions::default(), pairs).unwrap()
}

fn problem(result: Result<SecurityConfig, Failure>) -> &'static str {
    match result {
        Err(Failure::BadParameter { name, .. }) => name,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_is_demanded_by_itself() {
    let security = free(&[("hostname", "desktop")]);
    assert_eq!(security.minimum, SecurityLevel::None);
    assert!(security.trust.is_none() && security.pins.is_empty());
    assert!(security.entropy.is_some());
}

#[test]
fn a_parameter_raises_the_minimum_and_never_lowers_it() {
    let levels = ["none", "password", "encrypted", "verified"];
    for (floor, policy) in levels.iter().enumerate() {
        let policy = policy.parse().unwrap();
        let policy = Policy::builder().vnc_security(policy).build();
        for (wish, parameter) in levels.iter().enumerate() {
            let pairs = [("vnc-minimum-security", *parameter)];
            let security = demanded(&policy, &VncOptions::default(), &pairs).unwrap();
            let expected = levels[floor.max(wish)];
            assert_eq!(security.minimum.name(), expected);
        }
        let security = demanded(&policy, &VncOptions::default(), &[]).unwrap();
        assert_eq!(security.minimum.name(), levels[floor]);
    }
}

#[test]
fn what_cannot_be_read_ends_the_session() {
    let key_only = KeyPair::generate().unwrap().serialize_pem();
    for (name, value) in [
        ("vnc-minimum-security", "Verified"),
        ("vnc-minimum-security", "encrypt"),
        ("vnc-fingerprint", "0a:0b"),
        ("vnc-fingerprint", &format!("{} or so", hex(ONE))),
        ("vnc-ca-certificate", "/etc/ssl/ca.pem"),
        ("vnc-ca-certificate", &key_only),
        (
            "vnc-ca-certificate",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ),
        (
            "vnc-ca-certificate",
            &format!("{}-----BEGIN CERT", authority()),
        ),
        ("vnc-server-name", "two words"),
    ] {
        let result = demanded(&Policy::builtin(), &VncOptions::default(), &[(name, value)]);
        assert_eq!(problem(result), name, "{value}");
    }
}

#[test]
fn a_connection_says_whom_it_trusts() {
    let pem = authority();
    let fingerprints = format!("{}, {}", hex(ONE), hex(TWO).replace(':', ""));
    let security = free(&[
        ("hostname", "desktop.example"),
        ("vnc-ca-certificate", &pem),
        ("vnc-fingerprint", &fingerprints),
    ]);
    let trust = security.trust.unwrap();
    assert_eq!(trust.authorities, [der(&pem)]);
    assert_eq!(trust.fingerprints, [ONE, TWO]);
    assert!(security.pins.is_empty());
    let two = free(&[("vnc-ca-certificate", &[authority(), authority()].concat())]);
    assert_eq!(two.trust.unwrap().authorities.len(), 2);
}

#[test]
fn nobody_adds_to_the_operators_trust() {
    let pem = authority();
    let operators = [
        VncOptions {
            authorities: vec![der(&authority())],
            ..VncOptions::default()
        },
        VncOptions {
            fingerprints: vec![ONE],
            ..VncOptions::default()
        },
    ];
    for options in operators {
        let policy = Policy::builtin();
        let result = demanded(&policy, &options, &[("vnc-ca-certificate", &pem)]);
        assert_eq!(problem(result), "vnc-ca-certificate");

        let pairs = [("hostname", "desktop"), ("vnc-fingerprint", &hex(TWO))];
        let security = demanded(&policy, &options, &pairs).unwrap();
        let trust = security.trust.unwrap();
        assert_eq!(trust.authorities, options.authorities);
        assert_eq!(trust.fingerprints, options.fingerprints);
        // It has to hold as well.
        assert_eq!(security.pins, [TWO]);
    }
}

#[test]
fn a_server_has_the_name_by_which_it_is_reached() {
    let named = |pairs: &[(&str, &str)]| {
        let mut policy = Policy::builder();
        for door in ["unix:/run/vnc", "reverse-connect", "repeater"] {
            policy = policy.open(door.parse().unwrap());
        }
        let mut all = vec![("vnc-fingerprint", "")];
        let fingerprint = hex(ONE);
        all[0].1 = &fingerprint;
        all.extend(pairs);
        let security = demanded(&policy.build(), &VncOptions::default(), &all);
        let name = security.unwrap().trust.unwrap().server_name;
        name.map(|name| name.to_str().into_owned())
    };
    let rows: [(Parameters<'_>, Option<&str>); 9] = [
        (&[("hostname", "desktop.example")], Some("desktop.example")),
        (&[("hostname", "192.0.2.7")], Some("192.0.2.7")),
        (&[("hostname", "2001:db8::7")], Some("2001:db8::7")),
        (&[("hostname", "unix:/run/vnc")], None),
        (
            &[
                ("hostname", "unix:/run/vnc"),
                ("vnc-server-name", "desktop"),
            ],
            Some("desktop"),
        ),
        (
            &[("hostname", "repeater"), ("dest-host", "desktop")],
            Some("desktop"),
        ),
        (&[("hostname", "repeater"), ("dest-host", "ID:7")], None),
        (&[("reverse-connect", "true")], None),
        (
            &[("reverse-connect", "true"), ("hostname", "desktop")],
            Some("desktop"),
        ),
    ];
    for (pairs, name) in rows {
        assert_eq!(named(pairs).as_deref(), name, "{pairs:?}");
    }
}
