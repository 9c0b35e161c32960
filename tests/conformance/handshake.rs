//! Between `args` and `ready`: order, repetition, omissions.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::{FakeClient, Handshake, Instruction};

use super::{Daemons, SOON, Stock};

/// What a handshake comes to.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    /// `ready`, then a picture.
    Picture,
    /// `ready`, then an error, then the end.
    ErrorAfterReady,
    /// An error and the end without `ready`.
    Error,
}

/// Makes of a proper handshake what the row is about.
type Change = fn(&mut Vec<Instruction>);

/// Section, what, the change, what is wanted, and whether a stock daemon does it too.
type Row = (&'static str, &'static str, Change, Wanted, Stock);

const MAY_CRASH: Stock =
    Stock::Unsteady("its session's process crashes if the desktop can be resized");
const CRASHES: Stock = Stock::Differs("its session's process crashes");
const WAITS: Stock = Stock::Differs("it says nothing more and leaves the connection open");

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("2.1", "in the usual order", |_| {}, Wanted::Picture, Stock::Same),
    ("2.1", "in another order", |all| { let end = all.len() - 1; all[..end].reverse(); }, Wanted::Picture, Stock::Same),
    ("2.1", "with repetitions", |all| { let twice = all[..4].to_vec(); all.splice(0..0, twice); }, Wanted::Picture, Stock::Same),
    ("2.1", "with empty lists", |all| for part in &mut all[1..4] { if part.opcode != "image" { part.args.clear() } }, Wanted::Picture, Stock::Same),
    ("2.1", "with a time zone and a name", |all| all.splice(0..0, [say("timezone", &["Europe/Berlin"]), say("name", &["ß€漢😀"])]).for_each(drop), Wanted::Picture, Stock::Same),
    ("2.1", "with unknown opcodes", |all| all.splice(1..1, [say("future", &["1"]), say("", &["ping", "1"]), say("nop", &[])]).for_each(drop), Wanted::Picture, Stock::Same),
    ("2.2", "without a resolution", |all| all[0].args.truncate(2), Wanted::Picture, Stock::Same),
    ("2.2", "without a size", |all| drop(all.remove(0)), Wanted::Picture, MAY_CRASH),
    ("2.2", "without image types", |all| all.retain(|part| part.opcode != "image"), Wanted::Picture, CRASHES),
    ("2.2", "without sound and film", |all| all.retain(|part| !["audio", "video"].contains(&part.opcode.as_str())), Wanted::Picture, Stock::Same),
    ("11.3", "with nothing but connect", |all| drop(all.drain(..all.len() - 1)), Wanted::Picture, CRASHES),
    ("2.2", "with a size of nothing", |all| all[0] = say("size", &["0", "0", "0"]), Wanted::Picture, MAY_CRASH),
    ("2.2", "with an absurd size", |all| all[0] = say("size", &["100000", "-1", "96"]), Wanted::Picture,
        Stock::Unsteady("its size is as absurd")),
    ("2.3", "version 1.0.0 by an empty answer", |all| last(all).args[0].clear(), Wanted::Picture, Stock::Same),
    ("2.3", "version 1.1.0", |all| last(all).args[0] = "VERSION_1_1_0".into(), Wanted::Picture, Stock::Same),
    ("2.3", "version 1.3.0", |all| last(all).args[0] = "VERSION_1_3_0".into(), Wanted::Picture, Stock::Same),
    ("2.3", "a version from the future", |all| last(all).args[0] = "VERSION_9_9_9".into(), Wanted::Picture, Stock::Same),
    ("2.3", "a version that is none", |all| last(all).args[0] = "version".into(), Wanted::Picture, Stock::Same),
    ("2.2", "a value too few", |all| drop(last(all).args.pop()), Wanted::ErrorAfterReady, WAITS),
    ("2.2", "a value too many", |all| last(all).args.push(String::new()), Wanted::ErrorAfterReady, WAITS),
    ("2.2", "no values", |all| last(all).args.clear(), Wanted::ErrorAfterReady, WAITS),
    ("2.2", "with half a size", |all| all[0].args.truncate(1), Wanted::Error, WAITS),
    ("1.2", "too many elements", |all| all.insert(0, say("video", &["x"; 128])), Wanted::Error, WAITS),
];

#[test]
fn handshakes() -> Result<()> {
    let server = FakeVncServer::start(Script::Serve)?;
    let title = |row: &Row| (format!("§{} {}", row.0, row.1), row.4);
    Daemons::start()?.check(ROWS, title, |(_, _, change, wanted, _), daemon| {
        check(*change, *wanted, server.port(), daemon, usize::MAX)?;
        check(*change, *wanted, server.port(), daemon, 7)
    })
}

fn check(
    change: Change,
    wanted: Wanted,
    port: u16,
    daemon: SocketAddr,
    piece: usize,
) -> Result<()> {
    let mut client = FakeClient::connect(daemon)?;
    let names = client.select("vnc")?;
    let mut all = Handshake::vnc(port).instructions(&names);
    change(&mut all);
    let text: String = all.iter().map(Instruction::encode).collect();
    for chunk in text.as_bytes().chunks(piece) {
        // The daemon may have closed before it was told everything.
        if client.send_raw(chunk).is_err() {
            break;
        }
    }
    let first = client.read(SOON)?;
    let is_ready = first
        .as_ref()
        .is_some_and(|i| i.is("ready") && is_id('$', i.arg(0)));
    match wanted {
        Wanted::Picture => {
            ensure!(is_ready, "{first:?} came first");
            client
                .read_until(SOON, |i| i.is("img") || i.is("cfill") || i.is("error"))
                .and_then(|i| {
                    ensure!(!i.is("error"), "{i:?}");
                    client.expect("sync").map(drop)
                })
        }
        Wanted::ErrorAfterReady => {
            ensure!(is_ready, "{first:?} came first");
            client.read_until(SOON, |i| i.is("error"))?;
            client.read_to_end(SOON).map(drop)
        }
        Wanted::Error => {
            ensure!(
                first.as_ref().is_some_and(|i| i.is("error")),
                "{first:?} came first"
            );
            client.read_to_end(SOON).map(drop)
        }
    }
}

/// §2.4: a sign and a UUID of version 4 in lower case.
pub(crate) fn is_id(sign: char, text: &str) -> bool {
    let Some(uuid) = text.strip_prefix(sign) else {
        return false;
    };
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let groups: Vec<&str> = uuid.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups.iter().all(|group| group.chars().all(is_hex))
        && groups[2].starts_with('4')
}

fn say(opcode: &str, args: &[&str]) -> Instruction {
    Instruction::new(opcode, args)
}

fn last(all: &mut [Instruction]) -> &mut Instruction {
    all.last_mut().expect("a handshake ends with connect")
}
