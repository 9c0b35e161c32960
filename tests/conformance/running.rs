//! What a client may say in a running session: short, odd, refused, and too much.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use testkit::vnc_server::message::raw_update;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::until_true;
use testkit::{FakeClient, Handshake};

use super::{Daemons, SOON, Stock};

/// What an instruction comes to.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    /// The session goes on as if nothing had been said.
    Nothing,
    /// These acknowledgements: stream, text, status. Then the session goes on.
    Acks(&'static [(i64, &'static str, i64)]),
    /// The session ends with an error.
    Error,
    /// The session ends without one.
    End,
}

/// Section, what, the text, what is wanted, and whether a stock daemon does it too.
type Row = (&'static str, &'static str, String, Wanted, Stock);

const STALE: Stock = Stock::Unsteady("it reads what the instruction before left behind");
const NOT_FORBIDDEN: Stock =
    Stock::Differs("it says unsupported (256), and with the next nop only");
const HANGS: Stock = Stock::Unsteady("its session hangs now and then");
const SPLIT: Stock = Stock::Differs("it ends the session without an error");

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let row = |section, what, text: &str, wanted, stock| (section, what, text.to_owned(), wanted, stock);
    let ack = Wanted::Acks;
    vec![
        row("3.1", "nop", "3.nop;", Wanted::Nothing, Stock::Same),
        row("1.1", "the empty opcode", "0.,4.ping,13.1700000000000;", Wanted::Nothing, Stock::Same),
        row("1.3", "an unknown opcode", "6.future,1.1,1.2;", Wanted::Nothing, Stock::Same),
        row("3.1", "touch", "5.touch,1.0,1.1,1.1,1.1,1.1,1.0,1.1;", Wanted::Nothing, Stock::Same),
        row("3.1", "USB", "10.usbconnect,1.1,1.2,1.3,1.4,1.5,1.6,1.7,1.8,1.9;13.usbdisconnect,1.1;", Wanted::Nothing, Stock::Same),
        row("3.1", "objects that do not exist", "3.get,1.0,1./;3.put,1.0,1.5,10.text/plain,1.a;", Wanted::Nothing, Stock::Same),
        row("3.1", "an upload", "4.file,1.0,10.text/plain,1.a;", ack(&[(0, "File transfer unsupported", 771)]), NOT_FORBIDDEN),
        row("3.1", "data and end of a refused stream, and more data", "4.file,1.3,10.text/plain,1.a;4.blob,1.3,4.YWJj;3.end,1.3;4.blob,1.3,4.YWJj;",
            ack(&[(3, "File transfer unsupported", 771), (3, "File transfer unsupported", 771), (3, "Invalid stream index", 768)]), NOT_FORBIDDEN),
        row("3.1", "a pipe", "4.pipe,1.1,10.text/plain,1.a;", ack(&[(1, "Named pipes unsupported", 771)]), NOT_FORBIDDEN),
        row("3.1", "a microphone", "5.audio,1.2,31.audio/L16;rate=44100,channels=2;", ack(&[(2, "Audio input unsupported", 771)]), NOT_FORBIDDEN),
        row("3.1", "a parameter nobody asked for", "4.argv,1.4,10.text/plain,8.password;", ack(&[(4, "Not allowed.", 771)]), Stock::Same),
        row("3.1", "a paste", "9.clipboard,1.5,10.text/plain;", ack(&[(5, "Clipboard unsupported", 771)]),
            Stock::Differs("it lets the clipboard through")),
        row("3.1", "a stream out of range", "4.file,3.512,10.text/plain,1.a;", ack(&[(512, "Invalid stream index", 768)]), Stock::Same),
        row("3.1", "a stream below zero", "4.blob,2.-1,4.YWJj;", ack(&[(-1, "Invalid stream index", 768)]), Stock::Same),
        row("3.1", "acknowledgements of nothing", "3.ack,1.1,2.OK,1.0;3.ack,2.-4,2.OK,1.0;3.ack,6.999998,0.,1.0;", Wanted::Nothing, Stock::Same),
        row("1.3", "known opcodes without arguments", "5.mouse;3.key;4.size;4.sync;4.blob;3.end;3.ack;9.clipboard;4.file;4.pipe;5.audio;4.argv;3.get;3.put;5.touch;",
            Wanted::Nothing, STALE),
        row("1.3", "too few arguments", "5.mouse,1.1,1.1;3.key,2.97;4.size,3.640;", Wanted::Nothing, STALE),
        row("1.3", "too many arguments", "3.nop,1.1;5.mouse,1.1,1.1,1.0,1.9,1.9;", Wanted::Nothing, HANGS),
        row("1.3", "words for numbers", "5.mouse,1.x,1.y,1.z;3.key,1.a,1.b;4.sync,3.now;4.size,4.wide,4.high;", Wanted::Nothing, HANGS),
        row("11.8", "a sync ahead of the server's", "4.sync,19.9223372036854775807;", Wanted::Nothing,
            Stock::Differs("it ends the session without a word")),
        row("3.4", "a sync from before", "4.sync,1.0;4.sync,2.-1;4.sync,1.1;", Wanted::Nothing, Stock::Same),
        row("5", "odd sizes", "4.size,1.0,1.0;4.size,2.-1,2.-1;4.size,6.100000,6.100000;4.size,3.640,1.0;", Wanted::Nothing, HANGS),
        row("5", "a pointer off the screen", "5.mouse,2.-5,2.-5,1.0;5.mouse,5.99999,5.99999,1.0;5.mouse,10.2147483648,1.1,4.9999;", Wanted::Nothing, HANGS),
        row("3.1", "keys there are not", "3.key,10.4294967295,1.1;3.key,2.-1,1.1;3.key,19.9223372036854775807,1.0;", Wanted::Nothing, Stock::Same),
        row("1.2", "the longest element", &format!("6.future,8192.{};", "€".repeat(8192)), Wanted::Nothing, Stock::Same),
        row("1.2", "an element that is too long", &format!("6.future,8193.{};", "x".repeat(8193)), Wanted::Error, SPLIT),
        row("11.2", "text beyond the first plane, counted in code points", "6.future,4.ß€漢😀;", Wanted::Nothing, Stock::Same),
        row("11.2", "the same counted in UTF-16", "6.future,5.ß€漢😀;3.nop;", Wanted::Error, SPLIT),
        row("11.2", "the same counted in bytes", "6.future,12.ß€漢😀;3.nop;3.nop;", Wanted::Error, SPLIT),
        row("1.1", "a zero character", "6.future,3.a\0b;", Wanted::Nothing, Stock::Same),
        row("1.1", "an empty length", ".,4.ping,1.1;", Wanted::Nothing, Stock::Same),
        row("1.2", "an instruction that is too long", &format!("6.future{};", format!(",8192.{}", "x".repeat(8192)).repeat(4)), Wanted::Error, SPLIT),
        row("1.2", "128 elements", &format!("6.future{};", ",1.x".repeat(127)), Wanted::Nothing, Stock::Same),
        row("1.2", "too many elements", &format!("6.future{};", ",1.x".repeat(128)), Wanted::Error, SPLIT),
        row("1.3", "a newline between instructions", "3.nop;\n3.nop;", Wanted::Error, SPLIT),
        row("1.3", "a wrong terminator", "3.nop!", Wanted::Error, SPLIT),
        row("3.1", "disconnect", "10.disconnect;", Wanted::End, Stock::Differs("it leaves closing to the client")),
    ]
}

