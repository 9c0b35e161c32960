use proptest::prelude::*;

use super::*;

fn failure(text: &[u8]) -> (usize, usize, String) {
    let error = parse(text).expect_err("this text is wrong");
    (error.line, error.column, error.problem.to_string())
}

#[test]
fn every_parameter_is_read() {
    let settings = parse(
        b"# guacd\n[server]\nbind_host = 10.0.0.1 # inside\nbind_port=4823\n\n\t[daemon]\n\
          pid_file\t=\t/run/guacd.pid\nlog_level = debug\r\n\r\n[ssl]\n\
          server_certificate = \"/etc/a \\\"b\\\" \\\\ c#.pem\"\nserver_key = /etc/k.pem",
    )
    .unwrap();
    let expected = FileSettings {
        bind_host: Some("10.0.0.1".into()),
        bind_port: Some("4823".into()),
        pid_file: Some("/run/guacd.pid".into()),
        log_level: Some(LogLevel::Debug),
        certificate: Some("/etc/a \"b\" \\ c#.pem".into()),
        key: Some("/etc/k.pem".into()),
        vnc: VncSettings::default(),
    };
    assert_eq!(settings, expected);
}

#[test]
fn the_example_of_the_operators_page_is_read() {
    let page = include_str!("../../../../docs/operator.md");
    let (_, rest) = page.split_once("```ini\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let expected = FileSettings {
        bind_host: Some("127.0.0.1".into()),
        bind_port: Some("4822".into()),
        pid_file: Some("/run/guacd.pid".into()),
        log_level: Some(LogLevel::Info),
        certificate: Some("/etc/guacamole/my \"own\" chain.pem".into()),
        key: Some("/etc/guacamole/key.pem".into()),
        vnc: VncSettings {
            allow: vec![
                "unix:/run/desktop/vnc.sock".parse().unwrap(),
                "wake-on-lan".parse().unwrap(),
            ],
            max_desktop: Some("3840x2160".parse().unwrap()),
            vnc_listen_host: Some("127.0.0.1".into()),
            vnc_minimum_security: Some("verified".parse().unwrap()),
            vnc_ca: Some("/etc/guacamole/vnc-ca.pem".into()),
            vnc_fingerprint: None,
        },
    };
    assert_eq!(parse(example.as_bytes()), Ok(expected));
}

#[test]
fn values_are_taken_as_written() {
    for (written, read) in [
        ("localhost", "localhost"),
        ("\"localhost\"", "localhost"),
        ("\"\"", ""),
        ("\"a b\t#c\"  # d", "a b\t#c"),
        ("\"\\a\\\\\\\"\"", "a\\\""),
        ("\"a\\\nb\"", "a\nb"),
        ("a=b", "a=b"),
        ("[::1]", "[::1]"),
        ("caf\u{e9}", "caf\u{e9}"),
        ("back\\slash", "back\\slash"),
    ] {
        let text = format!("[server]\nbind_host = {written}\n");
        let settings = parse(text.as_bytes()).unwrap();
        assert_eq!(settings.bind_host.as_deref(), Some(read), "{written}");
    }
}

#[test]
fn texts_without_parameters_set_nothing() {
    for text in [
        "",
        "\n",
        "\r",
        "#",
        "# a\r# b\n",
        " \t",
        "[server]",
        "[unknown]\n[daemon] # c",
    ] {
        assert_eq!(
            parse(text.as_bytes()),
            Ok(FileSettings::default()),
            "{text:?}"
        );
    }
}

#[test]
fn the_last_of_repeated_parameters_wins() {
    let settings = parse(b"[server]\nbind_port=1\n[daemon]\n[server]\nbind_port=2\n").unwrap();
    assert_eq!(settings.bind_port.as_deref(), Some("2"));
}

