//! What documents open, and what is said about those that are wrong.

mod contradictions;
mod keeping;

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::doors::{Door, VncSecurity};
use crate::policy::{
    ClipboardLimits, ClipboardRule, ClosedDoor, Excess, JoinMode, Key, KeyBudget, Rate,
    RecordingMode, RefusedParameter, ResizeRule,
};

const MINIMAL: &str = "version = 1\ntargets.allow = [\"127.0.0.1:5901\"]\n";

fn policy(text: &str) -> Policy {
    Policy::from_document("p.toml", text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

/// What is wrong with the smallest document once these lines follow it.
fn wrong(lines: &str) -> String {
    let document = format!("{MINIMAL}{lines}");
    match Policy::from_document("p.toml", document.as_bytes()) {
        Ok(_) => panic!("nothing is wrong with {lines}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_default_document_is_the_built_in_policy() {
    let document = policy(DEFAULT_DOCUMENT);
    let rules = document.into_builder().origin(Origin::default()).build();
    assert_eq!(rules, Policy::builtin());
}

#[test]
fn what_is_left_out_is_closed() {
    let policy = policy(MINIMAL);
    assert_eq!(policy.targets(), ["127.0.0.1:5901".parse().unwrap()]);
    assert!(policy.doors().is_empty());
    assert_eq!(policy.clipboard_copy(), &ClipboardRule::Deny);
    assert_eq!(policy.clipboard_paste(), &ClipboardRule::Deny);
    assert!(!policy.desktop_name());
    assert_eq!(policy.joins().mode, JoinMode::Nobody);
    assert_eq!(policy.recording().mode, RecordingMode::Optional);
    assert_eq!(policy.recording().paths, Some(Vec::new()));
    assert_eq!(policy.keys(), None);
    assert_eq!(policy.resize(), ResizeRule::default());
    assert_eq!(policy.parameters().allow, None);
}

#[test]
fn its_origin_knows_the_file_the_digest_and_the_lines() {
    let text = "version = 1\n\n[targets]\n# here\nallow = [\n  \"*:*\",\n]\n[clipboard.copy]\nallow = false\n";
    let policy = policy(text);
    let origin = policy.origin();
    assert_eq!(origin.file(), Some("p.toml"));
    assert_eq!(origin.line(Key::Version), Some(1));
    assert_eq!(origin.line(Key::TargetsAllow), Some(5));
    assert_eq!(origin.line(Key::CopyAllow), Some(9));
    assert_eq!(origin.line(Key::PasteAllow), None);
    let empty = Policy::from_document("e", b"").unwrap_err();
    assert_eq!(empty.findings().len(), 2);
    // printf 'version = 1\ntargets.allow = ["127.0.0.1:5901"]\n' | sha256sum
    let digest = self::policy(MINIMAL).origin().digest().unwrap().to_string();
    assert_eq!(digest, DIGEST_OF_MINIMAL);
}

const DIGEST_OF_MINIMAL: &str = "c547e2bb1443b9b3c604868f3074e3af6158982dfb865574c1a8fbf2680ce03d";

#[test]
fn every_setting_has_its_effect() {
    let policy = policy(EVERYTHING);
    assert!(policy.opens(&"unix:/run/vnc.sock".parse().unwrap()));
    assert!(policy.opens(&Door::WakeOnLan) && !policy.opens(&Door::Repeater));
    assert_eq!(policy.targets().len(), 1);
    assert_eq!(policy.closed_doors(), ClosedDoor::Ignore);
    assert_eq!(policy.vnc_security(), VncSecurity::Encrypted);
    let copy = ClipboardLimits {
        per_minute: Some(6),
        bytes_per_minute: Some(8192),
        interval: Some(Duration::from_secs(10)),
        ..ClipboardLimits::up_to(4096)
    };
    assert_eq!(policy.clipboard_copy(), &ClipboardRule::Allow(copy));
    let paste = ClipboardLimits {
        bytes_per_minute: Some(1000),
        mime_types: vec!["text/plain".into()],
        ..ClipboardLimits::up_to(1000)
    };
    assert_eq!(policy.clipboard_paste(), &ClipboardRule::Allow(paste));
    assert!(policy.desktop_name());
    let rate = |sustained, burst| Some(Rate { sustained, burst });
    let keys = KeyBudget {
        per_second: rate(30, 300),
        per_minute: rate(600, 600),
        excess: Excess::Delay,
    };
    assert_eq!(policy.keys(), Some(keys));
    assert_eq!(policy.resize().max_width, 2560);
    assert_eq!(policy.joins().mode, JoinMode::ReadOnly);
    assert_eq!(policy.joins().max_viewers, 3);
    assert!(policy.joins().takes_name("ann") && !policy.joins().takes_name("bob"));
    assert_eq!(
        policy.session().max_length,
        Some(Duration::from_secs(43_200))
    );
    assert_eq!(policy.session().idle_end, Some(Duration::from_secs(5400)));
    assert_eq!(policy.recording().mode, RecordingMode::Required);
    assert!(policy.recording().takes_path("/recordings/a".as_ref()));
    assert!(!policy.recording().takes_name("x"));
    keeping::is_everything(policy.recording());
    let parameters = policy.parameters();
    assert_eq!(parameters.force["read-only"], "true");
    assert!(parameters.permits("port") && !parameters.permits("cursor"));
    assert_eq!(parameters.refused, RefusedParameter::End);
}

const EVERYTHING: &str = r#"
version = 1
[targets]
allow = ["10.0.0.0/8:5900-5910", "unix:/run/vnc.sock"]
doors = ["wake-on-lan"]
closed-doors = "ignore"
minimum-security = "encrypted"
[clipboard]
copy = { allow = true, max-bytes = 4_096, per-minute = 6, bytes-per-minute = 8192, interval = "10s" }
[clipboard.paste]
allow = true
bytes-per-minute = 1000
mime-types = ["text/plain"]
[channels]
files = "deny"
desktop-name = "allow"
[input]
keys-per-second = 30
key-burst = 300
keys-per-minute = 600
excess = "delay"
[resize]
max-width = 2560
[joins]
allow = "read-only"
names = ["ann"]
max-viewers = 3
[session]
max-length = "12h"
idle-end = "1h30m"
[recording]
mode = "required"
paths = ["/recordings"]
names = ["s-*"]
evidence = "/evidence"
seal-to = ["age1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurs95jt69"]
store = "s3://recordings/desk"
break-glass = true
free-bytes = 1
backlog-bytes = 2
freeze-after = "3s"
end-after = "4s"
disk-within = "5s"
store-within = "6s"
store-backlog-bytes = 7
[parameters]
force = { read-only = "true" }
allow = ["hostname", "port"]
refuse = ["dest-host"]
refused = "end"
"#;

#[test]
fn everything_that_is_wrong_is_said_at_its_place() {
    let text = r#"version = 2
[targets]
alow = ["127.0.0.1:5901"]
doors = ["repeter", "unix:/x"]
[clipboard.copy]
allow = "yes"
max-bytes = 0
[clipboard.paste]
interval = "5 s"
[chanels]
[joins]
allow = "nobdy"
"#;
    let error = Policy::from_document("site.toml", text.as_bytes()).unwrap_err();
    let expected = r#"site.toml:1:1: targets.allow: without a target no desktop could be reached
    hint: in [targets], for example: allow = ["127.0.0.1:5900-5999", "unix:/run/desktop/vnc.sock"]
site.toml:1:11: version: has to be the number 1, not the number "2"
    hint: for example: version = 1
site.toml:3:1: there is no setting or table "alow" in [targets]
    hint: did you mean "allow"?
site.toml:4:10: "repeter" is no door
    hint: did you mean "repeater"?
site.toml:4:21: a socket stands in targets.allow
    hint: move it there
site.toml:6:9: clipboard.copy.allow: has to be true or false, not "yes"
    hint: for example: allow = true
site.toml:7:13: clipboard.copy.max-bytes: has to be a number from 1 to 52428800, not "0"
    hint: for example: max-bytes = 4096
site.toml:9:1: clipboard.paste.interval: limits what is not allowed
    hint: write allow = true beside it, or leave it out
site.toml:9:12: clipboard.paste.interval: has to be a time such as "90s", "30m" or "8h", at most 24 hours, not "5 s"
    hint: whole numbers, each with d, h, m, s or ms, the longest first, such as "1h30m"
site.toml:10:2: there is no setting or table "chanels"
    hint: did you mean "channels"?
site.toml:12:9: joins.allow: has to be "anyone", "read-only" or "nobody", not "nobdy"
    hint: did you mean "nobody"?"#;
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_is_no_toml_is_said_too() {
    let error = Policy::from_document("p", b"version = 1\n[targets\nallow = [1\n").unwrap_err();
    let first = error.findings().first().unwrap();
    assert_eq!(first.line, 2, "{error}");
    assert!(first.problem.starts_with("not TOML: "), "{error}");
    let twice = wrong("version = 1");
    assert!(
        twice.starts_with("p.toml:3:1: not TOML: duplicate key"),
        "{twice}"
    );
    let error = Policy::from_document("p", b"version = 1\n# \xff").unwrap_err();
    assert_eq!(
        error.to_string(),
        "p:2:3: this is not UTF-8\n    hint: save the file as UTF-8"
    );
}

#[test]
fn documents_and_lists_have_an_end() {
    let long = format!("{MINIMAL}#{}", "x".repeat(DOCUMENT_MAX_BYTES));
    let error = Policy::from_document("p", long.as_bytes()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("bytes, and 1048576 are the most")
    );
    let names = "\"x\",".repeat(LIST_MAX_ITEMS + 1);
    let wrong = wrong(&format!(
        "joins = {{ allow = \"anyone\", names = [{names}] }}"
    ));
    assert!(
        wrong.contains("joins.names: 1001 items, and 1000 are the most"),
        "{wrong}"
    );
    let deep = "[".repeat(100_000);
    assert!(Policy::from_document("p", format!("a = {deep}").as_bytes()).is_err());
    let many: String = (0..50_000).map(|n| format!("k{n} = 1\n")).collect();
    let error = Policy::from_document("p", many.as_bytes()).unwrap_err();
    assert!(error.to_string().ends_with(" more"));
}

#[test]
fn names_are_guessed_from_far_and_near() {
    for (lines, meant) in [
        ("clipbord.copy.allow = false", "did you mean \"clipboard\"?"),
        ("idle-end = \"1h\"", "did you mean \"session.idle-end\"?"),
        (
            "clipboard.copy.max_bytes = 1",
            "did you mean \"max-bytes\"?",
        ),
        ("\"targets.doors\" = []", "did you mean \"targets.doors\"?"),
        (
            "session.xyzzyx = 1",
            "known here: \"idle-end\", \"max-length\"",
        ),
        ("input = 3", "write [input] on a line of its own"),
        ("[[session]]", "session is a table"),
    ] {
        let wrong = wrong(lines);
        assert!(wrong.contains(meant), "{lines}\n{wrong}");
    }
}

#[test]
fn findings_repeat_nothing_harmful() {
    let wrong = wrong("\"\\u001b[31m\\n\\u202e\" = 1");
    assert!(wrong.contains("\"?[31m??\""), "{wrong}");
}

#[test]
fn forced_places_that_are_targets_are_right() {
    for force in [
        "hostname = \"127.0.0.1\", port = \"5901\"",
        "hostname = \"127.0.0.1\"",
        "hostname = \"desktop\", port = \"5901\"",
        "port = \"5901\", read-only = \"true\", password = \"\"",
    ] {
        policy(&format!("{MINIMAL}parameters.force = {{ {force} }}"));
    }
}

#[test]
fn each_setting_has_an_example_that_it_takes() {
    for key in Key::ALL {
        let info = key.info();
        assert!(info.meaning.ends_with('.'), "{}", key.name());
        let mut document = format!("{} = {}\n", key.name(), info.example);
        for (other, line) in [Key::Version, Key::TargetsAllow]
            .into_iter()
            .zip(MINIMAL.lines())
        {
            if other != key {
                document.push_str(line);
                document.push('\n');
            }
        }
        let error = Policy::from_document("p", document.as_bytes()).err();
        // Some only make sense together with others.
        let problems = error.iter().flat_map(|error| error.findings());
        for finding in problems {
            assert!(
                !finding.problem.contains("has to be"),
                "{}",
                finding.problem
            );
            assert!(!finding.problem.contains(" is no "), "{}", finding.problem);
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_are_too_much(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        if let Err(error) = Policy::from_document("p", &bytes) {
            prop_assert!(!error.findings().is_empty());
            prop_assert!(error.to_string().lines().all(|line| !line.contains(char::is_control)));
        }
    }

    /// Pieces of real documents in any order, so that more than the TOML parser is reached.
    #[test]
    fn no_document_is_too_much(
        pieces in proptest::collection::vec((0..PIECES.len(), any::<bool>()), 0..40),
    ) {
        let text: String = pieces
            .iter()
            .map(|(piece, line)| format!("{}{}", PIECES[*piece], if *line { "\n" } else { " " }))
            .collect();
        if let Err(error) = Policy::from_document("p", text.as_bytes()) {
            prop_assert!(!error.findings().is_empty());
            for finding in error.findings() {
                prop_assert!(finding.problem.len() < 500 && finding.hint.len() < 500);
            }
        }
    }
}

const PIECES: [&str; 38] = [
    "version = 1",
    "[targets]",
    "allow =",
    "[\"127.0.0.1:1\"]",
    "\"*:*\"",
    "[clipboard.copy]",
    "[clipboard.paste]",
    "allow = true",
    "allow = false",
    "max-bytes = 7",
    "interval = \"1s\"",
    "[channels]",
    "files = \"deny\"",
    "[input]",
    "keys-per-second = 1",
    "excess = \"end\"",
    "read-only = true",
    "[joins]",
    "allow = \"anyone\"",
    "[recording]",
    "mode = \"required\"",
    "paths = [\"/r\"]",
    "evidence = \"/e\"",
    "seal-to = [\"age1\"]",
    "store = \"s3://b\"",
    "end-after = \"1s\"",
    "[parameters]",
    "force = { hostname = \"127.0.0.1\" }",
    "refuse = [\"port\"]",
    "\"",
    "[",
    "]",
    "{",
    "}",
    "=",
    "\u{1b}",
    "ä",
    "99999999999999999999",
];
