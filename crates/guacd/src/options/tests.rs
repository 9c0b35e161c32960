use super::*;

/// A configuration file of this text that lives as long as the folder.
fn config(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guacd.conf");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn read(words: &[&str], variables: &[(&str, &str)]) -> Result<Request, OptionsError> {
    let words = std::iter::once("guacd").chain(words.iter().copied());
    Request::read(words.map(OsString::from).collect(), |name| {
        let found = variables.iter().find(|(variable, _)| *variable == name)?;
        Some(found.1.into())
    })
}

fn settings(words: &[&str], variables: &[(&str, &str)]) -> Settings {
    match read(words, variables).unwrap() {
        Request::Run(settings) => *settings,
        Request::Print(text) => panic!("printed {text}"),
    }
}

fn refusal(words: &[&str], variables: &[(&str, &str)]) -> String {
    read(words, variables)
        .expect_err("this must be refused")
        .to_string()
}

#[test]
fn without_flags_the_defaults_of_the_c_daemon_hold() {
    let (_folder, path) = config("");
    let expected = Settings {
        bind_host: "localhost".into(),
        bind_port: "4822".into(),
        pid_file: None,
        log_level: LogLevel::Info,
        log_format: LogFormat::Text,
        certificate: None,
        key: None,
        vnc: VncSettings::default(),
        policy: None,
        evidence: None,
        seal_to: vec![],
        decision_log: vec![],
        mode: Mode::Daemonize,
        warnings: vec![],
        ignored_words: 0,
    };
    assert_eq!(settings(&["--config", &path], &[]), expected);
}

#[test]
fn policy_evidence_seal_and_decision_log_have_flags_and_variables() {
    let (_folder, config) = config("");
    let variables = [
        ("GUACD_POLICY", "/etc/Policy.toml"),
        ("GUACD_DECISION_LOG", "-"),
        ("GUACD_EVIDENCE", "/evidence"),
        ("GUACD_SEAL_TO", "age1a, age1b age1c"),
    ];
    let by_environment = settings(&["--config", &config], &variables);
    assert_eq!(by_environment.policy, Some("/etc/Policy.toml".into()));
    assert_eq!(by_environment.decision_log, [PathBuf::from("-")]);
    assert_eq!(by_environment.evidence, Some("/evidence".into()));
    assert_eq!(by_environment.seal_to, ["age1a", "age1b", "age1c"]);
    let words = [
        "--config",
        &config,
        "--policy=p.toml",
        "--evidence=e",
        "--seal-to=age1d",
        "--seal-to",
        "age1e",
        "--decision-log",
        "a",
        "--decision-log=-",
    ];
    let by_flags = settings(&words, &variables);
    assert_eq!(by_flags.policy, Some("p.toml".into()));
    assert_eq!(by_flags.evidence, Some("e".into()));
    assert_eq!(by_flags.seal_to, ["age1d", "age1e"]);
    let both = ["a", "-"].map(PathBuf::from);
    assert_eq!(by_flags.decision_log, both);
}

#[test]
fn short_and_long_flags_mean_the_same() {
    let (_folder, path) = config("");
    let short = settings(
        &[
            "-b", "::1", "-l4823", "-p", "p", "-L", "trace", "-C", "c", "-K", "k", "-f",
            "--config", &path,
        ],
        &[],
    );
    let long = settings(
        &[
            "--bind-host=::1",
            "--listen-port",
            "4823",
            "--pid-file",
            "p",
            "--log-level",
            "trace",
            "--certificate",
            "c",
            "--key",
            "k",
            "--foreground",
            "--config",
            &path,
        ],
        &[],
    );
    assert_eq!(short, long);
    assert_eq!(short.bind_host, "::1");
    assert_eq!(short.bind_port, "4823");
    assert_eq!(short.pid_file, Some("p".into()));
    assert_eq!(short.log_level, LogLevel::Trace);
    assert_eq!(short.certificate, Some("c".into()));
    assert_eq!(short.key, Some("k".into()));
    assert_eq!(short.mode, Mode::Foreground);
}

#[test]
fn flags_behave_as_getopt_flags() {
    let (_folder, path) = config("");
    let combined = settings(&["-fb", "0.0.0.0", "--config", &path], &[]);
    assert_eq!(
        (combined.mode, combined.bind_host.as_str()),
        (Mode::Foreground, "0.0.0.0")
    );
    let repeated = settings(&["-f", "-l", "1", "-f", "-l", "2", "--config", &path], &[]);
    assert_eq!(repeated.bind_port, "2");
    let hyphen = settings(&["-b", "-f", "--config", &path], &[]);
    assert_eq!(
        (hyphen.mode, hyphen.bind_host.as_str()),
        (Mode::Daemonize, "-f")
    );
    let words = settings(&["start", "-f", "now", "--config", &path], &[]);
    assert_eq!((words.mode, words.ignored_words), (Mode::Foreground, 2));
}

