//! VNC servers that break the protocol, or say nothing: that session and a clear error, nothing else.

use std::time::Duration;

use anyhow::Result;
use testkit::client::Handshake;
use testkit::vnc_server::{FakeVncServer, Script};

use crate::support::{Daemon, await_freed, await_key, error_of};

/// What the viewers of a broken desktop are told.
const UPSTREAM_ERROR: i64 = 0x0203;

/// What a vanished browser may cost a desktop that says nothing.
const FREED_WITHIN: Duration = Duration::from_secs(1);

/// An update of one rectangle.
fn rectangle(place: [u16; 4], encoding: i32, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 1];
    bytes.extend(place.map(u16::to_be_bytes).concat());
    bytes.extend(encoding.to_be_bytes());
    bytes.extend(data);
    bytes
}

/// What no server may say, and what each is.
fn faults() -> Vec<(&'static str, Vec<u8>)> {
    let part = [&[0, 0, 0, 1][..], &[0; 8], &[0xff; 8]].concat();
    // Everything is drawn again and again by sixteen bytes each time: Tight's fill.
    let fill = rectangle([0, 0, 320, 200], 7, &[0x80, 1, 2, 3]).repeat(2000);
    vec![
        ("an unknown message", vec![99]),
        ("an unknown encoding", rectangle([0, 0, 1, 1], 1234, &[])),
        ("a rectangle outside", rectangle([300, 0, 21, 1], 0, &[])),
        (
            "a rectangle that wraps around",
            rectangle([0xffff; 4], 0, &[]),
        ),
        (
            "a copy from outside",
            rectangle([0, 0, 2, 2], 1, &[0xff; 4]),
        ),
        ("a part outside", rectangle([0, 0, 9, 9], 2, &part)),
        (
            "a palette without an index",
            rectangle([0, 0, 2, 1], 15, &[3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff]),
        ),
        (
            "damaged zlib",
            rectangle([0, 0, 9, 9], 16, b"\0\0\0\x08no zlib!"),
        ),
        (
            "a damaged JPEG",
            rectangle([0, 0, 9, 9], 7, b"\x90\x04none"),
        ),
        (
            "a JPEG of another size",
            rectangle([0, 0, 9, 9], 7, &jpeg(8, 8)),
        ),
        ("a screen of nothing", rectangle([0, 0, 0, 0], -223, &[])),
        (
            "a screen too large",
            rectangle([0, 0, 0xffff, 0xffff], -223, &[]),
        ),
        ("a giant name", rectangle([0; 4], -307, &[0xff; 4])),
        ("a giant fence", vec![248, 0, 0, 0, 0x80, 0, 0, 0, 255]),
        ("drawing without end", fill.repeat(3)),
    ]
}

/// The head of a JPEG, which is as far as anybody looks.
fn jpeg(width: u8, height: u8) -> Vec<u8> {
    let head = [
        0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, height, 0, width, 1, 1, 0x11, 0,
    ];
    [&[0x90, 15][..], &head].concat()
}

#[test]
fn each_fault_ends_its_session_with_an_error_and_no_other() -> Result<()> {
    let honest = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let mut other = daemon.watch(&Handshake::vnc(honest.port()))?;
    for (keysym, (what, bytes)) in (0x61..).zip(faults()) {
        let hostile = FakeVncServer::start(Script::Serve)?;
        let mut victim = daemon.watch(&Handshake::vnc(hostile.port()))?;
        // The daemon may have hung up before it was sent all.
        let _ = hostile.send(&bytes);
        assert_eq!(error_of(&mut victim)?, UPSTREAM_ERROR, "{what}");
        await_freed(&hostile, FREED_WITHIN)?;
        other.send("key", &[&keysym.to_string(), "1"])?;
        await_key(&honest, keysym, true)?;
    }
    Ok(())
}

#[test]
fn a_server_that_leaves_in_the_middle_ends_its_session_with_an_error() -> Result<()> {
    let daemon = Daemon::start()?;
    let pixels = rectangle([0, 0, 9, 9], 0, &[7; 9 * 9 * 4]);
    for end in [1, 3, 10, 16, 17, 100, pixels.len() - 1] {
        let desktop = FakeVncServer::start(Script::Serve)?;
        let mut owner = daemon.watch(&Handshake::vnc(desktop.port()))?;
        desktop.send(&pixels[..end])?;
        desktop.hang_up();
        assert_eq!(error_of(&mut owner)?, UPSTREAM_ERROR, "after {end} bytes");
    }
    Ok(())
}

#[test]
fn silence_at_any_stage_holds_up_nobody_and_ends_when_its_viewer_leaves() -> Result<()> {
    let honest = FakeVncServer::start(Script::Serve)?;
    let daemon = Daemon::start()?;
    let banner = &b"RFB 003.008\n"[..];
    let init = [
        &[1, 64, 0, 200][..],
        &[32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8],
        &[0; 4],
    ]
    .concat();
    let started = [banner, &[1, 1, 0, 0, 0, 0], &init].concat();
    let stages = [
        vec![],
        banner[..5].to_vec(),
        banner.to_vec(),
        [banner, &[2, 1]].concat(),
        [banner, &[1, 1]].concat(),
        [banner, &[1, 2], &[9; 8]].concat(),
        [banner, &[0], &[0, 0, 0, 9], b"no"].concat(),
        [&started[..], &[0, 0, 0, 9], b"half"].concat(),
        started,
    ];
    let mut waiting = Vec::new();
    for said in stages {
        let silent = FakeVncServer::start(Script::Greet(said))?;
        let handshake = Handshake::vnc(silent.port()).with("password", "secret");
        waiting.push((daemon.open(&handshake)?, silent));
    }
    for (client, _) in &mut waiting {
        // Signs of life come while a desktop is being connected.
        client.expect("nop")?;
    }
    let mut other = daemon.watch(&Handshake::vnc(honest.port()))?;
    for (keysym, (client, silent)) in (0x61..).zip(waiting) {
        drop(client);
        await_freed(&silent, FREED_WITHIN)?;
        other.send("key", &[&keysym.to_string(), "1"])?;
        await_key(&honest, keysym, true)?;
    }
    Ok(())
}
