//! TLS on the daemon's port.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use anyhow::{Context, Result};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::{CertificateDer, ServerName};
use tempfile::TempDir;
use testkit::wait::PATIENCE;

use crate::support::{BOGUS_SELECT, Daemon, assert_closed, assert_code, command, end_of};

const REFUSED: &str = "ERROR:\tUnable to set up SSL/TLS: SSL accept failed";

/// A certificate of its own for `localhost`, with its key, in files.
struct Identity {
    folder: TempDir,
    certificate: CertificateDer<'static>,
}

impl Identity {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let made = rcgen::generate_simple_self_signed(vec!["localhost".into()])?;
        std::fs::write(folder.path().join("c.pem"), made.cert.pem())?;
        std::fs::write(
            folder.path().join("k.pem"),
            made.signing_key.serialize_pem(),
        )?;
        Ok(Self {
            folder,
            certificate: made.cert.der().clone(),
        })
    }

    fn path(&self, name: &str) -> Result<String> {
        let path = self.folder.path().join(name);
        Ok(path
            .to_str()
            .context("temporary folders have plain names")?
            .to_owned())
    }

    fn daemon(&self) -> Result<Daemon> {
        let (certificate, key) = (self.path("c.pem")?, self.path("k.pem")?);
        Daemon::start(&[
            "-b",
            "127.0.0.1",
            "-L",
            "debug",
            "-C",
            &certificate,
            "-K",
            &key,
        ])
    }

    /// Says something through TLS, and reads until the daemon closes the connection.
    fn assert_answers(&self, address: SocketAddr) -> Result<()> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone())?;
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let session = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost")?)?;
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut stream = StreamOwned::new(session, stream);
        stream.write_all(BOGUS_SELECT)?;
        assert_closed(stream.read_to_end(&mut Vec::new()))
    }
}

#[test]
fn a_tls_client_is_served() -> Result<()> {
    let identity = Identity::new()?;
    let daemon = identity.daemon()?;
    identity.assert_answers(daemon.address("127.0.0.1")?)?;
    assert!(
        daemon
            .lines_of("INFO")
            .iter()
            .any(|l| l.ends_with("Communication will require SSL/TLS."))
    );
    assert!(
        !daemon
            .process
            .lines()
            .iter()
            .any(|line| line.contains(REFUSED))
    );
    Ok(())
}

#[test]
fn a_plain_client_on_the_tls_port_hurts_only_itself() -> Result<()> {
    let identity = Identity::new()?;
    let mut daemon = identity.daemon()?;
    let address = daemon.address("127.0.0.1")?;
    for words in [BOGUS_SELECT, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"] {
        let mut plain = TcpStream::connect(address)?;
        plain.set_read_timeout(Some(PATIENCE))?;
        plain.write_all(words)?;
        // An alert and the end, or a reset: but not silence.
        assert_closed(plain.read_to_end(&mut Vec::new()))?;
    }
    daemon.await_log(REFUSED)?;
    identity.assert_answers(address)
}

#[test]
fn a_probe_of_the_tls_port_is_silent() -> Result<()> {
    let identity = Identity::new()?;
    let mut daemon = identity.daemon()?;
    drop(TcpStream::connect(daemon.address("127.0.0.1")?)?);
    daemon.await_log("DEBUG:\tGuacamole connection closed during handshake")?;
    assert_eq!(daemon.lines_of("ERROR"), Vec::<String>::new());
    Ok(())
}

#[test]
fn tls_that_cannot_work_ends_with_1() -> Result<()> {
    let identity = Identity::new()?;
    let (certificate, key) = (identity.path("c.pem")?, identity.path("k.pem")?);
    let missing = identity.path("missing.pem")?;
    for (arguments, problem) in [
        (
            ["-C", certificate.as_str()].as_slice(),
            "No PEM keyfile given",
        ),
        (&["-K", key.as_str()], "No certificate file given"),
        (
            &["-C", &certificate, "-K", &missing],
            "Unable to load keyfile. ",
        ),
        (
            &["-C", &missing, "-K", &key],
            "Unable to load certificate. ",
        ),
        (
            &["-C", &certificate, "-K", &certificate],
            "Unable to load keyfile. ",
        ),
    ] {
        for mode in [["-f"].as_slice(), &[]] {
            let ended = end_of(command(["-l", "0"]).args(mode).args(arguments))?;
            assert_code(&ended, 1)?;
            let line = format!("ERROR:\t{problem}");
            assert!(ended.stderr.contains(&line), "{problem}: {}", ended.stderr);
        }
    }
    Ok(())
}
