//! §11.13 and §11.14: what guests may do follows from the owner's values, and theirs only take away.
//!
//! `disable-copy` and `disable-paste` of the owner are in `../clipboard.rs`
//! (`parameters_tighten_what_the_policy_allows`).

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use testkit::vnc_server::message::{cut_text, raw_update, screen_layout};
use testkit::vnc_server::{ClientMessage, FakeVncServer, Script};
use testkit::wait::PATIENCE;
use testkit::{FakeClient, Guacd, Handshake};

use super::handshake::is_id;

/// What, the owner's values, the guest's, and whether the guest's input gets through.
type Row = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [(&'static str, &'static str)],
    bool,
);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("nobody restricted", &[], &[], true),
    ("an owner without limits", &[("read-only", "false")], &[("read-only", "false")], true),
    ("a guest who may only look", &[], &[("read-only", "true")], false),
    ("an owner who may only look", &[("read-only", "true")], &[], false),
    ("a guest who would undo it", &[("read-only", "true")], &[("read-only", "false")], false),
    ("a guest with a server of his own", &[], &[("hostname", "127.0.0.1"), ("port", "1"), ("password", "x"), ("swap-red-blue", "true")], true),
];

fn with(handshake: Handshake, values: &[(&str, &str)]) -> Handshake {
    values
        .iter()
        .fold(handshake, |all, (name, value)| all.with(name, value))
}

#[test]
fn a_guests_values_only_tighten() -> Result<()> {
    let daemon = Guacd::start()?;
    let scrap = TempDir::new()?;
    for (what, owners, guests, gets_through) in ROWS {
        let server = FakeVncServer::start(Script::Serve)?;
        let mut owner = FakeClient::open(
            daemon.address(),
            &with(Handshake::vnc(server.port()), owners),
        )?;
        owner.expect("sync")?;
        server.send(&screen_layout(320, 200, 7))?;
        let path = scrap.path().display().to_string();
        let join = with(Handshake::join(&owner.id), guests).with("recording-path", &path);
        let mut guest = FakeClient::open(daemon.address(), &join)?;
        ensure!(guest.id == owner.id, "{what}: another connection");
        guest.expect("sync")?;
        guest.send("key", &["97", "1"])?;
        guest.send("mouse", &["11", "12", "1"])?;
        // The owner's alone, so that no row lets it through.
        guest.send("size", &["500", "400"])?;
        all_dealt_with(&daemon, &server, &mut guest).with_context(|| (*what).to_owned())?;
        let said = server.messages();
        let key = said.contains(&ClientMessage::Key {
            keysym: 97,
            pressed: true,
        });
        let pointer = said.contains(&ClientMessage::Pointer {
            x: 11,
            y: 12,
            buttons: 1,
        });
        ensure!(
            (key, pointer) == (*gets_through, *gets_through),
            "{what}: {said:?}"
        );
        let resize = said
            .iter()
            .any(|m| matches!(m, ClientMessage::Resize { width: 500, .. }));
        ensure!(!resize, "{what}: a guest resized the desktop");
        ensure!(
            server.accepted() == 1,
            "{what}: another connection to the server"
        );
    }
    ensure!(
        scrap.path().read_dir()?.next().is_none(),
        "a guest had the session recorded"
    );
    Ok(())
}

/// §2.4: whoever was told the id may hand it on.
#[test]
fn a_connection_can_be_joined_as_soon_as_its_id_is_told() -> Result<()> {
    let daemon = Guacd::start()?;
    let server = FakeVncServer::start(Script::Mute)?;
    for round in 0..100 {
        let mut guest = FakeClient::connect(daemon.address())?;
        let owner = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
        guest
            .select(&owner.id)
            .with_context(|| format!("round {round}"))?;
    }
    Ok(())
}

/// Returns when all that a client said before has had its effect at the VNC server, if any.
fn all_dealt_with(daemon: &Guacd, server: &FakeVncServer, client: &mut FakeClient) -> Result<()> {
    // The answer shows that the gate has judged it all, the first frame of somebody else that the
    // session has, and the server's next request that it has been sent.
    client.send("pipe", &["77", "text/plain", "barrier"])?;
    client.expect("ack")?;
    let mut other = FakeClient::open(daemon.address(), &Handshake::join(&client.id))?;
    other.expect("sync")?;
    let requests = |said: &[ClientMessage]| {
        said.iter()
            .filter(|m| matches!(m, ClientMessage::Request { .. }))
            .count()
    };
    let before = requests(&server.messages());
    server.send(&raw_update(1, 1, 4, 4, 0xab_cdef))?;
    server.await_messages("the next request", PATIENCE, |said| {
        (before < requests(said)).then_some(())
    })
}

/// §11.2 and §2.4: names of all alphabets go through to an owner who counts in either unit.
#[test]
fn names_are_told_in_characters_that_every_client_counts_alike() -> Result<()> {
    const ROWS: [(&str, &str); 4] = [
        ("", ""),
        ("Käthe", "Käthe"),
        ("ß€漢😀x", "ß€漢\u{fffd}x"),
        ("one\r\ntwo\0", "onetwo"),
    ];
    let daemon = Guacd::start()?;
    let server = FakeVncServer::start(Script::Serve)?;
    let mut owner = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    owner.expect("sync")?;
    for (name, told) in ROWS {
        let guest = FakeClient::open(daemon.address(), &Handshake::join(&owner.id).named(name))?;
        let came = owner.read_until(PATIENCE, |i| i.is("msg"))?;
        ensure!(
            came.args.len() == 3 && came.arg(0) == "1" && is_id('@', came.arg(1)),
            "{came:?}"
        );
        ensure!(came.arg(2) == told, "{name:?}: {came:?}");
        drop(guest);
        owner.read_until(PATIENCE, |i| i.is("msg") && i.arg(0) == "2")?;
    }
    Ok(())
}

/// §11.14: who may only look is not given what is copied either, whoever else is.
#[test]
fn who_may_only_look_gets_no_text() -> Result<()> {
    let daemon = system_tests::policy::open_daemon()?;
    for owner_looks in [false, true] {
        let server = FakeVncServer::start(Script::Serve)?;
        let value = if owner_looks { "true" } else { "false" };
        let handshake = Handshake::vnc(server.port()).with("read-only", value);
        let mut owner = FakeClient::open(daemon.address(), &handshake)?;
        owner.expect("sync")?;
        let mut free = FakeClient::open(daemon.address(), &Handshake::join(&owner.id))?;
        free.expect("sync")?;
        let join = Handshake::join(&owner.id).with("read-only", "true");
        let mut looking = FakeClient::open(daemon.address(), &join)?;
        looking.expect("sync")?;
        server.send(&cut_text(b"copied"))?;
        // What comes after it shows that it has been dealt with.
        server.send(&raw_update(1, 1, 4, 4, 0xab_cdef))?;
        for (who, client, is_given) in [
            ("the owner", owner, !owner_looks),
            ("a guest", free, !owner_looks),
            ("who looks", looking, false),
        ] {
            ensure!(
                is_given_text(client)? == is_given,
                "{who}, when the owner's read-only is {value}"
            );
        }
    }
    Ok(())
}

/// Whether a text comes, before the frame that follows it or right after.
fn is_given_text(mut client: FakeClient) -> Result<bool> {
    let mut seen = client
        .read_until(PATIENCE, |i| i.is("clipboard") || i.is("sync"))?
        .is("clipboard");
    client.send("pipe", &["77", "text/plain", "barrier"])?;
    client.read_until(PATIENCE, |i| {
        seen |= i.is("clipboard");
        i.is("ack")
    })?;
    Ok(seen)
}
