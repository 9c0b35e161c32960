//! The daemon opens the scripted server's desktop, with all of its types.

use anyhow::Result;
use system_tests::Session;
use system_tests::stage::WebServer;
use testkit::secure_server::{Login, Options, Scheme};
use testkit::vnc_server::ClientMessage;
use testkit::wait::{PATIENCE, until_true};
use testkit::{FakeClient, Guacd, Handshake, SecureServer};

/// The status of a session whose user the desktop does not believe.
const CLIENT_UNAUTHORIZED: i64 = 0x0301;

fn server(scheme: Scheme) -> Result<SecureServer> {
    SecureServer::start(Options::new(scheme, Some("ada"), "pässword123"))
}

fn handshake(server: &SecureServer, password: &str) -> Handshake {
    Handshake::vnc(server.address().port())
        .with("username", "ada")
        .with("password", password)
}

#[test]
fn every_type_opens_for_whoever_has_the_password() -> Result<()> {
    let mut daemon = Guacd::start()?;
    for scheme in Scheme::ALL {
        let server = server(scheme)?;
        let before = daemon.log().len();
        let right = handshake(&server, "pässword123");
        let mut owner = FakeClient::open(daemon.address(), &right)?;
        owner.read_until(PATIENCE, |instruction| instruction.is("sync"))?;
        let line = daemon.await_log("Connected using", before, PATIENCE)?;
        assert!(line.contains(&format!("({})", scheme.number())), "{line}");
        owner.send("key", &["113", "1"])?;
        let key = ClientMessage::Key {
            keysym: 113,
            pressed: true,
        };
        server.await_message("the key", PATIENCE, &key)?;

        let wrong = handshake(&server, "password123");
        let mut other = FakeClient::open(daemon.address(), &wrong)?;
        let error = other.read_until(PATIENCE, |instruction| instruction.is("error"))?;
        assert_eq!(error.number(1)?, CLIENT_UNAUTHORIZED, "{scheme:?}");
        assert_eq!(server.logins(), [Login::Accepted, Login::Refused]);
    }
    Ok(())
}

#[test]
fn what_was_encrypted_all_the_way_is_shown_as_it_was_painted() -> Result<()> {
    let server = server(Scheme::RsaAes256 {
        whole_session: true,
    })?;
    let daemon = Guacd::start()?;
    let web = WebServer::start(daemon.address())?;
    let port = server.address().port().to_string();
    let parameters = [
        ("hostname", "127.0.0.1"),
        ("port", &port),
        ("username", "ada"),
        ("password", "pässword123"),
        ("cursor", "remote"),
    ];
    let mut session = Session::open(&web.address("1.6.0", &parameters))?;
    session.await_connected()?;
    until_true("the picture", PATIENCE, || {
        let shown = session.picture()?;
        let painted = server.picture();
        let has_size = (shown.width, shown.height) == (painted.width, painted.height);
        Ok(has_size && shown.difference(painted)?.is_none())
    })
}
