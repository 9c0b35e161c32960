//! What a session writes to the log, for people who search and programs that read.

use anyhow::{Context, Result};
use serde_json::Value;
use testkit::client::{FakeClient, Handshake};
use testkit::process::Process;
use testkit::vnc_server::{FakeVncServer, Script};
use testkit::wait::PATIENCE;

use crate::support::{Daemon, command, port_of};

#[test]
fn a_session_has_the_lines_of_the_c_daemon() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Serve)?;
    let mut daemon = Daemon::start(&["-b", "127.0.0.1"])?;
    let mut owner = FakeClient::open(
        daemon.address("127.0.0.1")?,
        &Handshake::vnc(desktop.port()),
    )?;
    owner.expect("sync")?;
    let guest = FakeClient::open(daemon.address("127.0.0.1")?, &Handshake::join(&owner.id))?;
    let id = owner.id.clone();
    for text in [
        "INFO:\tCreating new client for protocol \"vnc\"".to_owned(),
        format!("INFO:\tConnection ID is \"{id}\""),
        "INFO:\tCursor rendering: local".to_owned(),
        "worker thread(s).".to_owned(),
        "INFO:\tConnected using RFB 3.8, security: None (1).".to_owned(),
        format!("joined connection \"{id}\" (1 users now present)"),
        format!("INFO:\tJoining existing connection \"{id}\""),
        format!("joined connection \"{id}\" (2 users now present)"),
    ] {
        daemon.await_log(&text)?;
    }
    drop(guest);
    daemon.await_log("disconnected (1 users remain)")?;
    drop(owner);
    daemon.await_log("disconnected (0 users remain)")?;
    daemon.await_log(&format!(
        "INFO:\tLast user of connection \"{id}\" disconnected"
    ))?;
    daemon.await_log("INFO:\tInternal VNC client disconnected")?;
    daemon.await_log(&format!("INFO:\tConnection \"{id}\" removed."))
}

#[test]
fn a_refusal_is_logged_with_the_servers_reason_on_one_line() -> Result<()> {
    let desktop = FakeVncServer::start(Script::Refuse("no\nentry\u{1b}[31m".into()))?;
    let mut daemon = Daemon::start(&["-b", "127.0.0.1"])?;
    let handshake = Handshake::vnc(desktop.port());
    let mut owner = FakeClient::open(daemon.address("127.0.0.1")?, &handshake)?;
    owner.read_to_end(PATIENCE)?;
    daemon.await_log("removed.")?;
    let errors = daemon.lines_of("ERROR");
    let said = |text: &str| errors.iter().any(|line| line.contains(text));
    assert!(
        said("ERROR:\tUnable to connect to VNC server."),
        "{errors:?}"
    );
    assert!(said("no entry [31m"), "{errors:?}");
    Ok(())
}

#[test]
fn handshakes_that_fail_have_the_lines_of_the_c_daemon() -> Result<()> {
    let daemon = Daemon::start(&["-b", "127.0.0.1"])?;
    let failed = "Handshake failed, \"connect\" instruction was not received.";
    let rows: [(&str, &[&str], &[&str]); 3] = [
        (
            "connect",
            &["VERSION_1_5_0", "host"],
            &["Client did not return the expected number of arguments."],
        ),
        (
            "size",
            &["1"],
            &[
                "Received \"size\" instruction lacked required arguments.",
                failed,
            ],
        ),
        ("disconnect", &[], &[failed]),
    ];
    for (opcode, arguments, lines) in rows {
        let before = daemon.lines_of("ERROR").len();
        let mut client = FakeClient::connect(daemon.address("127.0.0.1")?)?;
        client.select("vnc")?;
        client.send(opcode, arguments)?;
        client.finish_sending()?;
        client.read_to_end(PATIENCE)?;
        let logged = until_lines(&daemon, before, lines.len())?;
        for (line, wanted) in logged.iter().zip(lines) {
            assert!(line.ends_with(wanted), "{line} is not {wanted}");
        }
    }
    Ok(())
}

/// The error lines from a place on, once there are as many as this.
fn until_lines(daemon: &Daemon, from: usize, count: usize) -> Result<Vec<String>> {
    testkit::wait::until("error lines", PATIENCE, || {
        let lines = daemon.lines_of("ERROR").split_off(from);
        Ok((count <= lines.len()).then_some(lines))
    })
}

#[test]
fn json_lines_say_which_connection_and_user_they_are_about() -> Result<()> {
    let desktop = FakeVncServer::start(Script::WrongPassword)?;
    let arguments = ["-f", "-l", "0", "-b", "127.0.0.1", "--log-format", "json"];
    let mut process = Process::start(&mut command(arguments))?;
    let port = process.await_line("the port", 0, PATIENCE, |line| {
        let event: Value = serde_json::from_str(line).ok()?;
        port_of(event["message"].as_str()?)
    })?;
    let handshake = Handshake::vnc(desktop.port())
        .with("password", "secret")
        .with("hostname", "127.0.0.1");
    let mut owner = FakeClient::open(([127, 0, 0, 1], port).into(), &handshake)?;
    owner.read_to_end(PATIENCE)?;
    let wanted = "Unable to connect to VNC server.";
    let error = process.await_line("the error", 0, PATIENCE, |line| {
        let event: Value = serde_json::from_str(line).ok()?;
        (event["message"] == wanted).then_some(event)
    })?;
    assert_eq!(error["span"]["connection"], owner.id.as_str());
    let all = process.lines().join("\n");
    assert!(!all.contains("secret"));
    let cursor: Value = all
        .lines()
        .map(serde_json::from_str)
        .find(|event| {
            event
                .as_ref()
                .is_ok_and(|e: &Value| e["message"] == "Cursor rendering: local")
        })
        .context("the client's own line")??;
    assert_eq!(cursor["span"]["connection"], owner.id.as_str());
    assert!(
        cursor["span"]["user"]
            .as_str()
            .is_some_and(|user| user.starts_with('@'))
    );
    assert!(cursor["span"]["peer"].as_str().is_some());
    Ok(())
}
