//! Who is believed, and what it means if nobody is.

use std::time::Duration;

use guac_vnc::pki_types::UnixTime;
use guac_vnc::{Error, Fault, TlsError, Trust};
use rustls::version::{TLS12, TLS13};

use super::{AT_ONCE, BOTH, config, opening, secure};
use crate::tls_server::{Identity, Pair, TODAY, TOO_EARLY, TOO_LATE, trust};

/// How a connection to a server with this certificate ends for one who trusts so.
fn verdict(identity: &Identity, trust: Trust) -> Result<(), Error> {
    let results = [&TLS12, &TLS13].map(|version| {
        let mut pair = Pair::new(config(trust.clone()), identity, &[version], AT_ONCE);
        let result = secure(&mut pair, 261);
        match result {
            Ok(()) => pair.say(&[&[0; 16]]).unwrap(),
            Err(_) => {
                let last_words = pair.viewer.output();
                pair.hear(&last_words);
                let told = pair.gave_up.take();
                assert!(
                    matches!(told, Some(rustls::Error::AlertReceived(_))),
                    "{told:?}"
                );
            }
        }
        assert_eq!(pair.heard.len(), if result.is_ok() { 16 } else { 0 });
        assert_eq!(pair.viewer.events(), []);
        result
    });
    assert_eq!(results[0], results[1], "with TLS 1.2 and 1.3");
    results[0]
}

fn wrong(error: TlsError) -> Result<(), Error> {
    Err(error.into())
}

#[test]
fn a_certificate_is_believed_for_its_authority_and_its_name() {
    let authority = Identity::authority("hospital");
    let impostor = Identity::authority("hospital");
    let other = Identity::authority("other");
    let identity = authority.issue(&["desktop.example"]);
    let by = |signer: &Identity, name, now| Trust {
        authorities: vec![other.certificate.clone(), signer.certificate.clone()],
        now: UnixTime::since_unix_epoch(Duration::from_secs(now)),
        ..trust(name)
    };
    let rows = [
        (by(&authority, "desktop.example", TODAY), Ok(())),
        (
            by(&other, "desktop.example", TODAY),
            wrong(TlsError::UnknownAuthority),
        ),
        (
            by(&impostor, "desktop.example", TODAY),
            wrong(TlsError::UnknownAuthority),
        ),
        (
            by(&authority, "another.example", TODAY),
            wrong(TlsError::WrongName),
        ),
        (
            by(&authority, "192.0.2.7", TODAY),
            wrong(TlsError::WrongName),
        ),
        (
            by(&authority, "desktop.example", TOO_EARLY),
            wrong(TlsError::NotYetValid),
        ),
        (
            by(&authority, "desktop.example", TOO_LATE),
            wrong(TlsError::Expired),
        ),
    ];
    for (trust, expected) in rows {
        assert_eq!(verdict(&identity, trust.clone()), expected, "{trust:?}");
    }
}

#[test]
fn a_pinned_certificate_is_believed_whatever_is_in_it() {
    let identity = Identity::of_its_own(&[], true);
    let stranger = Identity::of_its_own(&[], true);
    let pins = |identities: &[&Identity], now| Trust {
        fingerprints: identities.iter().map(|one| one.fingerprint()).collect(),
        server_name: None,
        now: UnixTime::since_unix_epoch(Duration::from_secs(now)),
        ..trust("desktop.example")
    };
    assert_eq!(verdict(&identity, pins(&[&identity], TODAY)), Ok(()));
    assert_eq!(verdict(&identity, pins(&[&identity], TOO_LATE)), Ok(()));
    let either = pins(&[&stranger, &identity], TODAY);
    assert_eq!(verdict(&identity, either), Ok(()));
    let stranger_came = wrong(TlsError::WrongFingerprint);
    assert_eq!(verdict(&identity, pins(&[&stranger], TODAY)), stranger_came);

    let authority = Identity::authority("hospital");
    let signed = authority.issue(&["desktop.example"]);
    let mut both = pins(&[&stranger], TODAY);
    both.authorities = vec![authority.certificate];
    assert_eq!(
        verdict(&signed, both.clone()),
        stranger_came,
        "nobody gave a name"
    );
    both.server_name = trust("desktop.example").server_name;
    assert_eq!(verdict(&signed, both), Ok(()));
}

