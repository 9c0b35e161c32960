//! Settings that do not go together, one pair after another.

use super::wrong;

#[test]
fn contradictions_are_found() {
    for (lines, expected) in CONTRADICTIONS {
        let wrong = wrong(lines);
        assert!(wrong.contains(expected), "{lines}\n{wrong}");
        assert!(!wrong.contains("hint: \n"), "{lines}\n{wrong}");
        assert!(
            wrong.starts_with("p.toml:3:") || wrong.starts_with("p.toml:4:"),
            "{wrong}"
        );
    }
}

/// A finding ends up in logs and on screens, where nobody expects a secret.
#[test]
fn secrets_are_not_repeated() {
    for (lines, secret) in [
        ("recording.seal-to = [\"AGE-SECRET-KEY-1QQQ\"]", "1QQQ"),
        ("recording.seal-to = [\"age-secret-key-1qqq\"]", "1qqq"),
        (
            "recording = { evidence = \"/e\", store = \"s3://user:pass@b/p\" }",
            "pass",
        ),
    ] {
        let wrong = wrong(lines);
        assert!(!wrong.contains(secret), "{wrong}");
    }
}

#[test]
fn seventeen_keys_are_too_many() {
    let key = "\"age1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurs95jt69\",";
    let list = |keys| format!("recording.seal-to = [{}]", key.repeat(keys));
    let wrong = wrong(&list(17));
    assert!(wrong.contains("17 keys, and 16 are the most"), "{wrong}");
    super::policy(&format!("{}{}", super::MINIMAL, list(16)));
}