#[test]
fn flags_override_environment_overrides_file() {
    let (_folder, path) = config(
        "[server]\nbind_host=a\nbind_port=1\n[daemon]\npid_file=p\nlog_level=error\n\
         [ssl]\nserver_certificate=c\nserver_key=k\n",
    );
    let file = settings(&["--config", &path], &[]);
    assert_eq!(
        (file.bind_host.as_str(), file.bind_port.as_str()),
        ("a", "1")
    );
    assert_eq!(file.pid_file, Some("p".into()));
    assert_eq!(file.certificate, Some("c".into()));
    assert_eq!(file.key, Some("k".into()));
    assert_eq!(file.log_level, LogLevel::Error);

    let environment = [("LOG_LEVEL", "Debug"), ("GUACD_LOG_FORMAT", "json")];
    let over_file = settings(&["--config", &path], &environment);
    assert_eq!(over_file.log_level, LogLevel::Debug);
    assert_eq!(over_file.log_format, LogFormat::Json);

    let flags = [
        "-L",
        "trace",
        "--log-format",
        "text",
        "-b",
        "b",
        "-l",
        "2",
        "--config",
        &path,
    ];
    let over_all = settings(&flags, &environment);
    assert_eq!(over_all.log_level, LogLevel::Trace);
    assert_eq!(over_all.log_format, LogFormat::Text);
    assert_eq!(
        (over_all.bind_host.as_str(), over_all.bind_port.as_str()),
        ("b", "2")
    );
}

#[test]
fn doors_add_up_and_what_is_none_is_refused() {
    let (_folder, path) = config(
        "[vnc]\nallow = reverse-connect\nallow = \"unix:/run/a b\"\nmax_desktop = 100x200\n\
         listen_host = ::1\n",
    );
    let doors = |settings: &Settings| {
        let doors = settings.vnc.allow.iter().map(ToString::to_string);
        doors.collect::<Vec<_>>()
    };
    let file = settings(&["--config", &path], &[]);
    assert_eq!(doors(&file), ["reverse-connect", "unix:/run/a b"]);
    assert_eq!(
        file.vnc.max_desktop.map(|size| (size.0, size.1)),
        Some((100, 200))
    );
    assert_eq!(file.vnc.vnc_listen_host.as_deref(), Some("::1"));

    let flags = [
        "--allow",
        "repeater",
        "--max-desktop=640x480",
        "--allow=unix:/run/vnc",
        "--config",
        &path,
    ];
    let flags = settings(&flags, &[]);
    assert_eq!(doors(&flags), ["repeater", "unix:/run/vnc"]);
    assert_eq!(
        flags.vnc.max_desktop.map(|size| (size.0, size.1)),
        Some((640, 480))
    );

    for (words, problem) in [
        (["--allow", "everything"], "the doors are \"unix:/path\""),
        (
            ["--allow", "unix:run/vnc"],
            "the path of a socket begins with",
        ),
        (["--max-desktop", "9000x9000"], "two numbers from 1 to 8192"),
    ] {
        let text = refusal(&words, &[]);
        assert!(text.contains(problem), "{text}");
    }
}

#[test]
fn the_deprecated_variable_is_honoured_with_a_warning() {
    let (_folder, path) = config("");
    let flags = ["--config", path.as_str()];
    let old = settings(&flags, &[("GUACD_LOG_LEVEL", "debug")]);
    assert_eq!((old.log_level, old.warnings.len()), (LogLevel::Debug, 1));
    let both = settings(
        &flags,
        &[("GUACD_LOG_LEVEL", "debug"), ("LOG_LEVEL", "error")],
    );
    assert_eq!((both.log_level, both.warnings.len()), (LogLevel::Error, 1));
    let empty = settings(&flags, &[("GUACD_LOG_LEVEL", "debug"), ("LOG_LEVEL", "")]);
    assert_eq!(
        (empty.log_level, empty.warnings.len()),
        (LogLevel::Debug, 1)
    );
}

#[test]
fn bad_usage_ends_with_the_usage_line_of_the_c_daemon() {
    for words in [
        ["-x"].as_slice(),
        &["-h"],
        &["-l"],
        &["--no-such-flag"],
        &["-f", "-b"],
    ] {
        let text = refusal(words, &[]);
        let usage = "USAGE: guacd [-l LISTENPORT] [-b LISTENADDRESS] [-p PIDFILE] [-L LEVEL] \
                     [-C CERTIFICATE_FILE] [-K PEM_FILE] [-f] [-v]";
        assert_eq!(text.lines().last(), Some(usage), "{words:?}");
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}

#[test]
fn values_out_of_a_list_are_checked() {
    let levels = "Invalid log level. Valid levels are: \"trace\", \"debug\", \"info\", \
                  \"warning\", and \"error\".";
    assert_eq!(refusal(&["-L", "warn"], &[]), levels);
    assert_eq!(refusal(&["-v", "-L", "INFO"], &[]), levels);
    assert_eq!(refusal(&["-L", ""], &[]), levels);
    let formats = "Invalid log format. Valid formats are: \"text\" and \"json\".";
    assert_eq!(refusal(&["--log-format", "xml"], &[]), formats);
    assert_eq!(
        refusal(&[], &[("LOG_LEVEL", "loud")]),
        "LOG_LEVEL: not one of trace, debug, info, warning and error"
    );
    assert_eq!(
        refusal(&[], &[("GUACD_LOG_FORMAT", "xml")]),
        "GUACD_LOG_FORMAT: not one of text and json"
    );
}

#[test]
fn version_and_help_are_printed_whatever_else_is_asked() {
    for (words, start) in [
        (
            ["-v", "-f"].as_slice(),
            "Guacamole proxy daemon (guacd) version ",
        ),
        (
            &["--version", "--config", "/nonexistent"],
            "Guacamole proxy daemon (guacd) version ",
        ),
        (&["--help"], "Guacamole proxy daemon: shows VNC desktops"),
    ] {
        match read(words, &[]).unwrap() {
            Request::Print(text) => assert!(text.starts_with(start), "{text}"),
            Request::Run(settings) => panic!("{words:?} runs {settings:?}"),
        }
    }
}

#[test]
fn a_named_configuration_file_must_exist() {
    assert!(
        refusal(&["--config", "/nonexistent"], &[])
            .starts_with("Unable to open \"/nonexistent\": ")
    );
}
