//! What a client may say first, and what becomes of it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};
use testkit::{FakeClient, Guacd};

use super::{Daemons, SOON, Stock};

/// What a greeting is answered with.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    /// The argument list.
    Args,
    /// Nothing, and the connection is closed.
    Closed,
    /// This error, and the connection is closed.
    Error(&'static str, i64),
}

/// Section, what, the bytes, what is wanted, and whether a stock daemon does it too.
type Row = (&'static str, &'static str, &'static [u8], Wanted, Stock);

const UNKNOWN_PROTOCOL: Wanted = Wanted::Error("Aborted. See logs.", 0x0100);
const UNKNOWN_ID: Wanted = Wanted::Error("No such connection.", 0x0204);
const SILENT: Stock = Stock::Differs("it says nothing and leaves the connection open");

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("2.1", "a protocol", b"6.select,3.vnc;", Wanted::Args, Stock::Same),
    ("1.1", "leading zeros", b"0006.select,003.vnc;", Wanted::Args, Stock::Same),
    ("1.1", "a newline after it hurts the next one only", b"6.select,3.vnc;\n", Wanted::Args, Stock::Same),
    ("1.1", "a newline before it", b"\n6.select,3.vnc;", Wanted::Closed, Stock::Same),
    ("1.3", "not the protocol at all", b"GET / HTTP/1.1\r\n\r\n", Wanted::Closed, Stock::Same),
    ("1.3", "a wrong terminator", b"6.select,3.vnc!", Wanted::Closed, Stock::Same),
    ("1.3", "a length without end of digits", b"6select,3.vnc;", Wanted::Closed, Stock::Same),
    ("1.3", "a negative length", b"-6.select,3.vnc;", Wanted::Closed, Stock::Same),
    ("1.2", "an element that is too long", b"6.select,8193.vnc;", Wanted::Closed, Stock::Same),
    ("1.2", "a length that no number holds", b"6.select,99999999999999999999999.v;", Wanted::Closed,
        Stock::Differs("its number overflows")),
    ("1.1", "text that is not UTF-8", b"6.select,1.\xff;", Wanted::Closed,
        Stock::Differs("it counts the byte as a character, and knows no such protocol")),
    ("1.3", "another opcode", b"3.nop;", Wanted::Closed, Stock::Same),
    ("1.3", "the empty opcode", b"0.,4.ping,1.1;", Wanted::Closed, Stock::Same),
    ("1.3", "a selection of nothing", b"6.select;", Wanted::Closed, Stock::Same),
    ("1.3", "a selection of two", b"6.select,3.vnc,3.vnc;", Wanted::Closed, Stock::Same),
    ("7.6", "another protocol", b"6.select,3.rdp;", UNKNOWN_PROTOCOL, SILENT),
    ("10.1", "a protocol's name that is a path", b"6.select,12.../../../vnc;", UNKNOWN_PROTOCOL, SILENT),
    ("7.6", "the empty protocol", b"6.select,0.;", UNKNOWN_PROTOCOL, SILENT),
    ("2.4", "an unknown connection", b"6.select,37.$00000000-0000-4000-8000-000000000000;", UNKNOWN_ID, Stock::Same),
    ("2.4", "a connection that is no id", b"6.select,2.$x;", UNKNOWN_ID, Stock::Same),
];

#[test]
fn first_words() -> Result<()> {
    let title = |row: &Row| (format!("§{} {}", row.0, row.1), row.4);
    Daemons::start()?.check(ROWS, title, |(_, _, bytes, wanted, _), daemon| {
        check(*wanted, bytes, bytes.len(), daemon)?;
        check(*wanted, bytes, 1, daemon)
    })
}

fn check(wanted: Wanted, bytes: &[u8], piece: usize, daemon: SocketAddr) -> Result<()> {
    let mut client = FakeClient::connect(daemon)?;
    for chunk in bytes.chunks(piece) {
        // The daemon may have closed before it was told everything.
        if client.send_raw(chunk).is_err() {
            break;
        }
    }
    match wanted {
        Wanted::Args => {
            let args = client.expect("args")?;
            ensure!(
                args.arg(0) == "VERSION_1_5_0",
                "the version is {:?}",
                args.arg(0)
            );
        }
        Wanted::Closed => {
            let said = client.read_to_end(SOON)?;
            ensure!(said.is_empty(), "the answer is {said:?}");
        }
        Wanted::Error(text, code) => {
            let error = client.read_until(SOON, |i| i.is("error"))?;
            ensure!(
                error.arg(0) == text && error.number(1)? == code,
                "the answer is {error:?}"
            );
            client.read_to_end(SOON)?;
        }
    }
    Ok(())
}

#[test]
fn the_arguments_are_announced_in_order() -> Result<()> {
    let daemon = Guacd::start()?;
    let names = FakeClient::connect(daemon.address())?.select("vnc")?;
    // §4.1: a client answers by place, so these are part of the interface.
    let first = [
        "hostname",
        "port",
        "read-only",
        "disable-display-resize",
        "encodings",
        "username",
        "password",
    ];
    assert_eq!(names[..first.len()], first);
    assert_eq!(
        names[50..53],
        ["force-lossless", "compress-level", "quality-level"]
    );
    // This daemon's own come after all of stock guacd's.
    assert_eq!(
        names[53..],
        [
            "vnc-minimum-security",
            "vnc-ca-certificate",
            "vnc-fingerprint",
            "vnc-server-name"
        ]
    );
    Ok(())
}

/// §11.20: health checks connect and go.
#[test]
fn bare_probes_are_silent() -> Result<()> {
    let mut daemon = Guacd::start()?;
    let before = daemon.log().len();
    for _ in 0..5 {
        drop(FakeClient::connect(daemon.address())?);
    }
    // A session after them shows that the daemon has seen them all.
    // It stays: that it went without a session would be worth a line.
    let mut session = FakeClient::connect(daemon.address())?;
    session.select("vnc")?;
    daemon.await_log("Creating new client", before, Duration::from_secs(5))?;
    let loud = |line: &&String| !line.contains("DEBUG:") && !line.contains("TRACE:");
    let lines: Vec<String> = daemon.log()[before..]
        .iter()
        .filter(loud)
        .cloned()
        .collect();
    let about_the_session =
        |line: &String| line.contains("Creating new client") || line.contains("Connection ID");
    assert!(lines.iter().all(about_the_session), "{lines:?}");
    Ok(())
}