/// Lines that contradict something, and what is said about the first of them.
const CONTRADICTIONS: [(&str, &str); 80] = [
    (
        "clipboard.copy = { allow = false, max-bytes = 1 }",
        "copy.max-bytes: limits what is not allowed",
    ),
    (
        "clipboard.paste.per-minute = 1",
        "paste.per-minute: limits what is not allowed",
    ),
    (
        "clipboard.paste.mime-types = [\"text/plain\"]",
        "paste.mime-types: limits what is not allowed",
    ),
    (
        "clipboard.paste = { allow = true, mime-types = [\"image/png\"] }",
        "VNC carries text only",
    ),
    (
        "clipboard.paste = { allow = true, mime-types = [\"TEXT/plain\"] }",
        "cannot be pasted",
    ),
    (
        "clipboard.paste = { allow = true, mime-types = [\"text/plain;charset=utf-8\"] }",
        "is no text type",
    ),
    (
        "clipboard.copy = { allow = true, max-bytes = 9, bytes-per-minute = 8 }",
        "could never pass",
    ),
    (
        "clipboard.copy = { allow = true, interval = \"0s\" }",
        "no time at all",
    ),
    (
        "clipboard.copy = { allow = true, per-minute = 0 }",
        "has to be a number from 1",
    ),
    (
        "clipboard.copy = { allow = true, max-bytes = 52428801 }",
        "has to be a number from 1",
    ),
    (
        "channels.files = \"allow\"",
        "channels.files: this daemon has no way to carry it",
    ),
    ("channels.usb = true", "only \"deny\" can be promised"),
    (
        "channels.desktop-name = \"alow\"",
        "did you mean \"allow\"?",
    ),
    ("input.key-burst = 3", "key-burst: a burst without its rate"),
    (
        "input.key-burst-per-minute = 3",
        "set input.keys-per-minute too",
    ),
    (
        "input.excess = \"delay\"",
        "input.excess: nothing is too much without a rate",
    ),
    (
        "input = { read-only = true, keys-per-second = 1 }",
        "nobody types",
    ),
    (
        "input.read-only = true\nclipboard.paste.allow = true",
        "paste.allow: no text crosses",
    ),
    (
        "input.read-only = true\nclipboard.copy.allow = true",
        "copy.allow: no text crosses",
    ),
    ("input.keys-per-second = 0", "has to be a number from 1"),
    ("input.keys-per-second = -1", "has to be a number from 1"),
    (
        "input.keys-per-second = 1.5",
        "has to be a number from 1 to 1000000, not the number",
    ),
    (
        "resize = { allow = false, max-width = 5 }",
        "max-width: limits what is not allowed",
    ),
    ("resize.max-width = 0", "has to be a number from 1 to 8192"),
    ("joins.names = [\"a\"]", "joins.names: nobody may join"),
    (
        "joins = { allow = \"nobody\", max-viewers = 3 }",
        "max-viewers: nobody may join",
    ),
    (
        "joins = { allow = \"anyone\", max-viewers = 1 }",
        "nobody could join",
    ),
    (
        "joins = { allow = \"anyone\", max-viewers = 0 }",
        "has to be a number from 1 to 64",
    ),
    (
        "joins = { allow = \"anyone\", names = [] }",
        "an empty list lets nobody join",
    ),
    ("session.max-length = \"0h\"", "no time at all"),
    ("session.max-length = \"9000h\"", "at most 8760 hours"),
    (
        "recording.mode = \"required\"",
        "a recording is required, and may lie nowhere",
    ),
    (
        "recording = { mode = \"required\", paths = [] }",
        "may lie nowhere",
    ),
    (
        "recording = { mode = \"forbidden\", paths = [\"/r\"] }",
        "no recording may lie anywhere",
    ),
    ("recording.paths = [\"recordings\"]", "is no absolute path"),
    ("recording.paths = [\"/r/../etc\"]", "is no absolute path"),
    ("recording.paths = [\"*\", \"/r\"]", "which says all"),
    (
        "recording.names = [\"a\"]",
        "names recordings that may lie nowhere",
    ),
    (
        "recording = { paths = [\"/r\"], names = [\"a/b\"] }",
        "it has a \"/\"",
    ),
    (
        "recording.evidence = \"evidence\"",
        "recording.evidence: \"evidence\" is no absolute path",
    ),
    ("recording.evidence = \"/e/../etc\"", "is no absolute path"),
    ("recording.evidence = \"*\"", "is no absolute path"),
    (
        "recording.evidence = [\"/e\"]",
        "has to be a directory: an absolute path, or \"beside\", not a list",
    ),
    ("recording.seal-to = []", "an empty list seals to nobody"),
    (
        "recording.seal-to = [\"age1xyz\"]",
        "\"age1xyz\" is no age recipient",
    ),
    (
        "recording.seal-to = [\"age1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurs95jt68\"]",
        "is no age recipient",
    ),
    (
        "recording.seal-to = [\"AGE-SECRET-KEY-1QQQ\"]",
        "a secret key is no recipient",
    ),
    (
        "recording.store = \"s3://b/p\"",
        "proves nothing without evidence",
    ),
    (
        "recording = { evidence = \"/e\", store = \"s3://user:pass@b/p\" }",
        "no place for credentials",
    ),
    (
        "recording = { evidence = \"/e\", store = \"https://b/p\" }",
        "is no object store",
    ),
    (
        "recording = { evidence = \"/e\", store = \"s3://b/../p\" }",
        "is no object store",
    ),
    (
        "recording = { evidence = \"/e\", store = \"s3://b/p?x=1\" }",
        "is no object store",
    ),
    (
        "recording = { evidence = \"/e\", store = \"s3:///p\" }",
        "is no object store",
    ),
    (
        "recording = { evidence = \"/e\", store = \"file://b/p\" }",
        "is no object store",
    ),
    ("recording.store-within = \"5m\"", "and there is none"),
    ("recording.store-backlog-bytes = 1", "and there is none"),
    (
        "recording = { mode = \"forbidden\", evidence = \"/e\" }",
        "evidence: nothing is recorded",
    ),
    (
        "recording = { mode = \"forbidden\", seal-to = [\"age1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurs95jt69\"] }",
        "seal-to: nothing is recorded",
    ),
    (
        "recording = { mode = \"forbidden\", evidence = \"/e\", store = \"s3://b\" }",
        "store: nothing is recorded",
    ),
    (
        "recording = { mode = \"forbidden\", end-after = \"1m\" }",
        "end-after: nothing is recorded",
    ),
    (
        "recording = { mode = \"forbidden\", break-glass = true }",
        "break-glass: nothing is recorded",
    ),
    (
        "recording.free-bytes = 0",
        "has to be a number from 1 to 1099511627776",
    ),
    (
        "recording.backlog-bytes = 1099511627777",
        "has to be a number from 1 to 1099511627776",
    ),
    ("recording.freeze-after = \"25h\"", "at most 24 hours"),
    ("recording.freeze-after = \"0s\"", "no time at all"),
    ("recording.break-glass = \"yes\"", "has to be true or false"),
    (
        "parameters = { force = { cursor = \"remote\" }, refuse = [\"cursor\"] }",
        "and forced as well",
    ),
    (
        "parameters = { allow = [\"cursor\"], refuse = [\"cursor\"] }",
        "and allowed as well",
    ),
    (
        "parameters.refuse = [\"disable-copy\"]",
        "\"disable-copy\" cannot be refused",
    ),
    (
        "parameters.refuse = [\"enable-sfpt\"]",
        "did you mean \"enable-sftp\"?",
    ),
    (
        "parameters.force = { disable-copy = \"false\" }",
        "only takes away",
    ),
    (
        "parameters.force = { vnc-minimum-security = \"any\" }",
        "only takes away",
    ),
    (
        "parameters.force = { read-only = true }",
        "has to be a text, not true",
    ),
    (
        "parameters.force = { hostname = \"10.0.0.1\" }",
        "targets.allow does not permit \"10.0.0.1\"",
    ),
    (
        "parameters.force = { hostname = \"127.0.0.1\", port = \"22\" }",
        "does not permit \"127.0.0.1:22\"",
    ),
    (
        "parameters.force = { hostname = \"unix:/x\" }",
        "does not permit \"unix:/x\"",
    ),
    (
        "parameters.force = { dest-host = \"ID:1\" }",
        "a way to desktops that is closed: repeater",
    ),
    (
        "parameters.force = { reverse-connect = \"true\" }",
        "a way to desktops that is closed: reverse-connect",
    ),
    (
        "parameters.force = { recording-path = \"/tmp\" }",
        "recording.paths does not permit \"/tmp\"",
    ),
    (
        "recording = { mode = \"required\", paths = [\"/r\"] }\nparameters.force = { recording-exclude-output = \"true\" }",
        "a recording that is required is whole",
    ),
];
