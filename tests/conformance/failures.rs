//! Desktops that cannot be had: `ready` first, then the error that says why, then the end.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};
use testkit::process::free_port;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::{FakeClient, Handshake};

use super::{Daemons, SOON, Stock};

/// How long the daemon may keep the connection once it has said that it is over.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Section, what, the VNC server if there is one, the password, the status if it fails, and whether
/// a stock daemon does it too.
type Row = (
    &'static str,
    &'static str,
    Option<Script>,
    &'static str,
    Option<i64>,
    Stock,
);

const LOSES_IT: Stock = Stock::Differs("it leaves closing to the client");
const VAGUE: Stock = Stock::Differs("every failure is 519, and it leaves closing to the client");

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    vec![
        ("11.4", "no server", None, "", Some(0x0207), LOSES_IT),
        ("11.4", "a server that hangs up", Some(Script::Close), "", Some(0x0203), VAGUE),
        ("11.4", "a server that speaks something else", Some(Script::Greet(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())), "", Some(0x0203), VAGUE),
        ("11.4", "a server that lets nobody in", Some(Script::Refuse("Too many".into())), "", Some(0x0203), VAGUE),
        ("11.7", "a server that ends in the session", Some(Script::CloseAtRequest), "", Some(0x0203), LOSES_IT),
        ("11.15", "a wrong password", Some(Script::WrongPassword), "wrong", Some(0x0301), VAGUE),
        ("11.15", "a password that is taken", Some(Script::AnyPassword), "right", None, Stock::Same),
        ("11.15", "no password where none is asked", Some(Script::Serve), "", None, Stock::Same),
        ("11.15", "a password where none is asked", Some(Script::Serve), "right", None, Stock::Same),
    ]
}

#[test]
fn failures_follow_ready_and_nobody_is_asked_twice() -> Result<()> {
    let title = |row: &Row| (format!("§{} {}", row.0, row.1), row.5);
    Daemons::start()?.check(
        &rows(),
        title,
        |(_, _, script, password, status, _), daemon| {
            let server = script.clone().map(FakeVncServer::start).transpose()?;
            let port = match &server {
                Some(server) => server.port(),
                None => free_port()?,
            };
            let handshake = Handshake::vnc(port).with("password", password);
            check(&handshake, *status, daemon)
        },
    )
}

fn check(handshake: &Handshake, status: Option<i64>, daemon: SocketAddr) -> Result<()> {
    let mut client = FakeClient::connect(daemon)?;
    let names = client.select("vnc")?;
    let (parts, connect) = {
        let mut all = handshake.instructions(&names);
        let connect = all.pop();
        (all, connect)
    };
    for part in parts {
        client.send_raw(part.encode().as_bytes())?;
    }
    // An unknown opcode is skipped, so that its answer would be the only thing to come here.
    client.send("future", &[])?;
    client.send_raw(connect.map(|c| c.encode()).unwrap_or_default().as_bytes())?;
    let first = client.read(SOON)?;
    ensure!(
        first.as_ref().is_some_and(|i| i.is("ready")),
        "{first:?} came first"
    );
    let mut before = Vec::new();
    let told = client.read_until(SOON, |i| {
        before.push(i.opcode.clone());
        i.is("error") || i.is("sync")
    })?;
    ensure!(!before.contains(&"required".to_owned()), "it asked");
    let Some(status) = status else {
        ensure!(told.is("sync"), "{told:?}");
        return Ok(());
    };
    ensure!(
        told.args == ["Aborted. See logs.", &status.to_string()],
        "{told:?}"
    );
    let rest = client.read_to_end(AT_ONCE)?;
    ensure!(
        rest.iter().all(|i| i.is("disconnect")),
        "{rest:?} after the error"
    );
    Ok(())
}

/// §11.7: whoever says goodbye is let go at once, whoever stays is not.
#[test]
fn a_goodbye_closes_one_connection_only() -> Result<()> {
    let daemon = testkit::Guacd::start()?;
    let server = FakeVncServer::start(Script::Serve)?;
    let mut owner = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    owner.expect("sync")?;
    let mut guest = FakeClient::open(daemon.address(), &Handshake::join(&owner.id))?;
    guest.expect("sync")?;
    owner.send("disconnect", &[])?;
    owner.read_to_end(AT_ONCE)?;
    server.send(&testkit::vnc_server::message::raw_update(
        3, 3, 5, 5, 0x12_3456,
    ))?;
    guest.expect("sync").map(drop)
}
