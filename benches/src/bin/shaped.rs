//! A daemon behind a link of some bandwidth and delay, on the loopback interface alone.
//!
//! ```text
//! shaped --port 4822 --megabits 5 --round-trip 100 -- guacd -f -b 127.0.0.1 -l {inner}
//! ```
//!
//! starts the command with a free port for `{inner}`, and carries connections to `--port` to it: bytes
//! to the client leave at the bandwidth and arrive half a round trip later; bytes to the daemon arrive
//! half a round trip later. Like a modem it holds 32 KiB, and reads no more while it is full.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Bytes that wait for the link, as in a modem.
const HELD_BYTES: f64 = 32.0 * 1024.0;
/// Bytes of one packet.
const PACKET: usize = 1448;
/// Packets that can be on their way: more than any bandwidth and delay here fill.
const PACKETS: usize = 16 * 1024;
/// How long the daemon may take to listen.
const START: Duration = Duration::from_secs(10);

struct Link {
    port: u16,
    /// Bytes in a second to the client.
    bandwidth: f64,
    /// One way.
    delay: Duration,
    command: Vec<String>,
}

struct Packet {
    due: Instant,
    bytes: Vec<u8>,
}

fn main() -> Result<()> {
    let link = arguments(std::env::args().skip(1))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, link.port))
        .with_context(|| format!("port {}", link.port))?;
    let inner = free_port()?;
    let mut daemon = start(&link.command, inner)?;
    let deadline = Instant::now() + START;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, inner)).is_err() {
        if let Some(status) = daemon.try_wait()? {
            bail!("the daemon ended: {status}");
        }
        if deadline < Instant::now() {
            daemon.kill()?;
            bail!("the daemon does not listen");
        }
        thread::sleep(Duration::from_millis(5));
    }
    for client in listener.incoming() {
        let (client, server) = (client?, TcpStream::connect((Ipv4Addr::LOCALHOST, inner))?);
        carry(&client, &server, None, link.delay)?;
        carry(&server, &client, Some(link.bandwidth), link.delay)?;
    }
    Ok(())
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Link> {
    let (mut port, mut megabits, mut round_trip) = (4822, 20.0, 20);
    while let Some(option) = given.next() {
        let mut value = || given.next().context("a value is missing");
        match option.as_str() {
            "--port" => port = value()?.parse()?,
            "--megabits" => megabits = value()?.parse()?,
            "--round-trip" => round_trip = value()?.parse()?,
            "--" => break,
            other => bail!("unknown option {other}"),
        }
    }
    Ok(Link {
        port,
        bandwidth: megabits * 125_000.0,
        delay: Duration::from_millis(round_trip) / 2,
        command: given.collect(),
    })
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

fn start(command: &[String], port: u16) -> Result<Child> {
    let (program, arguments) = command.split_first().context("a command after `--`")?;
    let arguments = arguments
        .iter()
        .map(|argument| argument.replace("{inner}", &port.to_string()));
    Command::new(program)
        .args(arguments)
        .spawn()
        .with_context(|| program.clone())
}

/// Carries bytes one way, in two threads that end with either connection.
fn carry(from: &TcpStream, to: &TcpStream, bandwidth: Option<f64>, delay: Duration) -> Result<()> {
    let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
    to.set_nodelay(true)?;
    // What the system would hold in the link's place.
    socket2::SockRef::from(&from).set_recv_buffer_size(16 * 1024)?;
    let (sender, receiver) = sync_channel(PACKETS);
    thread::spawn(move || take(&mut from, bandwidth, delay, &sender));
    thread::spawn(move || {
        give(&mut to, &receiver);
        to.shutdown(Shutdown::Both)
    });
    Ok(())
}

/// Reads packets as the link takes them.
fn take(from: &mut TcpStream, bandwidth: Option<f64>, delay: Duration, to: &SyncSender<Packet>) {
    let mut free = Instant::now();
    let mut buffer = [0; PACKET];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let now = Instant::now();
        free = free.max(now);
        if let Some(bandwidth) = bandwidth {
            free += Duration::from_secs_f64(length as f64 / bandwidth);
            let held = Duration::from_secs_f64(HELD_BYTES / bandwidth);
            thread::sleep(free.saturating_duration_since(now).saturating_sub(held));
        }
        let packet = Packet {
            due: free + delay,
            bytes: buffer[..length].to_vec(),
        };
        if to.send(packet).is_err() {
            return;
        }
    }
}

/// Writes packets when they are due.
fn give(to: &mut TcpStream, packets: &Receiver<Packet>) {
    for Packet { due, bytes } in packets {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if to.write_all(&bytes).is_err() {
            return;
        }
    }
}
