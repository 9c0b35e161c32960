//! Who waits for what: nobody is left in silence, and what answers somebody is sent at once.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::PATIENCE;
use testkit::{FakeClient, Guacd, Handshake};

use super::handshake::is_id;

/// Five seconds, and what a busy machine may take to look.
const SILENCE: Duration = Duration::from_millis(5500);
/// Long enough for two signs of life, shorter than the limits on the server's handshake.
const WATCHED: Duration = Duration::from_secs(12);
/// Far below the next sign of life.
const AT_ONCE: Duration = Duration::from_secs(2);
/// The limit on a client's silence, with some room on both sides.
const GIVEN_UP: std::ops::Range<Duration> = Duration::from_secs(14)..Duration::from_secs(19);

/// §11.5, for everything that a session may be waiting for.
#[test]
fn no_client_is_left_in_silence() -> Result<()> {
    let daemon = Guacd::start()?;
    let rows = [
        ("an idle desktop", Script::Serve),
        ("a server that says nothing", Script::Mute),
        (
            "a server that stops after its greeting",
            Script::Greet(b"RFB 003.008\n".to_vec()),
        ),
        ("a user who does not type the password", Script::AnyPassword),
    ];
    let watched = |what, script| -> Result<()> {
        let server = FakeVncServer::start(script)?;
        let owner = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
        let guest = FakeClient::open(daemon.address(), &Handshake::join(&owner.id))?;
        for (who, client) in [("the owner", owner), ("a guest", guest)].map(watch) {
            client
                .join()
                .expect("watching does not panic")
                .with_context(|| format!("{what}, {who}"))?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let all = rows.map(|(what, script)| scope.spawn(move || watched(what, script)));
        all.into_iter()
            .try_for_each(|row| row.join().expect("watching does not panic"))
    })
}

type Watcher = std::thread::JoinHandle<Result<()>>;

fn watch((who, mut client): (&'static str, FakeClient)) -> (&'static str, Watcher) {
    let watcher = std::thread::spawn(move || {
        let start = Instant::now();
        let mut said = start;
        while start.elapsed() < WATCHED {
            let next = client.read(SILENCE)?.context("the daemon closed")?;
            ensure!(!next.is("error"), "{next:?} after {:?}", start.elapsed());
            if Duration::from_secs(3) < said.elapsed() {
                client.send("nop", &[])?;
                said = Instant::now();
            }
        }
        Ok(())
    });
    (who, watcher)
}

/// §11.6: a stock daemon keeps these for the next frame or sign of life.
#[test]
fn what_answers_somebody_is_sent_at_once() -> Result<()> {
    const ROWS: [(&str, &[&str]); 7] = [
        ("clipboard", &["0", "text/plain"]),
        ("file", &["1", "text/plain", "a"]),
        ("pipe", &["2", "text/plain", "a"]),
        ("audio", &["3", "audio/L16;rate=44100,channels=2"]),
        ("argv", &["4", "text/plain", "password"]),
        ("blob", &["1", "YWJj"]),
        ("end", &["9"]),
    ];
    let daemon = Guacd::start()?;
    let server = FakeVncServer::start(Script::Serve)?;
    let mut owner = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    owner.expect("sync")?;
    for (opcode, args) in ROWS {
        let start = Instant::now();
        owner.send(opcode, args)?;
        let ack = owner
            .read_until(AT_ONCE, |i| i.is("ack"))
            .with_context(|| opcode)?;
        ensure!(ack.arg(0) == args[0], "{opcode}: {ack:?}");
        ensure!(start.elapsed() < AT_ONCE, "{opcode}: {:?}", start.elapsed());
    }
    let join = Handshake::join(&owner.id).named("guest");
    let guest = FakeClient::open(daemon.address(), &join)?;
    let came = owner.read_until(AT_ONCE, |i| i.is("msg"))?;
    ensure!(
        came.arg(0) == "1" && is_id('@', came.arg(1)) && came.arg(2) == "guest",
        "{came:?}"
    );
    drop(guest);
    let went = owner.read_until(AT_ONCE, |i| i.is("msg"))?;
    ensure!(
        went.arg(0) == "2" && went.args[1..] == came.args[1..],
        "{went:?}"
    );
    Ok(())
}

/// §2.2: the limit is on the time between two instructions.
#[test]
fn a_handshake_that_stops_is_given_up() -> Result<()> {
    let daemon = Guacd::start()?;
    let address = daemon.address();
    std::thread::scope(|scope| {
        let all = [
            scope.spawn(move || given_up(address, "", None)),
            scope.spawn(move || given_up(address, "6.select,3.v", None)),
            scope.spawn(move || given_up(address, "6.select,3.vnc;", Some(0x0308))),
            scope.spawn(move || {
                given_up(
                    address,
                    "6.select,3.vnc;4.size,3.640,3.480,2.96;",
                    Some(0x0308),
                )
            }),
        ];
        all.into_iter()
            .try_for_each(|row| row.join().expect("waiting does not panic"))
    })
}

fn given_up(daemon: SocketAddr, words: &str, status: Option<i64>) -> Result<()> {
    let start = Instant::now();
    let mut client = FakeClient::connect(daemon)?;
    client.send_raw(words.as_bytes())?;
    let said = client
        .read_to_end(PATIENCE)
        .with_context(|| format!("after {words:?}"))?;
    let elapsed = start.elapsed();
    ensure!(GIVEN_UP.contains(&elapsed), "after {words:?}: {elapsed:?}");
    let error = said.iter().find(|i| i.is("error"));
    let told = error.map(|error| error.number(1)).transpose()?;
    ensure!(told == status, "after {words:?}: {said:?}");
    Ok(())
}
