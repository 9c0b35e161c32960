//! What the tool says, row by row.

use std::path::PathBuf;

use super::*;

fn document(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/policies");
    path.join(name).display().to_string()
}

fn run(words: &[&str]) -> Result<String, String> {
    let words: Vec<_> = words.iter().map(OsString::from).collect();
    answer(&words, Policy::builtin()).map_err(|error| error.to_string())
}

/// The rows of an explanation without the blanks of their columns.
fn explained(words: &[&str]) -> String {
    let words: Vec<_> = ["explain"].iter().chain(words).copied().collect();
    let text = run(&words).unwrap();
    let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(squeezed).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn says(explanation: &str, rows: &[&str]) {
    for row in rows {
        let found = explanation.lines().any(|line| line.starts_with(row));
        assert!(found, "{row}\n{explanation}");
    }
}

#[test]
fn the_strict_policy_reads_like_its_promise() {
    let strict = explained(&[&document("strict.toml")]);
    says(
        &strict,
        &[
            "Only pixels leave; keys, pointer and size enter; 2 targets; nobody joins; every session is recorded, with evidence.",
            "pixels | passes | always |",
            "clipboard text, copied | refused | line 23 | clipboard.copy.allow = false",
            "clipboard text, pasted | refused | line 27 | clipboard.paste.allow = false",
            "the desktop's name | refused | line 37 |",
            "files, downloaded or printed | refused | line 31 | channels.files = \"deny\", and no policy can open it",
            "named pipes, opened by a viewer | refused | always |",
            "USB devices | refused | line 35 |",
            "keys | passes | line 42 | 30 a second, 300 at once; beyond that, input.excess = \"delay\"",
            "any other host or port | refused | line 13 |",
            "anybody beside the one who started the session | refused | line 48 |",
            "a session after 12h | ended | line 53 |",
            "every session | recorded | line 58 |",
            "evidence of recordings | kept | line 62 | recording.evidence = \"/evidence\"",
            "recordings, for who can read the files | readable | left out | no recording.seal-to",
            "what waits to be recorded, for 2s | freezes | left out | recording.freeze-after = \"2s\"",
            "a session that is frozen for 30s | ended | left out |",
            "a session whose recording cannot be made or fails | ended | left out | recording.break-glass = false",
            "recordings elsewhere | refused | line 59 | recording.paths: in and below /recordings",
        ],
    );
    let passes: Vec<_> = strict
        .lines()
        .filter(|line| line.contains("| passes |"))
        .collect();
    assert_eq!(passes.len(), 7, "{passes:#?}");
}

/// An explanation of this document.
fn explained_document(lines: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.toml");
    let document = format!("version = 1\ntargets.allow = [\"127.0.0.1:5901\"]\n{lines}");
    std::fs::write(&file, document).unwrap();
    explained(&[&file.display().to_string()])
}

#[test]
fn how_recordings_are_kept_is_explained() {
    let told = explained_document(
        "[recording]\nmode = \"required\"\npaths = [\"/r\"]\nevidence = \"beside\"\nbreak-glass = true\n\
         store = \"s3://b/p\"\nstore-within = \"1h\"\nfreeze-after = \"1m30s\"\nbacklog-bytes = 4096\n",
    );
    says(
        &told,
        &[
            "Only pixels leave; keys, pointer and size enter; 1 target; nobody joins; every session is recorded that can be, with evidence.",
            "evidence of recordings | kept | line 6 | recording.evidence = \"beside\": who is offered",
            "closed segments of recordings | stored | line 8 | recording.store = \"s3://b/p\"",
            "what waits for the store, for 1h | freezes | line 9 |",
            "what waits to be recorded, for 1m30s | freezes | line 10 |",
            "what waits to be recorded, beyond 4096 bytes | freezes | line 11 |",
            "a session whose recording cannot be made or fails | goes on | line 7 | recording.break-glass = true",
        ],
    );
    let key = "age1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurs95jt69";
    let sealed = explained_document(&format!("recording.seal-to = [\"{key}\"]\n"));
    says(
        &sealed,
        &[
            "Only pixels leave; keys, pointer and size enter; 1 target; nobody joins; recorded if asked for, sealed.",
            "recordings, for who can read the files | sealed | line 3 | recording.seal-to: only with one of 1 secret keys",
            "evidence of recordings | not kept | left out |",
        ],
    );
    assert!(!sealed.contains("the store"));
    let none = explained_document("recording.mode = \"forbidden\"");
    assert!(!none.contains("evidence of") && !none.contains("freezes"));
}

#[test]
fn without_a_file_the_built_in_policy_is_explained() {
    let builtin = explained(&[]);
    says(
        &builtin,
        &[
            "The built-in policy",
            "clipboard text, copied | refused | built in | clipboard.copy.allow = false",
            "any host and port | reached | built in |",
            "others, with keyboard and pointer | may join | built in | joins.allow = \"anyone\"",
            "a session left idle for any time | goes on | built in |",
            "recordings anywhere | allowed |",
        ],
    );
    assert!(!builtin.contains("any other host"));
}

#[test]
fn parameters_tighten_and_never_open() {
    let stock = document("stock-compatible.toml");
    let open = explained(&[&stock]);
    let copied = "clipboard text, copied | passes | line 24 | clipboard.copy.allow = true: 52428800 bytes at once";
    says(
        &open,
        &[
            copied,
            "the desktop's name | passes |",
            "desktops behind an UltraVNC repeater | open |",
        ],
    );
    let tight = explained(&[
        &stock,
        "--param",
        "disable-copy=true",
        "--param",
        "clipboard-buffer-size=262144",
    ]);
    says(
        &tight,
        &[
            "clipboard text, copied | refused | parameter | parameter disable-copy = true",
            "clipboard text, pasted | passes | line 29 | clipboard.paste.allow = true: 262144 bytes at once",
            "a session with these parameters | starts |",
        ],
    );
    let looking = explained(&[&stock, "--param", "read-only=true"]);
    says(
        &looking,
        &[
            "keys | ignored | parameter | parameter read-only = true",
            "pixels | passes",
        ],
    );
    let strict = explained(&[&document("strict.toml"), "--param", "disable-copy=false"]);
    says(&strict, &["clipboard text, copied | refused | line 23 |"]);
}

#[test]
fn one_who_joins_is_held_by_both() {
    let stock = document("stock-compatible.toml");
    let joiner = explained(&[
        &stock,
        "--param",
        "disable-copy=true",
        "--joiner",
        "--param",
        "disable-paste=true",
    ]);
    says(
        &joiner,
        &[
            "For one who joins a session, with these parameters:",
            "joining a session | passes | line 38 |",
            "clipboard text, copied | refused | parameter | parameter disable-copy = true",
            "clipboard text, pasted | refused | parameter | parameter disable-paste = true",
            "the size of the browser's window | ignored | always | only the one who started",
            "a password that the daemon asks for | refused | always |",
        ],
    );
    let strict = explained(&[&document("strict.toml"), "--joiner"]);
    says(
        &strict,
        &[
            "joining a session | refused | line 48 |",
            "keys | ignored | line 48 |",
        ],
    );
}

#[test]
fn connections_are_refused_as_the_daemon_would() {
    let strict = document("strict.toml");
    for (parameter, expected) in [
        (
            "hostname=127.0.0.1",
            "| refused | line 13 | targets.allow does not name that desktop",
        ),
        (
            "hostname=unix:/run/vnc.sock",
            "| refused | | parameter \"hostname\"",
        ),
        ("dest-host=other", "| refused | | parameter \"dest-host\""),
        (
            "reverse-connect=true",
            "| refused | | parameter \"reverse-connect\"",
        ),
        ("recording-path=/tmp", "| refused |"),
        ("recording-exclude-output=true", "| refused |"),
        ("wol-send-packet=true", "| starts |"),
        ("hostname=desktop", "| starts |"),
    ] {
        let told = explained(&[&strict, "--param", parameter]);
        says(
            &told,
            &[&format!("a session with these parameters {expected}")],
        );
    }
    let told = explained(&[
        &strict,
        "--param",
        "enable-sftp=true",
        "--param",
        "port=5901",
        "--param",
        "hostname=127.0.0.1",
    ]);
    says(
        &told,
        &[
            "parameter enable-sftp | dropped | line 70 |",
            "a session with these parameters | starts |",
        ],
    );
}

#[test]
fn what_is_not_asked_rightly_is_told() {
    for words in [
        &[] as &[&str],
        &["chek"],
        &["check"],
        &["check", "--x"],
        &["default", "x"],
        &["explain", "a", "b"],
        &["explain", "--param"],
        &["explain", "--param", "read-only"],
        &["explain", "--param", "readonly=true"],
        &["explain", "--joiner", "--joiner"],
        &["explain", "--file"],
    ] {
        let problem = run(words).unwrap_err();
        assert!(problem.starts_with("guacd policy: "), "{problem}");
        assert!(
            problem.contains("USAGE: guacd policy check FILE"),
            "{problem}"
        );
    }
}

#[test]
fn documents_are_checked() {
    let strict = document("strict.toml");
    let checked = run(&["check", &strict]).unwrap();
    assert!(
        checked.starts_with(&format!("{strict}: a valid policy (sha256 ")),
        "{checked}"
    );
    assert_eq!(checked.lines().count(), 2);
    let problem = run(&["check", "/nowhere.toml"]).unwrap_err();
    assert!(
        problem.starts_with("/nowhere.toml: cannot be read: "),
        "{problem}"
    );
    assert_eq!(run(&["default"]).unwrap(), DEFAULT_DOCUMENT);
}

#[test]
fn times_are_written_as_they_are_read() {
    use std::time::Duration;
    for (millis, text) in [
        (5000, "5s"),
        (5_400_000, "1h30m"),
        (43_200_000, "12h"),
        (1500, "1s500ms"),
    ] {
        assert_eq!(rows::shown(Duration::from_millis(millis)), text);
    }
}