#[test]
fn a_pin_has_to_hold_as_well() {
    let authority = Identity::authority("hospital");
    let identity = authority.issue(&["desktop.example"]);
    let by_authority = Trust {
        authorities: vec![authority.certificate.clone()],
        ..trust("desktop.example")
    };
    let by_fingerprint = Trust {
        fingerprints: vec![identity.fingerprint()],
        ..trust("desktop.example")
    };
    let stranger = Trust {
        authorities: vec![Identity::authority("hospital").certificate],
        ..trust("desktop.example")
    };
    let stranger_came = Err(Error::Tls(TlsError::WrongFingerprint));
    for (trust, pin, result) in [
        (&by_authority, identity.fingerprint(), Ok(())),
        (&by_authority, [0; 32], stranger_came),
        (&by_fingerprint, identity.fingerprint(), Ok(())),
        (&by_fingerprint, [0; 32], stranger_came),
        // It does not stand for trust.
        (
            &stranger,
            identity.fingerprint(),
            Err(Error::Tls(TlsError::UnknownAuthority)),
        ),
    ] {
        let mut config = config(trust.clone());
        config.security.pins = vec![[1; 32], pin];
        let mut pair = Pair::new(config, &identity, BOTH, AT_ONCE);
        assert_eq!(secure(&mut pair, 261), result);
    }
}

#[test]
fn a_self_signed_certificate_may_be_its_own_authority() {
    for may_sign in [false, true] {
        let identity = Identity::of_its_own(&["desktop.example"], may_sign);
        let stranger = Identity::of_its_own(&["desktop.example"], may_sign);
        let by = |signer: &Identity, name, now| Trust {
            authorities: vec![signer.certificate.clone()],
            now: UnixTime::since_unix_epoch(Duration::from_secs(now)),
            ..trust(name)
        };
        let rows = [
            (by(&identity, "desktop.example", TODAY), Ok(())),
            (
                by(&identity, "another.example", TODAY),
                wrong(TlsError::WrongName),
            ),
            (
                by(&identity, "desktop.example", TOO_EARLY),
                wrong(TlsError::NotYetValid),
            ),
            (
                by(&identity, "desktop.example", TOO_LATE),
                wrong(TlsError::Expired),
            ),
        ];
        for (trust, expected) in rows {
            assert_eq!(verdict(&identity, trust), expected, "may sign: {may_sign}");
        }
        let by_stranger = verdict(&identity, by(&stranger, "desktop.example", TODAY));
        assert_eq!(by_stranger, wrong(TlsError::UnknownAuthority));
    }
}

#[test]
fn a_certificate_without_its_key_is_worth_nothing() {
    let authority = Identity::authority("hospital");
    let identity = authority.issue(&["desktop.example"]);
    let thief = identity.with_key_of(Identity::authority("thief"));
    let mut trust = trust("desktop.example");
    trust.authorities.push(authority.certificate);
    assert_eq!(
        verdict(&thief, trust.clone()),
        wrong(TlsError::BadSignature)
    );
    trust.fingerprints.push(identity.fingerprint());
    assert_eq!(
        verdict(&thief, trust.clone()),
        wrong(TlsError::BadSignature),
        "pinned, too"
    );
    assert_eq!(verdict(&identity, trust), Ok(()));
}

#[test]
fn what_is_no_authority_is_told_apart() {
    let identity = Identity::of_its_own(&["desktop.example"], false);
    let mut trust = trust("desktop.example");
    trust.authorities.push(vec![0x30, 0x00].into());
    let mut pair = Pair::new(config(trust), &identity, BOTH, AT_ONCE);
    let [banner, rest] = opening(261);
    let error = Error::from(TlsError::BadAuthority);
    assert_eq!(pair.say_in_clear(&[&banner, &rest]), Err(error));
    assert_eq!(error.fault(), Fault::Operator);
}