#[test]
fn instructions_of_a_running_session() -> Result<()> {
    let title = |row: &Row| (format!("§{} {}", row.0, row.1), row.4);
    Daemons::start()?.check(&rows(), title, |(_, _, text, wanted, _), daemon| {
        check(text, usize::MAX, *wanted, daemon).context("at once")?;
        check(text, text.len().div_ceil(200), *wanted, daemon).context("in pieces")
    })
}

fn check(text: &str, piece: usize, wanted: Wanted, daemon: SocketAddr) -> Result<()> {
    let server = FakeVncServer::start(Script::Serve)?;
    let mut client = FakeClient::open(daemon, &Handshake::vnc(server.port()))?;
    client.expect("sync")?;
    for chunk in text.as_bytes().chunks(piece) {
        client.send_raw(chunk)?;
    }
    match wanted {
        Wanted::Nothing => {}
        Wanted::Acks(acks) => {
            for (stream, message, status) in acks {
                let ack = client.expect("ack")?;
                let told = (ack.number(0)?, ack.arg(1), ack.number(2)?);
                ensure!(told == (*stream, *message, *status), "{ack:?}");
            }
        }
        Wanted::Error => {
            client.read_until(SOON, |i| i.is("error"))?;
            client.read_to_end(SOON)?;
            return Ok(());
        }
        Wanted::End => {
            let last = client.read_to_end(SOON)?;
            ensure!(!last.iter().any(|i| i.is("error")), "{last:?}");
            return Ok(());
        }
    }
    goes_on(&mut client, &server)
}

/// A change on the desktop arrives, and a key gets through.
fn goes_on(client: &mut FakeClient, server: &FakeVncServer) -> Result<()> {
    client.send("key", &["65307", "1"])?;
    client.send("key", &["65307", "0"])?;
    server.await_messages("the key", SOON, |said| {
        use testkit::vnc_server::ClientMessage::Key;
        said.contains(&Key {
            keysym: 0xff1b,
            pressed: false,
        })
        .then_some(())
    })?;
    server.send(&raw_update(3, 3, 5, 5, 0x12_3456))?;
    let drawn = client.read_until(SOON, |i| i.is("cfill") || i.is("img") || i.is("error"))?;
    ensure!(!drawn.is("error"), "{drawn:?}");
    client.expect("sync").map(drop)
}

/// §11.1 and §11.8: no instruction is longer than the Java client takes, and time runs forward.
#[test]
fn what_is_sent_keeps_the_limits() -> Result<()> {
    let daemon = testkit::Guacd::start()?;
    let server = FakeVncServer::with_size(Script::Serve, 1024, 768)?;
    let mut client = FakeClient::open(daemon.address(), &Handshake::vnc(server.port()))?;
    client.expect("sync")?;
    let mut time = client.last_sync;
    for round in 0..20u32 {
        let noise = testkit::Picture::pattern(256, 200, round);
        let mut update = raw_update(round as u16 * 7, 11, 256, 200, 0);
        let pixels = update.len() - noise.pixels.len() * 4;
        update.truncate(pixels);
        update.extend(noise.pixels.iter().flat_map(|pixel| pixel.to_le_bytes()));
        server.send(&update)?;
        let mut sync = None;
        until_true("a frame", SOON, || {
            let next = client.read(SOON)?.context("the session goes on")?;
            let text = next.encode();
            ensure!(
                text.encode_utf16().count() <= 8192,
                "{} is too long",
                next.opcode
            );
            ensure!(
                !next.is("blob") || next.arg(1).len() <= 8064,
                "a blob is too long"
            );
            sync = next.is("sync").then(|| next.number(0)).transpose()?;
            Ok(sync.is_some())
        })?;
        ensure!(
            time < sync.context("a frame has a time")?,
            "time stands still"
        );
        time = sync.unwrap_or(time);
    }
    Ok(())
}
