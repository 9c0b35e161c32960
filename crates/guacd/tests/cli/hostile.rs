//! What VNC servers that mean harm cost the daemon's process: some memory, for a while.

use anyhow::{Context, Result};
use testkit::client::{FakeClient, Handshake};
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::{PATIENCE, until_true};

use crate::support::Daemon;

/// What any of it may cost at its peak, in KiB: the screen's pictures, the decoders' share, and what
/// the allocator keeps of both. Some of it comes to 48 MB on the wire.
const PEAK_KIB: usize = 24 * 1024;

/// What may be left of it when the sessions are over.
const LEFT_KIB: usize = 16 * 1024;

/// A field of the process's status, in KiB.
fn status(daemon: &Daemon, field: &str) -> Result<usize> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.process.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    Ok(number
        .with_context(|| format!("{field} is there"))?
        .parse()?)
}

fn rectangle(place: [u16; 4], encoding: i32, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 1];
    bytes.extend(place.map(u16::to_be_bytes).concat());
    bytes.extend(encoding.to_be_bytes());
    bytes.extend(data);
    bytes
}

/// Data of a length, after the length.
fn announced(claimed: u32, data: &[u8]) -> Vec<u8> {
    [&claimed.to_be_bytes(), data].concat()
}

/// What asks for memory, each in its way.
fn demands() -> Vec<(&'static str, Vec<u8>)> {
    let megabytes = |count: usize| vec![0x55; count << 20];
    vec![
        (
            "a text",
            [&[3, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff][..], &megabytes(48)].concat(),
        ),
        (
            "a name",
            rectangle([0; 4], -307, &announced(1 << 20, &megabytes(1))),
        ),
        (
            "a cursor",
            rectangle([0, 0, 4000, 4000], -239, &megabytes(48)),
        ),
        (
            "compressed pixels",
            rectangle([0, 0, 9, 9], 16, &announced(u32::MAX, &[])),
        ),
        (
            "a JPEG",
            rectangle(
                [0, 0, 320, 200],
                7,
                &[&[0x90, 0xff, 0xff, 0x1f][..], &vec![0; 500_000]].concat(),
            ),
        ),
        (
            "colours",
            [&[1, 0, 0, 0, 0xff, 0xff][..], &vec![3; 0xffff * 6]]
                .concat()
                .repeat(50),
        ),
        (
            "fences",
            [&[248, 0, 0, 0, 0x80, 0, 0, 7, 64][..], &[1; 64]]
                .concat()
                .repeat(200_000),
        ),
        ("bells", vec![2; 1 << 20]),
    ]
}

#[test]
fn hostile_servers_cost_memory_that_is_bounded_and_comes_back() -> Result<()> {
    let daemon = Daemon::start(&["-b", "127.0.0.1"])?;
    let address = daemon.address("127.0.0.1")?;
    let visit = |bytes: &[u8]| -> Result<()> {
        let desktop = FakeVncServer::start(Script::Serve)?;
        let mut owner = FakeClient::open(address, &Handshake::vnc(desktop.port()))?;
        owner.expect("sync")?;
        // The daemon may have hung up before it was sent all.
        let _ = desktop.send(bytes);
        drop(owner);
        until_true("the session's end", PATIENCE, || {
            Ok(desktop.connections() == 0)
        })
    };
    // A session without harm first: what every session needs is not what is measured.
    visit(&[])?;
    let before = status(&daemon, "VmRSS:")?;
    for (what, bytes) in demands() {
        visit(&bytes).context(what)?;
        let peak = status(&daemon, "VmHWM:")?;
        assert!(
            peak < before + PEAK_KIB,
            "{what}: {before} KiB, then {peak} KiB"
        );
    }
    until_true("the memory's return", PATIENCE, || {
        Ok(status(&daemon, "VmRSS:")? < before + LEFT_KIB)
    })?;
    // And it serves as before.
    visit(&[])
}
