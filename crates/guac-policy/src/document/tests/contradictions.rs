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

/// Lines that contradict something, and what is said about the first of them.
const CONTRADICTIONS: [(&str, &str); 53] = [
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
