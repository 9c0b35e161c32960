//! Security types that need a user name, randomness or a fingerprint.

use anyhow::Result;
use guac_policy::{Policy, VncSecurity};
use testkit::SecureServer;
use testkit::client::{FakeClient, Handshake};
use testkit::secure_server::{Login, Options, Scheme};

use crate::support::{Daemon, error_of};

const RSA_AES: Scheme = Scheme::RsaAes256 {
    whole_session: true,
};

fn server(scheme: Scheme) -> Result<SecureServer> {
    SecureServer::start(Options::new(scheme, Some("ada"), "secret"))
}

fn handshake(server: &SecureServer) -> Handshake {
    Handshake::vnc(server.address().port())
}

/// Waits for a question for these names, and answers it with base64.
fn answer(owner: &mut FakeClient, answers: &[(&str, &str)]) -> Result<()> {
    let asked = owner.expect("required")?;
    let names: Vec<&str> = answers.iter().map(|(name, _)| *name).collect();
    assert_eq!(asked.args, names);
    for (name, value) in answers {
        owner.send("argv", &["0", "text/plain", name])?;
        owner.send("blob", &["0", value])?;
        owner.send("end", &["0"])?;
    }
    Ok(())
}

// In base64: "ada", "eve" and "secret".
const ADA: &str = "YWRh";
const EVE: &str = "ZXZl";
const SECRET: &str = "c2VjcmV0";

#[test]
fn a_user_name_is_asked_for_too() -> Result<()> {
    let desktop = server(Scheme::Apple)?;
    let daemon = Daemon::start()?;
    let mut owner = daemon.open(&handshake(&desktop))?;
    answer(&mut owner, &[("username", EVE), ("password", SECRET)])?;
    answer(&mut owner, &[("username", ADA), ("password", SECRET)])?;
    owner.expect("sync")?;
    assert_eq!(desktop.logins(), [Login::Refused, Login::Accepted]);
    Ok(())
}

#[test]
fn only_what_is_missing_is_asked_for() -> Result<()> {
    let desktop = server(Scheme::Apple)?;
    let daemon = Daemon::start()?;
    let named = handshake(&desktop).with("username", "ada");
    let mut owner = daemon.open(&named)?;
    answer(&mut owner, &[("password", EVE)])?;
    answer(&mut owner, &[("password", SECRET)])?;
    owner.expect("sync")?;

    let wrong = handshake(&desktop)
        .with("username", "eve")
        .with("password", "secret");
    assert_eq!(error_of(&mut daemon.open(&wrong)?)?, 0x0301);
    let logins = [Login::Refused, Login::Accepted, Login::Refused];
    assert_eq!(desktop.logins(), logins);
    Ok(())
}

#[test]
fn a_server_without_a_certificate_is_known_by_its_key() -> Result<()> {
    let desktop = server(RSA_AES)?;
    let key: Vec<String> = desktop
        .fingerprint()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    let daemon = Daemon::start()?;
    let with = |fingerprint: &str| {
        handshake(&desktop)
            .with("username", "ada")
            .with("password", "secret")
            .with("vnc-fingerprint", fingerprint)
            .with("vnc-minimum-security", "verified")
    };
    daemon.watch(&with(&key.join(":")))?;
    let mut owner = daemon.open(&with(&"00".repeat(32)))?;
    assert_eq!(error_of(&mut owner)?, 0x0203);
    assert_eq!(desktop.logins(), [Login::Accepted]);
    Ok(())
}

#[test]
fn the_policys_minimum_holds_whatever_a_connection_says() -> Result<()> {
    let policy = |minimum| Policy::builder().vnc_security(minimum).build();
    let known = |scheme| -> Result<(SecureServer, Handshake)> {
        let desktop = server(scheme)?;
        let handshake = handshake(&desktop)
            .with("username", "ada")
            .with("password", "secret")
            .with("vnc-minimum-security", "none");
        Ok((desktop, handshake))
    };
    let encrypted = Daemon::with_policy(policy(VncSecurity::Encrypted))?;
    let (_desktop, whole) = known(RSA_AES)?;
    encrypted.watch(&whole)?;
    let (desktop, apple) = known(Scheme::Apple)?;
    assert_eq!(error_of(&mut encrypted.open(&apple)?)?, 0x0203);
    assert_eq!(desktop.logins(), []);
    let verified = Daemon::with_policy(policy(VncSecurity::Verified))?;
    assert_eq!(error_of(&mut verified.open(&whole)?)?, 0x0203);
    Ok(())
}
