//! Flags, configuration and environment, as scripts and containers use them.

use anyhow::Result;
use serde_json::Value;
use testkit::process::Process;
use testkit::wait::PATIENCE;

use crate::support::{Daemon, assert_code, command, end_of};

#[test]
fn the_version_is_printed_on_standard_output() -> Result<()> {
    for flag in ["-v", "--version"] {
        let ended = end_of(&mut command([flag]))?;
        assert_code(&ended, 0)?;
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            ended.stdout,
            format!("Guacamole proxy daemon (guacd) version {version}\n")
        );
        assert_eq!(ended.stderr, "");
    }
    Ok(())
}

/// What was to be sealed is not recorded in the clear since somebody has mistyped a key, or given the wrong half.
#[test]
fn a_daemon_does_not_start_on_what_is_no_public_key() -> Result<()> {
    let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    for key in ["age1", secret] {
        let words = ["-f", "-l", "0", "-b", "127.0.0.1"];
        let by_flag = end_of(command(words).args(["--seal-to", key]))?;
        let by_variable = end_of(command(words).env("GUACD_SEAL_TO", key))?;
        for ended in [by_flag, by_variable] {
            assert_code(&ended, 1)?;
            let said = ended.stdout + &ended.stderr;
            assert!(said.contains("recipient 1 is not"), "{said}");
            assert!(!said.contains(secret), "a secret is not told on");
        }
    }
    Ok(())
}

#[test]
fn help_is_printed_on_standard_output() -> Result<()> {
    let ended = end_of(&mut command(["--help"]))?;
    assert_code(&ended, 0)?;
    for flag in [
        "-b, --bind-host",
        "-l, --listen-port",
        "-f, --foreground",
        "--log-format",
        "--allow <DOOR>",
        "--max-desktop <WIDTHxHEIGHT>",
        "--vnc-listen-host <HOST>",
        "--vnc-minimum-security <LEVEL>",
        "--vnc-ca <FILE>",
        "--vnc-fingerprint <HEX,...>",
    ] {
        assert!(ended.stdout.contains(flag), "{}", ended.stdout);
    }
    assert!(!ended.stdout.contains("detached"), "{}", ended.stdout);
    Ok(())
}

#[test]
fn bad_usage_ends_with_1_and_the_usage_line() -> Result<()> {
    for arguments in [["-x"].as_slice(), &["-l"], &["-f", "--unknown"]] {
        let ended = end_of(&mut command(arguments))?;
        assert_code(&ended, 1)?;
        let usage = format!(
            "USAGE: {} [-l LISTENPORT] [-b LISTENADDRESS] [-p PIDFILE] [-L LEVEL] \
             [-C CERTIFICATE_FILE] [-K PEM_FILE] [-f] [-v]",
            env!("CARGO_BIN_EXE_guacd")
        );
        assert_eq!(ended.stderr.lines().last(), Some(usage.as_str()));
        assert_eq!(ended.stdout, "");
    }
    Ok(())
}

#[test]
fn an_unknown_level_ends_with_1() -> Result<()> {
    for arguments in [["-L", "warn"].as_slice(), &["-f", "--log-level=INFO"]] {
        let ended = end_of(&mut command(arguments))?;
        assert_code(&ended, 1)?;
        assert_eq!(
            ended.stderr,
            "Invalid log level. Valid levels are: \"trace\", \"debug\", \"info\", \"warning\", \
             and \"error\".\n"
        );
    }
    Ok(())
}

#[test]
fn a_wrong_configuration_is_refused_with_file_and_line() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("guacd.conf");
    for (text, line, problem) in [
        (
            "[server]\nbind_prot = 1\n",
            2,
            "column 1: Invalid parameter or section name",
        ),
        (
            "[http]\n\nport = 1\n",
            3,
            "column 1: Invalid parameter or section name",
        ),
        ("[server]\n\nbind_port 1\n", 3, "column 11: '=' expected"),
        (
            "bind_port = 1\n",
            1,
            "column 1: Parameters must have a corresponding section",
        ),
    ] {
        std::fs::write(&path, text)?;
        for mode in [["-f"].as_slice(), &[]] {
            let ended = end_of(command(["--config"]).arg(&path).args(mode))?;
            assert_code(&ended, 1)?;
            let place = path.display();
            assert_eq!(
                ended.stderr,
                format!("Parse error at line {line}, {problem}.\nUnable to parse \"{place}\".\n")
            );
        }
    }
    Ok(())
}

#[test]
fn the_configuration_file_is_used() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (path, pid_path) = (folder.path().join("guacd.conf"), folder.path().join("pid"));
    let text = format!(
        "[server]\nbind_host = \"127.0.0.1\" # here\nbind_port = 0\n[daemon]\nlog_level = debug\n\
         pid_file = \"{}\"\n",
        pid_path.display()
    );
    std::fs::write(&path, text)?;
    let daemon = Daemon::start_command(command(["-f", "--config"]).arg(&path))?;
    assert_eq!(
        std::fs::read_to_string(&pid_path)?,
        format!("{}\n", daemon.process.id())
    );
    assert_ne!(daemon.lines_of("DEBUG"), Vec::<String>::new());
    Ok(())
}

#[test]
fn the_variables_of_the_stock_image_set_the_level() -> Result<()> {
    let with = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = command(["-f", "-l", "0"]);
        command.args(arguments).envs(variables.iter().copied());
        Daemon::start_command(&mut command)
    };
    let daemon = with(&[("LOG_LEVEL", "debug")], &[])?;
    assert_ne!(daemon.lines_of("DEBUG"), Vec::<String>::new());
    let daemon = with(&[("LOG_LEVEL", "debug")], &["-L", "info"])?;
    assert_eq!(daemon.lines_of("DEBUG"), Vec::<String>::new());
    let daemon = with(&[("GUACD_LOG_LEVEL", "debug")], &[])?;
    assert_ne!(daemon.lines_of("DEBUG"), Vec::<String>::new());
    let first = daemon.process.lines().first().cloned().unwrap_or_default();
    assert!(
        first.starts_with("WARNING: The GUACD_LOG_LEVEL environment variable"),
        "{first}"
    );
    Ok(())
}

#[test]
fn the_first_lines_are_those_of_the_c_daemon() -> Result<()> {
    let daemon = Daemon::start(&["-b", "127.0.0.1"])?;
    let (pid, port) = (daemon.process.id(), daemon.port);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        daemon.process.lines(),
        [
            format!(
                "guacd[{pid}]: INFO:\tGuacamole proxy daemon (guacd) version {version} started"
            ),
            format!("guacd[{pid}]: INFO:\tListening on host 127.0.0.1, port {port}"),
        ]
    );
    Ok(())
}

#[test]
fn json_lines_are_objects_with_time_level_and_message() -> Result<()> {
    let mut process = Process::start(
        command(["-f", "-l", "0", "-b", "127.0.0.1", "-L", "debug"]).args(["--log-format", "json"]),
    )?;
    process.await_line("listening", 0, PATIENCE, |line| {
        line.contains("Listening on host").then_some(())
    })?;
    for line in process.lines() {
        let value: Value = serde_json::from_str(&line)?;
        let time = value["timestamp"].as_str().unwrap_or_default();
        assert!(
            time.len() >= 20 && time.ends_with('Z') && time.as_bytes()[10] == b'T',
            "{line}"
        );
        assert!(
            value["level"].is_string() && value["message"].is_string(),
            "{line}"
        );
    }
    Ok(())
}
