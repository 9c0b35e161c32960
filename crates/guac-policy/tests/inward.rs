//! What viewers may do.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "helpers are shared, and fail loudly"
)]

mod common;

use common::{clipboard, gate, owner, say, vet};
use guac_policy::{InputVerdict, Restrictions, Role, limits};

const READ_ONLY: Restrictions = Restrictions {
    read_only: true,
    disable_copy: false,
    disable_paste: false,
    clipboard_bytes: None,
};

#[test]
fn the_builtin_policy_lets_keys_pointer_and_size_in_and_nothing_else() {
    for (line, verdict) in [
        ("key 97 1", "key 97 true"),
        ("key 97 0", "key 97 false"),
        ("key 16905728 1", "key 16905728 true"),
        // Halves of a surrogate pair, and their neighbours.
        ("key 16832511 1", "key 16832511 true"),
        ("key 16832512 1", "ignored keyboard: out of range"),
        ("key 16834559 1", "ignored keyboard: out of range"),
        ("key 16834560 1", "key 16834560 true"),
        ("mouse 3 4 1", "pointer 3 4 1"),
        ("size 800 600", "resize 800 600"),
        ("sync 12", "sync 12"),
        ("nop", "nop"),
        ("disconnect", "disconnect"),
        ("ack 1 OK 0", "ignored stream: acknowledgement"),
        ("touch 0 1 1 1 1 0 0", "ignored touch: not supported"),
        ("_ ping 123", "ignored unknown-opcode: of the tunnel"),
        (
            "clipbaord 0 text/plain",
            "ignored unknown-opcode: unknown opcode",
        ),
        (
            "clipboard 0 text/plain",
            "clipboard.paste / ack 0 Clipboard unsupported 771",
        ),
        (
            "file 1 text/plain f",
            "default-deny / ack 1 File transfer unsupported 771",
        ),
        (
            "pipe 2 text/plain p",
            "default-deny / ack 2 Named pipes unsupported 771",
        ),
        (
            "audio 3 audio/L16",
            "default-deny / ack 3 Audio input unsupported 771",
        ),
        (
            "argv 4 text/plain password",
            "parameter.not-asked / ack 4 Not allowed. 771",
        ),
        (
            "put 0 5 text/plain f",
            "default-deny / ack 5 Object write unsupported 771",
        ),
        ("get 0 /", "default-deny / no reply"),
        ("usbconnect a b c", "default-deny / no reply"),
        ("usbdata a b c d", "default-deny / no reply"),
        ("usbdisconnect a", "default-deny / no reply"),
        (
            "blob 9 AAAA",
            "stream-index / ack 9 Invalid stream index 768",
        ),
        ("end 9", "stream-index / ack 9 Invalid stream index 768"),
        (
            "file 512 text/plain f",
            "stream-index / ack 512 Invalid stream index 768",
        ),
        (
            "clipboard -1 text/plain",
            "stream-index / ack -1 Invalid stream index 768",
        ),
        (
            "blob -1 AAAA",
            "stream-index / ack -1 Invalid stream index 768",
        ),
        (
            "blob 65537 AAAA",
            "stream-index / ack 65537 Invalid stream index 768",
        ),
    ] {
        assert_eq!(say(&mut owner(), line), verdict, "{line}");
    }
}

#[test]
fn pointer_and_size_come_into_range() {
    for (line, verdict) in [
        ("mouse -5 -1 0", "pointer 0 0 0"),
        ("mouse 99999 65536 0", "pointer 65535 65535 0"),
        ("mouse -2147483648 2147483647 -1", "pointer 0 65535 255"),
        ("mouse 1 1 257", "pointer 1 1 1"),
        ("size 20000 10000", "resize 8192 4096"),
        ("size 100000 1", "resize 8192 1"),
        ("size 8192 8192", "resize 8192 8192"),
        ("size 2147483647 2147483647", "resize 8192 8192"),
        ("size 1 1", "resize 1 1"),
        ("size 0 600", "ignored resize: out of range"),
        ("size 800 -1", "ignored resize: out of range"),
    ] {
        assert_eq!(say(&mut owner(), line), verdict, "{line}");
    }
}

#[test]
fn roles_and_restrictions_take_away() {
    let joiner = || gate(clipboard(99), Restrictions::default(), Role::Joiner);
    let reader = || gate(clipboard(99), READ_ONLY, Role::Owner);
    for (line, as_joiner, as_reader) in [
        ("key 97 1", "key 97 true", "ignored keyboard: read-only"),
        ("mouse 3 4 1", "pointer 3 4 1", "ignored pointer: read-only"),
        (
            "size 800 600",
            "ignored resize: not the owner",
            "ignored resize: read-only",
        ),
        (
            "clipboard 0 text/plain",
            "collecting",
            "read-only / ack 0 Clipboard unsupported 771",
        ),
        ("sync 12", "sync 12", "sync 12"),
    ] {
        assert_eq!(say(&mut joiner(), line), as_joiner, "{line}");
        assert_eq!(say(&mut reader(), line), as_reader, "{line}");
    }
    let mut joiner = joiner();
    joiner.expect_credentials(&["password"]);
    let refused = "parameter.not-asked / ack 0 Not allowed. 771";
    assert_eq!(say(&mut joiner, "argv 0 text/plain password"), refused);
}

