//! Somebody else's client is served by the scripted server.

use anyhow::Result;
use system_tests::keyboard::type_ascii;
use system_tests::novnc::NoVnc;
use testkit::SecureServer;
use testkit::secure_server::{Login, Options, Scheme};
use testkit::vnc_server::ClientMessage;
use testkit::wait::PATIENCE;

const USERNAME: &str = "ada";
/// Not ASCII, and longer than VncAuth's eight bytes.
const PASSWORD: &str = "pässword123";

fn is_served(scheme: Scheme, username: Option<&str>) -> Result<()> {
    let server = SecureServer::start(Options::new(scheme, username, PASSWORD))?;
    let mut client = NoVnc::open(server.address(), USERNAME, PASSWORD)?;
    client.await_connected()?;
    client.await_picture(server.picture())?;
    let known = scheme.has_key().then(|| server.fingerprint().to_vec());
    assert_eq!(client.fingerprint()?, known, "the key that a user compares");
    client.focus()?;
    type_ascii(&mut client.page, "q")?;
    for pressed in [true, false] {
        let key = ClientMessage::Key {
            keysym: u32::from(b'q'),
            pressed,
        };
        server.await_message("the key", PATIENCE, &key)?;
    }

    let mut wrong = NoVnc::open(server.address(), USERNAME, "password123")?;
    assert_eq!(wrong.await_refused()?, "Authentication failed");
    let mut logins = vec![Login::Accepted, Login::Refused];
    if username.is_some() {
        let mut wrong = NoVnc::open(server.address(), "eve", PASSWORD)?;
        assert_eq!(wrong.await_refused()?, "Authentication failed");
        logins.push(Login::Refused);
    }
    assert_eq!(server.logins(), logins);
    Ok(())
}

#[test]
fn with_rsa_aes_that_asks_for_a_name_and_a_password() -> Result<()> {
    let scheme = Scheme::RsaAes128 {
        whole_session: false,
    };
    is_served(scheme, Some(USERNAME))
}

#[test]
fn with_rsa_aes_that_asks_for_a_password() -> Result<()> {
    let scheme = Scheme::RsaAes128 {
        whole_session: false,
    };
    is_served(scheme, None)
}

#[test]
fn with_apples_type() -> Result<()> {
    is_served(Scheme::Apple, Some(USERNAME))
}

#[test]
fn with_ms_logon() -> Result<()> {
    is_served(Scheme::MsLogon, Some(USERNAME))
}
