//! Addresses, ports, probes, and running out of file descriptors.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::Result;
use socket2::SockRef;
use testkit::wait::{PATIENCE, until_true};

use crate::support::{
    BOGUS_SELECT, Daemon, assert_answers, assert_closed, assert_code, command, end_of,
};

/// What the log says, at DEBUG, of a connection that ended before its first byte.
const CLOSED: &str = "DEBUG:\tGuacamole connection closed during handshake";

#[test]
fn both_loopback_addresses_answer_by_default() -> Result<()> {
    let mut daemon = Daemon::start(&[])?;
    let port = daemon.port;
    daemon.await_log(&format!("Listening on host 127.0.0.1, port {port}"))?;
    daemon.await_log(&format!("Listening on host ::1, port {port}"))?;
    assert_answers(daemon.address("127.0.0.1")?)?;
    assert_answers(daemon.address("::1")?)
}

#[test]
fn only_the_given_address_answers() -> Result<()> {
    for (bound, other) in [("127.0.0.1", "::1"), ("::1", "127.0.0.1")] {
        let daemon = Daemon::start(&["-b", bound])?;
        assert_answers(daemon.address(bound)?)?;
        assert!(
            TcpStream::connect(daemon.address(other)?).is_err(),
            "{other} is not bound"
        );
    }
    Ok(())
}

#[test]
fn a_port_in_use_ends_with_1() -> Result<()> {
    let holder = TcpListener::bind("127.0.0.1:0")?;
    let port = holder.local_addr()?.port().to_string();
    let ended = end_of(&mut command(["-f", "-b", "127.0.0.1", "-l", &port]))?;
    assert_code(&ended, 1)?;
    assert!(
        ended
            .stderr
            .contains("WARNING:\tUnable to bind AF_INET socket to host 127.0.0.1, port ")
    );
    assert!(
        ended
            .stderr
            .contains("ERROR:\tUnable to bind socket to any addresses.\n")
    );
    Ok(())
}

#[test]
fn hosts_and_ports_that_are_none_end_with_1() -> Result<()> {
    for arguments in [
        ["-b", "host.invalid"],
        ["-b", ""],
        ["-l", "70000"],
        ["-l", "guacd"],
    ] {
        let ended = end_of(command(["-f"]).args(arguments))?;
        assert_code(&ended, 1)?;
        let start = "ERROR:\tError parsing given address or port: ";
        assert!(
            ended.stderr.contains(start),
            "{arguments:?}: {}",
            ended.stderr
        );
    }
    Ok(())
}

#[test]
fn a_thousand_probes_leave_no_line_above_debug() -> Result<()> {
    const PROBES: usize = 1000;
    let daemon = Daemon::start(&["-b", "127.0.0.1", "-L", "debug"])?;
    let address = daemon.address("127.0.0.1")?;
    for probe in 0..PROBES {
        let stream = TcpStream::connect(address)?;
        match probe % 3 {
            // As `nc -z` and container platforms do, as load balancers do, and politely.
            0 => drop(stream),
            1 => SockRef::from(&stream).set_linger(Some(Duration::ZERO))?,
            _ => stream.shutdown(Shutdown::Write)?,
        }
    }
    until_true("the end of all probes", PATIENCE, || {
        Ok(daemon
            .process
            .lines()
            .iter()
            .filter(|line| line.contains(CLOSED))
            .count()
            == PROBES)
    })?;
    for level in ["ERROR", "WARNING"] {
        assert_eq!(daemon.lines_of(level), Vec::<String>::new());
    }
    assert_eq!(
        daemon.lines_of("INFO").len(),
        2,
        "the start and the address"
    );
    assert_answers(address)
}

#[test]
fn running_out_of_descriptors_neither_ends_nor_spins_the_daemon() -> Result<()> {
    let arguments = ["-f", "-l", "0", "-b", "127.0.0.1"];
    let daemon_command = command(arguments);
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -n 40; exec \"$@\"", "sh"]);
    limited
        .arg(daemon_command.get_program())
        .args(daemon_command.get_args());
    limited
        .env_remove("LOG_LEVEL")
        .env_remove("GUACD_LOG_FORMAT");
    let mut daemon = Daemon::start_command(&mut limited)?;
    let address = daemon.address("127.0.0.1")?;
    let idle: Vec<_> = (0..60)
        .map(|_| TcpStream::connect(address))
        .collect::<Result<_, _>>()?;
    daemon.await_log("ERROR:\tCould not accept client connection: ")?;
    drop(idle);
    assert_answers(address)?;
    assert_eq!(
        daemon.lines_of("ERROR").len(),
        1,
        "{:?}",
        daemon.lines_of("ERROR")
    );
    Ok(())
}

#[test]
fn silent_connections_are_bounded_and_make_room_when_they_go() -> Result<()> {
    /// More than the daemon lets wait for their first byte at the same time.
    const SILENT: usize = 520;
    let mut daemon = Daemon::start(&["-b", "127.0.0.1"])?;
    let address = daemon.address("127.0.0.1")?;
    let silent: Vec<_> = (0..SILENT)
        .map(|_| TcpStream::connect(address))
        .collect::<Result<_, _>>()?;
    daemon.await_log("WARNING:\t512 connections have not begun to talk, new ones wait")?;
    let mut late = TcpStream::connect(address)?;
    late.write_all(BOGUS_SELECT)?;
    late.set_read_timeout(Some(Duration::from_millis(300)))?;
    let early = late
        .read(&mut [0; 1])
        .expect_err("it waits behind the others");
    let unanswered = [ErrorKind::WouldBlock, ErrorKind::Interrupted];
    assert!(unanswered.contains(&early.kind()), "{early}");
    drop(silent);
    late.set_read_timeout(Some(PATIENCE))?;
    assert_closed(late.read_to_end(&mut Vec::new()))
}

#[test]
fn a_connection_that_says_nothing_does_not_hold_up_others_nor_the_end() -> Result<()> {
    let mut daemon = Daemon::start(&["-b", "127.0.0.1"])?;
    let address = daemon.address("127.0.0.1")?;
    let mut idle = TcpStream::connect(address)?;
    assert_answers(address)?;
    daemon.process.signal(rustix::process::Signal::TERM)?;
    assert_eq!(
        daemon.process.await_end(Duration::from_secs(4))?.code(),
        Some(0)
    );
    assert_eq!(idle.read(&mut [0; 1]).unwrap_or(0), 0);
    Ok(())
}