#[test]
fn a_refused_stream_is_answered_a_few_times_until_it_ends() {
    let mut gate = owner();
    let refused = "default-deny / ack 7 File transfer unsupported 771";
    assert_eq!(say(&mut gate, "file 7 text/plain f"), refused);
    for _ in 0..limits::REPLIES_PER_REFUSED_STREAM {
        assert_eq!(say(&mut gate, "blob 7 AAAA"), refused);
    }
    assert_eq!(say(&mut gate, "blob 7 AAAA"), "default-deny / no reply");
    assert_eq!(say(&mut gate, "end 7"), "ignored file: discarded");
    let invalid = "stream-index / ack 7 Invalid stream index 768";
    for _ in 0..limits::REPLIES_TO_UNOPENED_STREAMS {
        assert_eq!(say(&mut gate, "end 7"), invalid);
    }
    assert_eq!(say(&mut gate, "blob 7 AAAA"), "stream-index / no reply");
    assert_eq!(
        say(&mut gate, "pipe 7 text/plain p"),
        "default-deny / ack 7 Named pipes unsupported 771"
    );
}

#[test]
fn a_reopened_index_closes_the_stream_that_was_allowed() {
    let mut gate = gate(clipboard(99), Restrictions::default(), Role::Owner);
    assert_eq!(say(&mut gate, "clipboard 0 text/plain"), "collecting");
    assert_eq!(say(&mut gate, "blob 0 YWJj"), "collecting");
    let refused = "default-deny / ack 0 File transfer unsupported 771";
    assert_eq!(say(&mut gate, "file 0 text/plain f"), refused);
    assert_eq!(say(&mut gate, "blob 0 YWJj"), refused);
    assert_eq!(say(&mut gate, "end 0"), "ignored file: discarded");
}

#[test]
fn asked_credentials_arrive_once() {
    let mut gate = owner();
    gate.expect_credentials(&["username", "password"]);
    let accepted = "accepted: ack 0 Ready for updated parameter. 0";
    assert_eq!(say(&mut gate, "argv 0 text/plain password"), accepted);
    assert_eq!(say(&mut gate, "blob 0 c2Vj"), "collecting");
    assert_eq!(say(&mut gate, "blob 0 cmV0"), "collecting");
    assert_eq!(
        say(&mut gate, "argv 1 text/plain host"),
        "parameter.not-asked / ack 1 Not allowed. 771"
    );
    assert_eq!(say(&mut gate, "end 0"), "credential password=secret");
    let refused = "parameter.not-asked / ack 0 Not allowed. 771";
    assert_eq!(say(&mut gate, "argv 0 text/plain password"), refused);
    // An empty value is a value.
    assert_eq!(say(&mut gate, "argv 0 text/plain username"), accepted);
    assert_eq!(say(&mut gate, "end 0"), "credential username=");
    gate.expect_credentials(&["password"]);
    gate.expect_credentials(&[]);
    assert_eq!(say(&mut gate, "argv 0 text/plain password"), refused);
}

#[test]
fn a_second_answer_replaces_the_first() {
    let mut gate = owner();
    gate.expect_credentials(&["username", "password"]);
    say(&mut gate, "argv 0 text/plain password");
    say(&mut gate, "argv 2 text/plain username");
    say(&mut gate, "blob 0 b2xk");
    say(&mut gate, "argv 1 text/plain password");
    assert_eq!(
        say(&mut gate, "blob 0 b2xk"),
        "ignored parameter: discarded"
    );
    assert_eq!(say(&mut gate, "end 0"), "ignored parameter: discarded");
    say(&mut gate, "blob 1 bmV3");
    assert_eq!(say(&mut gate, "end 1"), "credential password=new");
    assert_eq!(say(&mut gate, "end 2"), "credential username=");
}

#[test]
fn bodies_are_bounded_and_must_be_text() {
    let blob = |stream: u32, bytes: usize| format!("blob {stream} {}", "QUFB".repeat(bytes / 3));
    let mut gate = owner();
    gate.expect_credentials(&["password"]);
    let open = "argv 0 text/plain password";
    for (blobs, last) in [
        (
            vec![blob(0, 6_000), blob(0, 6_000), blob(0, 4_383)],
            "collecting",
        ),
        (
            vec![blob(0, 6_000), blob(0, 6_000), blob(0, 4_386)],
            "parameter.max-bytes / ack 0 Too much data. 781",
        ),
        (
            vec!["blob 0 AAA".to_owned()],
            "malformed-data / ack 0 Malformed data. 783",
        ),
        (
            vec!["blob 0 A-_=".to_owned()],
            "malformed-data / ack 0 Malformed data. 783",
        ),
        (
            vec!["blob 0 AA==AAAA".to_owned()],
            "malformed-data / ack 0 Malformed data. 783",
        ),
    ] {
        say(&mut gate, open);
        let verdicts: Vec<_> = blobs.iter().map(|line| say(&mut gate, line)).collect();
        assert_eq!(verdicts.last().unwrap(), last);
        assert!(
            verdicts
                .iter()
                .rev()
                .skip(1)
                .all(|verdict| verdict == "collecting")
        );
    }
    assert_eq!(say(&mut gate, "end 0"), "ignored parameter: discarded");
    say(&mut gate, open);
    say(&mut gate, "blob 0 /w==");
    assert_eq!(
        say(&mut gate, "end 0"),
        "malformed-data / ack 0 Malformed data. 783"
    );
    // None of that used the request up.
    say(&mut gate, open);
    say(&mut gate, &blob(0, 3));
    assert_eq!(say(&mut gate, "end 0"), "credential password=AAA");
}