#[test]
fn errors_name_their_line_and_column() {
    let levels = Problem::LogLevel.to_string();
    for (text, line, column, problem) in [
        (
            "bind_host = a\n",
            1,
            1,
            "Parameters must have a corresponding section",
        ),
        ("[server]\n  bind_host a\n", 2, 13, "'=' expected"),
        ("[server]\nbind_host", 2, 10, "'=' expected"),
        (
            "[server]\nbind_host =\n",
            2,
            12,
            "Unquoted values must contain at least one character",
        ),
        (
            "[server]\nbind_host = #a\n",
            2,
            13,
            "Unquoted values must contain at least one character",
        ),
        ("[server]\nbind_host = a b\n", 2, 15, "expected end-of-line"),
        (
            "[server]\nbind_host = a\"b\"\n",
            2,
            14,
            "expected end-of-line",
        ),
        ("[server]\nbind_host = \"a\n", 2, 15, "'\"' expected"),
        ("[server]\nbind_host = \"a\\", 2, 16, "'\"' expected"),
        (
            "[server]\nbind_host = \"a\" b\n",
            2,
            17,
            "expected end-of-line",
        ),
        (
            "[]\n",
            1,
            2,
            "Section names must contain at least one character",
        ),
        ("\r\n\r\n[server\n", 3, 8, "']' expected"),
        (
            "[ server]\n",
            1,
            2,
            "Section names must contain at least one character",
        ),
        (
            "[server]\n\n bind_port = 1\n hind_port = 2\n",
            4,
            2,
            "Invalid parameter or section name",
        ),
        (
            "[serve]\nbind_host = a\n",
            2,
            1,
            "Invalid parameter or section name",
        ),
        (
            "[SERVER]\nbind_host = a\n",
            2,
            1,
            "Invalid parameter or section name",
        ),
        ("[daemon]\rlog_level = chatty\r", 2, 1, &levels),
        ("[daemon]\nlog-level = info\n", 2, 4, "'=' expected"),
        (
            "[vnc]\nallow = repeater\nallow = repeaters\n",
            3,
            1,
            "the doors are \"unix:/path\", \"reverse-connect\", \"repeater\" and \"wake-on-lan\"",
        ),
        (
            "[vnc]\nmax_desktop = huge\n",
            2,
            1,
            "a size is two numbers from 1 to 8192, such as 1920x1080",
        ),
        (
            "[vnc]\nminimum_security = strong\n",
            2,
            1,
            "the levels are \"none\", \"password\", \"encrypted\" and \"verified\"",
        ),
        (
            "[vnc]\nfingerprint = 0a:0b\n",
            2,
            1,
            "a fingerprint is SHA-256: 64 hexadecimal digits, with or without colons",
        ),
        (
            "[vnc]\nallowed = repeater\n",
            2,
            1,
            "Invalid parameter or section name",
        ),
        ("; comment\n", 1, 1, "expected end-of-line"),
    ] {
        assert_eq!(
            failure(text.as_bytes()),
            (line, column, problem.to_owned()),
            "{text:?}"
        );
    }
}

#[test]
fn names_and_values_have_limits() {
    let with_value = |value: &str| format!("[server]\nbind_host = {value}\n").into_bytes();
    assert!(parse(&with_value(&"v".repeat(8191))).is_ok());
    let (line, _, problem) = failure(&with_value(&"v".repeat(8192)));
    assert_eq!(
        (line, problem.as_str()),
        (2, "Values can be no more than 8191 characters long")
    );
    assert!(parse(&with_value(&format!("\"{}\"", "v".repeat(8190)))).is_ok());
    let (_, _, problem) = failure(&with_value(&format!("\"{}\"", "v".repeat(8191))));
    assert_eq!(problem, "Values can be no more than 8191 characters long");

    let (_, _, problem) = failure(format!("[{}]\n", "n".repeat(256)).as_bytes());
    assert_eq!(problem, "Names can be no more than 255 characters long");
    assert!(parse(format!("[{}]\n", "n".repeat(255)).as_bytes()).is_ok());
}

#[test]
fn files_that_are_missing_or_too_large() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guacd.conf");
    assert_eq!(load_if_present(&path).unwrap(), FileSettings::default());
    assert!(matches!(load(&path), Err(ConfigFileError::Open { .. })));

    std::fs::write(&path, vec![b'\n'; 1 << 20]).unwrap();
    assert_eq!(load(&path).unwrap(), FileSettings::default());
    std::fs::write(&path, vec![b'\n'; (1 << 20) + 1]).unwrap();
    assert!(matches!(load(&path), Err(ConfigFileError::Read { .. })));
    assert!(matches!(
        load(folder.path()),
        Err(ConfigFileError::Read { .. })
    ));
}

proptest! {
    #[test]
    fn any_bytes_are_settings_or_an_error_inside_the_text(text: Vec<u8>) {
        if let Err(error) = parse(&text) {
            prop_assert!(1 <= error.line && error.line <= text.len() + 1);
            prop_assert!(1 <= error.column && error.column <= text.len() + 1);
        }
    }

    #[test]
    fn near_grammar_never_panics(text in "([\\[\\]a-z_=\"\\\\# \t\r\n]|\\[server\\]\n|bind_host = ){0,40}") {
        let _ = parse(text.as_bytes());
    }

    #[test]
    fn a_quoted_value_is_read_back(value in "[^\0]{0,200}") {
        let quoted: String = value.chars().flat_map(|c| ['\\', c]).collect();
        let settings = parse(format!("[server]\nbind_host = \"{quoted}\"\n").as_bytes()).unwrap();
        prop_assert_eq!(settings.bind_host, Some(value));
    }
}
