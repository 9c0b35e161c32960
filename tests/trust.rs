//! Real servers that prove who they are, and daemons that ask for it: TigerVNC's X509 types.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};
use guac_vnc::SecurityType;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use testkit::wait::PATIENCE;
use testkit::{FakeClient, Guacd, Handshake, Xvnc, guacd};

/// An authority, and a server's certificate from it for `desktop.example`.
struct Certificates {
    folder: TempDir,
    authority: String,
    fingerprint: String,
}

impl Certificates {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut params = CertificateParams::new(vec![])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate()?;
        let authority = params.self_signed(&authority_key)?.pem();
        let key = KeyPair::generate()?;
        let issuer = Issuer::new(params, authority_key);
        let names = vec!["desktop.example".to_owned()];
        let certificate = CertificateParams::new(names)?.signed_by(&key, &issuer)?;
        fs::write(folder.path().join("cert.pem"), certificate.pem())?;
        fs::write(folder.path().join("key.pem"), key.serialize_pem())?;
        fs::write(folder.path().join("ca.pem"), &authority)?;
        // As an operator gets it.
        let printed = Command::new("openssl")
            .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
            .arg(folder.path().join("cert.pem"))
            .output()?;
        let printed = String::from_utf8(printed.stdout)?;
        let fingerprint = printed.trim().rsplit('=').next().unwrap_or_default();
        ensure!(fingerprint.len() == 95, "openssl printed {printed}");
        Ok(Self {
            authority,
            fingerprint: fingerprint.to_owned(),
            folder,
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A server with the certificate that offers these types.
    fn serve(&self, types: &str) -> Result<Xvnc> {
        let mut options = Xvnc::options().password("secret");
        for argument in [
            "-SecurityTypes",
            types,
            "-X509Cert",
            &self.path("cert.pem").display().to_string(),
            "-X509Key",
            &self.path("key.pem").display().to_string(),
        ] {
            options = options.argument(argument);
        }
        options.start()
    }
}

fn daemon(flags: &[&str]) -> Result<Guacd> {
    Guacd::start_command(Command::new(guacd::binary()?).args(flags))
}

/// How a session ends up: with the security that the log names, or with an error and the line that
/// explains it.
fn outcome(
    daemon: &mut Guacd,
    server: &Xvnc,
    parameters: &[(&str, &str)],
) -> Result<(Option<i64>, String)> {
    let before = daemon.log().len();
    let handshake = parameters.iter().fold(
        Handshake::vnc(server.port()).with("password", "secret"),
        |handshake, (name, value)| handshake.with(name, value),
    );
    let mut owner = FakeClient::open(daemon.address(), &handshake)?;
    let told = owner.read_until(PATIENCE, |i| i.is("error") || i.is("sync"))?;
    if told.is("sync") {
        return Ok((None, daemon.await_log("Connected using", before, PATIENCE)?));
    }
    let line = daemon.await_log("The session ", before, PATIENCE)?;
    Ok((Some(told.number(1)?), line))
}

/// A name that is not that of the certificate's.
const ELSEWHERE: (&str, &str) = ("vnc-server-name", "elsewhere.example");
const HERE: (&str, &str) = ("vnc-server-name", "desktop.example");

#[test]
fn a_server_is_known_by_its_authority_or_its_fingerprint() -> Result<()> {
    let certificates = Certificates::new()?;
    let server = certificates.serve("X509Vnc")?;
    let stranger = "00".repeat(32);
    let by_authority = ("vnc-ca-certificate", certificates.authority.as_str());
    let by_fingerprint = ("vnc-fingerprint", certificates.fingerprint.as_str());
    let verified = ("vnc-minimum-security", "verified");
    let mut daemon = daemon(&[])?;
    for (parameters, status, line) in [
        (&[by_authority, HERE][..], None, "(261)."),
        (&[by_fingerprint], None, "(261)."),
        (&[by_fingerprint, verified], None, "(261)."),
        (
            &[("vnc-fingerprint", &stranger)],
            Some(0x0203),
            "none of the fingerprints",
        ),
        (
            &[by_authority, ELSEWHERE],
            Some(0x0203),
            "is for another name",
        ),
        // By its address the server is nobody.
        (&[by_authority], Some(0x0203), "is for another name"),
        (
            &[],
            Some(0x0203),
            "give the certificate authority or the fingerprint",
        ),
        (
            &[("vnc-fingerprint", "abc")],
            Some(0x0303),
            "\"vnc-fingerprint\" cannot be used",
        ),
        (
            &[("vnc-minimum-security", "high")],
            Some(0x0303),
            "\"vnc-minimum-security\" cannot be used",
        ),
    ] {
        let (got, said) = outcome(&mut daemon, &server, parameters)?;
        assert_eq!(got, status, "{parameters:?}: {said}");
        ensure!(said.contains(line), "{parameters:?}: {said}");
    }
    Ok(())
}

#[test]
fn parameters_add_to_the_demands_of_the_operator_and_not_to_the_trust() -> Result<()> {
    let certificates = Certificates::new()?;
    let others = Certificates::new()?;
    let server = certificates.serve("X509Vnc")?;
    let ca = certificates.path("ca.pem").display().to_string();
    let mut daemon = daemon(&["--vnc-ca", &ca, "--vnc-minimum-security", "verified"])?;
    let right = ("vnc-fingerprint", certificates.fingerprint.as_str());
    let wrong = ("vnc-fingerprint", others.fingerprint.as_str());
    for (parameters, status, line) in [
        (&[HERE][..], None, "(261)."),
        (&[HERE, right], None, "(261)."),
        (&[HERE, wrong], Some(0x0203), "none of the fingerprints"),
        // A fingerprint does not stand for the authority.
        (&[ELSEWHERE, right], Some(0x0203), "is for another name"),
        (
            &[("vnc-ca-certificate", &certificates.authority)],
            Some(0x0303),
            "the operator has said",
        ),
    ] {
        let (got, said) = outcome(&mut daemon, &server, parameters)?;
        assert_eq!(got, status, "{parameters:?}: {said}");
        ensure!(said.contains(line), "{parameters:?}: {said}");
    }
    let impostor = others.serve("X509Vnc")?;
    let (got, said) = outcome(&mut daemon, &impostor, &[HERE])?;
    assert_eq!(got, Some(0x0203), "{said}");
    ensure!(
        said.contains("no certificate authority that was given stands"),
        "{said}"
    );
    Ok(())
}

#[test]
fn nothing_below_the_minimum_is_used() -> Result<()> {
    let certificates = Certificates::new()?;
    // Anonymous TLS is not spoken, so the classic password is what is left.
    let server = certificates.serve("TLSVnc,VncAuth")?;
    let trusting = ("vnc-fingerprint", certificates.fingerprint.as_str());
    let verified = ("vnc-minimum-security", "verified");
    let mut open = daemon(&[])?;
    let (got, said) = outcome(&mut open, &server, &[trusting])?;
    assert_eq!(got, None, "{said}");
    ensure!(said.contains(&SecurityType::VncAuth.to_string()), "{said}");
    let mut strict = daemon(&["--vnc-minimum-security", "verified"])?;
    let weaker = ("vnc-minimum-security", "none");
    for (is_strict, parameters) in [
        (false, &[trusting, verified][..]),
        (true, &[trusting]),
        (true, &[trusting, weaker]),
    ] {
        let daemon = if is_strict { &mut strict } else { &mut open };
        let (got, said) = outcome(daemon, &server, parameters)?;
        assert_eq!(got, Some(0x0203), "{said}");
    }
    Ok(())
}