#[test]
fn an_allowed_paste_arrives_whole_or_not_at_all() {
    let mut gate = gate(clipboard(9), Restrictions::default(), Role::Owner);
    say(&mut gate, "clipboard 3 text/plain;charset=utf-8");
    say(&mut gate, "blob 3 4oKs");
    say(&mut gate, "blob 3 w5/wn5iA");
    assert_eq!(say(&mut gate, "end 3"), "paste €ß😀");
    say(&mut gate, "clipboard 3 text/plain");
    say(&mut gate, "blob 3 QUFBQUFBQUFB");
    assert_eq!(
        say(&mut gate, "blob 3 QQ=="),
        "clipboard.max-bytes / ack 3 Too much data. 781"
    );
    assert_eq!(say(&mut gate, "end 3"), "ignored clipboard: discarded");
    let not_text = "clipboard.text-only / ack 3 Clipboard unsupported 771";
    assert_eq!(say(&mut gate, "clipboard 3 image/png"), not_text);
    // The newest of two counts, so that only one is ever kept.
    say(&mut gate, "clipboard 3 text/plain");
    say(&mut gate, "blob 3 QUFB");
    say(&mut gate, "clipboard 4 text/plain");
    assert_eq!(
        say(&mut gate, "blob 3 QUFB"),
        "ignored clipboard: discarded"
    );
    assert_eq!(say(&mut gate, "end 4"), "paste ");
}

#[test]
fn the_stock_clients_surrogates_are_joined() {
    let mut gate = gate(clipboard(99), Restrictions::default(), Role::Owner);
    for (base64, verdict) in [
        // What the client makes of a😀b: ed a0 bd, ed b8 80 in the middle.
        ("Ye2gve24gGI=", "paste a😀b"),
        ("7aCA7bCA7a+/7b+/", "paste \u{10000}\u{10ffff}"),
        // U+D7FF is the last character before the halves.
        ("7Z+/", "paste \u{d7ff}"),
        // Half a character is none.
        ("7aC9", "malformed-data / ack 0 Malformed data. 783"),
        ("7biA7aC9", "malformed-data / ack 0 Malformed data. 783"),
        ("7aC9YQ==", "malformed-data / ack 0 Malformed data. 783"),
    ] {
        say(&mut gate, "clipboard 0 text/plain");
        say(&mut gate, &format!("blob 0 {base64}"));
        assert_eq!(say(&mut gate, "end 0"), verdict, "{base64}");
    }
}

#[test]
fn a_flood_of_refused_actions_ends_the_session() {
    let mut gate = owner();
    for _ in 0..limits::REFUSALS_PER_VIEWER {
        assert!(matches!(
            vet(&mut gate, "get 0 /"),
            InputVerdict::Refuse { .. }
        ));
    }
    let end = "end ClientTooMany: refused object in by too-many-refusals (0 bytes)";
    assert_eq!(say(&mut gate, "get 0 /"), end);
    assert_eq!(gate.counters().refused, limits::REFUSALS_PER_VIEWER + 1);
}

#[test]
fn decisions_are_counted() {
    let mut gate = owner();
    for line in [
        "key 97 1",
        "sync 1",
        "foo",
        "touch 0 1 1 1 1 0 0",
        "get 0 /",
    ] {
        vet(&mut gate, line);
    }
    let counters = gate.counters();
    let counted = (
        counters.passed,
        counters.refused,
        counters.ignored,
        counters.unknown,
    );
    assert_eq!(counted, (2, 1, 2, 1));
}

#[test]
fn nothing_that_can_be_logged_holds_content() {
    let mut gate = gate(clipboard(99), Restrictions::default(), Role::Owner);
    gate.expect_credentials(&["password"]);
    say(&mut gate, "argv 0 text/plain password");
    say(&mut gate, "blob 0 c2VjcmV0");
    say(&mut gate, "clipboard 1 text/plain");
    say(&mut gate, "blob 1 c2VjcmV0");
    let mut logged = format!("{gate:?}");
    for line in [
        "end 0",
        "end 1",
        "key 1936024435 1",
        "file 3 text/plain secret",
        "blob 3 c2VjcmV0",
    ] {
        logged += &format!("{:?}", vet(&mut gate, line));
    }
    for content in ["secret", "c2VjcmV0", "1936024435"] {
        assert!(!logged.contains(content), "{logged}");
    }
}
