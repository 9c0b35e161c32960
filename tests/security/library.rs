//! This project's client is served by the scripted server, with all of its types.

use std::net::TcpStream;

use anyhow::Result;
use guac_vnc::pki_types::UnixTime;
use guac_vnc::{
    ClientConfig, CryptoError, Error, Event, HandshakeError, Remedy, SecurityLevel, Trust,
};
use testkit::SecureServer;
use testkit::secure_server::{Login, Options, Scheme};
use testkit::vnc_server::ClientMessage;
use testkit::wait::PATIENCE;

use crate::viewer::{Viewer, config, connect};

const USERNAME: &str = "ada";
const PASSWORD: &str = "pässword123";

/// A server with the type, and whether it asks for a name.
fn server(scheme: Scheme, with_name: bool) -> Result<SecureServer> {
    let username = with_name.then_some(USERNAME);
    SecureServer::start(Options::new(scheme, username, PASSWORD))
}

fn is_frame(event: &Event) -> bool {
    matches!(event, Event::FrameEnd)
}

fn with_pins(mut config: ClientConfig, fingerprints: Vec<[u8; 32]>) -> ClientConfig {
    config.security.trust = Some(Trust {
        authorities: Vec::new(),
        fingerprints,
        server_name: None,
        now: UnixTime::since_unix_epoch(std::time::Duration::ZERO),
    });
    config
}

/// What becomes of a client up to its first frame.
fn outcome(
    server: &SecureServer,
    config: ClientConfig,
) -> Result<(Viewer, TcpStream, Result<(), Error>)> {
    let stream = connect(server)?;
    let mut viewer = Viewer::new(config);
    let result = viewer.talk(&stream, is_frame)?;
    Ok((viewer, stream, result))
}

fn is_served(server: &SecureServer, scheme: Scheme, config: ClientConfig) -> Result<()> {
    let (mut viewer, stream, result) = outcome(server, config)?;
    assert_eq!(result, Ok(()), "{scheme:?}");
    let connected = viewer.events.iter().find_map(|event| match event {
        Event::Connected { security, .. } => Some(*security),
        _ => None,
    });
    let security = connected.expect("a frame comes after the connection");
    assert_eq!(security.number(), scheme.number());
    assert_eq!(viewer.screen.picture().difference(server.picture())?, None);
    viewer.client.key(0x71, true);
    // Sends the key, and waits for the answer to what asks for the whole picture again.
    viewer.client.refresh();
    assert_eq!(viewer.talk(&stream, is_frame)?, Ok(()));
    let key = ClientMessage::Key {
        keysym: 0x71,
        pressed: true,
    };
    server.await_message("the key", PATIENCE, &key)
}

#[test]
fn every_type_serves_whoever_has_the_password() -> Result<()> {
    for scheme in Scheme::ALL {
        for with_name in [true, false] {
            let server = server(scheme, with_name)?;
            is_served(&server, scheme, config(Some(USERNAME), Some(PASSWORD)))?;
            assert_eq!(server.logins(), [Login::Accepted], "{scheme:?}");
        }
    }
    Ok(())
}

#[test]
fn every_type_refuses_whoever_has_not() -> Result<()> {
    for scheme in Scheme::ALL {
        let server = server(scheme, true)?;
        for (username, password) in [(USERNAME, "password123"), ("eve", PASSWORD), ("", "")] {
            let (viewer, _, result) = outcome(&server, config(Some(username), Some(password)))?;
            assert_eq!(result, Err(Error::AuthenticationFailed), "{scheme:?}");
            let reason = viewer.client.failure_reason();
            assert_eq!(reason.as_deref(), Some("Authentication failed"));
        }
        assert_eq!(server.logins(), [Login::Refused; 3], "{scheme:?}");
    }
    Ok(())
}

#[test]
fn what_is_not_known_is_asked_for() -> Result<()> {
    for scheme in Scheme::ALL {
        for with_name in [true, false] {
            let server = server(scheme, with_name)?;
            let stream = connect(&server)?;
            let mut viewer = Viewer::new(config(None, None));
            let is_question = |event: &Event| matches!(event, Event::CredentialsRequired { .. });
            assert_eq!(viewer.talk(&stream, is_question)?, Ok(()));
            let question = Event::CredentialsRequired {
                username: with_name || !scheme.has_key(),
                password: true,
            };
            assert_eq!(viewer.events, [question], "{scheme:?}");
            let supplied = viewer
                .client
                .supply_credentials(Some(USERNAME.into()), Some(PASSWORD.into()));
            assert_eq!(supplied, Ok(()));
            assert_eq!(viewer.talk(&stream, is_frame)?, Ok(()), "{scheme:?}");
            assert_eq!(server.logins(), [Login::Accepted], "{scheme:?}");
        }
    }
    Ok(())
}

#[test]
fn a_key_that_is_pinned_has_to_be_the_servers() -> Result<()> {
    for scheme in Scheme::ALL.into_iter().filter(|scheme| scheme.has_key()) {
        let server = server(scheme, false)?;
        let pinned = |pin| with_pins(config(None, Some(PASSWORD)), vec![[0; 32], pin]);
        is_served(&server, scheme, pinned(server.fingerprint()))?;
        let (_, _, result) = outcome(&server, pinned([1; 32]))?;
        assert_eq!(result, Err(CryptoError::UnknownKey.into()), "{scheme:?}");
        assert_eq!(server.logins(), [Login::Accepted], "no second login");
    }
    Ok(())
}

#[test]
fn a_minimum_is_kept_to() -> Result<()> {
    let levels = [
        SecurityLevel::None,
        SecurityLevel::Password,
        SecurityLevel::Encrypted,
        SecurityLevel::Verified,
    ];
    for scheme in Scheme::ALL {
        let server = server(scheme, false)?;
        let encrypts = matches!(scheme.number(), 5 | 129);
        for (minimum, is_pinned) in levels
            .into_iter()
            .flat_map(|level| [(level, false), (level, true)])
        {
            let mut config = config(Some(USERNAME), Some(PASSWORD));
            config.security.minimum = minimum;
            if is_pinned {
                config = with_pins(config, vec![server.fingerprint()]);
            }
            let (_, _, result) = outcome(&server, config)?;
            let is_enough = match minimum {
                SecurityLevel::None | SecurityLevel::Password => true,
                SecurityLevel::Encrypted => encrypts,
                SecurityLevel::Verified => encrypts && is_pinned,
            };
            let is_too_weak = matches!(
                result,
                Err(Error::Handshake(HandshakeError::NoUsableSecurity {
                    remedy: Remedy::Minimum,
                    ..
                }))
            );
            let context = format!("{scheme:?}, {minimum:?}, pinned: {is_pinned}: {result:?}");
            assert_eq!(result.is_ok(), is_enough, "{context}");
            assert_eq!(is_too_weak, !is_enough, "{context}");
        }
    }
    Ok(())
}

#[test]
fn keys_of_other_lengths_are_understood() -> Result<()> {
    for key_bits in [1024, 1100] {
        let scheme = Scheme::RsaAes256 {
            whole_session: true,
        };
        let mut options = Options::new(scheme, None, PASSWORD);
        options.key_bits = key_bits;
        let server = SecureServer::start(options)?;
        let config = with_pins(config(None, Some(PASSWORD)), vec![server.fingerprint()]);
        is_served(&server, scheme, config)?;
    }
    Ok(())
}
