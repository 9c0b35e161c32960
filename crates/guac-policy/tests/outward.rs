//! What viewers may be told and shown.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "helpers are shared, and fail loudly"
)]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{clipboard, gate, owner, text, wire};
use guac_policy::{FrameGate, FromDesktop, Policy, Refusal, Restrictions, Role, Unrecorded};
use guac_protocol::{BlobData, Instructions, ServerInstruction, StreamIndex};

/// One of each instruction that a server can send.
const ALL: &[&str] = &[
    "args VERSION_1_5_0 a b",
    "ready $id",
    "error text 519",
    "disconnect",
    "ack 0 OK 0",
    "msg 1 @id name",
    "msg 3 x",
    "required password",
    "nop",
    "mouse 1 2 0 5",
    "sync 5 1",
    "size 0 10 10",
    "rect 0 0 0 1 1",
    "cfill 14 0 1 2 3 255",
    "copy 0 0 0 1 1 14 -1 0 0",
    "cursor 0 0 -2 0 0 1 1",
    "dispose -1",
    "blob 1 AAAA",
    "end 1",
    "transfer 0 0 0 1 1 3 0 0 0",
    "set 0 multi-touch 1",
    "shade 1 0",
    "move 1 0 0 0 0",
    "name desktop",
    "log text",
    "key 97 1 5",
    "touch 0 0 0 0 0 0 0 5",
    "clipboard 1 text/plain",
    "audio 1 audio/L16",
    "video 1 0 video/mp4",
    "argv 1 text/plain a",
    "filesystem 0 fs",
    "undefine 0",
    "body 0 1 text/plain /",
    "file 1 text/plain f",
    "pipe 1 text/plain p",
    "nest 0 3.nop;",
    "arc 0 0 0 1 0 1 0",
    "usbdata a b",
    "unheard of",
];

fn frame(policy: &Policy, lines: &[&str]) -> Result<String, Refusal> {
    let bytes: String = lines.iter().map(|line| wire(line)).collect();
    let instructions = Instructions::new(bytes.as_bytes());
    let instructions = instructions.map(|raw| ServerInstruction::parse(&raw.unwrap()).unwrap());
    let frame = FrameGate::new(Arc::new(policy.clone())).vet_frame(instructions)?;
    assert_eq!(frame.get(), bytes.as_bytes());
    Ok(bytes)
}

fn permitted(allows: impl Fn(&str) -> bool) -> Vec<&'static str> {
    ALL.iter()
        .copied()
        .filter(|line| allows(line))
        .map(|line| line.split(' ').next().unwrap())
        .collect()
}

#[test]
fn frames_draw_and_do_nothing_else() {
    let policy = Policy::builtin();
    let drawing = [
        "nop", "mouse", "sync", "size", "rect", "cfill", "copy", "cursor", "dispose",
    ];
    assert_eq!(permitted(|line| frame(&policy, &[line]).is_ok()), drawing);
    let named = Policy::builder().desktop_name(true).build();
    assert!(permitted(|line| frame(&named, &[line]).is_ok()).contains(&"name"));
}

#[test]
fn control_says_and_does_nothing_else() {
    let control = |policy: &Policy, line: &str| {
        let mut gate = gate(policy.clone(), Restrictions::default(), Role::Owner);
        gate.expect_credentials(&["password"]);
        let bytes = wire(line);
        let raw = Instructions::new(bytes.as_bytes()).next().unwrap().unwrap();
        let verdict = gate.vet_control(&ServerInstruction::parse(&raw).unwrap());
        verdict
            .inspect(|message| assert_eq!(message.get().bytes(), bytes.as_bytes()))
            .is_ok()
    };
    let said = [
        "args",
        "ready",
        "error",
        "disconnect",
        "ack",
        "msg",
        "required",
        "nop",
        "mouse",
    ];
    assert_eq!(permitted(|line| control(&Policy::builtin(), line)), said);
    let named = Policy::builder().desktop_name(true).build();
    assert!(control(&named, "name desktop"));
    assert!(!control(&named, "required password hostname"));
}

#[test]
fn a_desktops_name_is_short_and_plain() {
    let named = Policy::builder().desktop_name(true).build();
    let longest = "x".repeat(64);
    let owner = gate(named.clone(), Restrictions::default(), Role::Owner);
    for (name, rule) in [
        ("", None),
        ("~desktop (1)!", None),
        (longest.as_str(), None),
        (&format!("{longest}x"), Some("too-long")),
        ("caf\u{e9}", Some("malformed-data")),
        ("a\tb", Some("malformed-data")),
        ("a\u{7f}", Some("malformed-data")),
    ] {
        let instruction = ServerInstruction::Name { name };
        let refusal = |why: Refusal| why.rule.name();
        let said = owner.vet_control(&instruction).err().map(refusal);
        assert_eq!(said, rule, "{name:?}");
        let shown = FrameGate::new(Arc::new(named.clone())).vet_frame([instruction]);
        assert_eq!(shown.err().map(refusal), rule, "{name:?}");
    }
}

#[test]
fn a_restriction_lowers_the_limit_of_a_text() {
    let restricted = |limit| Restrictions {
        clipboard_bytes: Some(limit),
        ..Restrictions::default()
    };
    for (policy, limit, passes) in [(6, 5, 5), (5, 6, 5), (5, 5, 5)] {
        let mut gate = gate(clipboard(policy), restricted(limit), Role::Owner);
        let mut copy = |bytes: usize| {
            let text = "x".repeat(bytes);
            gate.vet_clipboard(FromDesktop::new(&text), Duration::ZERO)
                .is_ok()
        };
        assert!(copy(passes) && !copy(passes + 1), "{policy} and {limit}");
    }
    let tighter = restricted(5).and(Restrictions::default());
    assert_eq!(tighter, restricted(6).and(restricted(5)));
}

#[test]
fn frames_have_a_shape() {
    let policy = Policy::builtin();
    let img = "img 1 14 0 image/png 0 0";
    for (lines, allowed) in [
        (vec![img, "blob 1 AAAA", "end 1", "sync 1 1"], true),
        (
            vec![
                img,
                "img 3 14 -2 image/jpeg 0 0",
                "blob 3 AAAA",
                "blob 1 AAAA",
                "end 1",
                "end 3",
            ],
            true,
        ),
        (vec![img, "end 1", img, "end 1"], true),
        (vec![img, img], false),
        (vec![img, "blob 1 AAAA"], false),
        (vec![img, "end 1", "blob 1 AAAA"], false),
        (vec![img, "blob 3 AAAA", "end 1"], false),
        (vec![img, "end 3"], false),
        (vec!["img 1 14 0 text/html 0 0", "end 1"], false),
        (vec!["img 1 14 1 image/png 0 0", "end 1"], false),
        (vec!["img 1024 14 0 image/png 0 0", "end 1024"], false),
        (vec!["img -1 14 0 image/png 0 0", "end -1"], false),
        (vec!["size 1 1 1"], false),
        (vec!["size 0 -1 1"], false),
        (vec!["size 0 32768 1"], false),
        (vec!["size -4096 1 1"], true),
        (vec!["size -4097 1 1"], false),
        (vec!["rect 1 0 0 1 1"], false),
        (vec!["copy 1 0 0 1 1 14 0 0 0"], false),
        (vec!["copy 0 0 0 1 1 14 1 0 0"], false),
        (vec!["cursor 0 0 1 0 0 1 1"], false),
        (vec!["dispose 0"], false),
    ] {
        assert_eq!(frame(&policy, &lines).is_ok(), allowed, "{lines:?}");
    }
    let data = vec![0; 6_049];
    let blob = |length| ServerInstruction::Blob {
        stream: StreamIndex(1),
        data: BlobData::Raw(data.get(..length).unwrap()),
    };
    let open = || {
        let bytes = wire(img);
        let raw = Instructions::new(bytes.as_bytes()).next().unwrap().unwrap();
        match ServerInstruction::parse(&raw).unwrap() {
            ServerInstruction::Img {
                stream,
                mode,
                layer,
                x,
                y,
                ..
            } => ServerInstruction::Img {
                stream,
                mode,
                layer,
                mimetype: "image/png",
                x,
                y,
            },
            other => unreachable!("{}", format!("{other:?}").len()),
        }
    };
    let end = || ServerInstruction::End {
        stream: StreamIndex(1),
    };
    let mut gate = FrameGate::new(Arc::new(policy));
    assert!(gate.vet_frame([open(), blob(6_048), end()]).is_ok());
    assert!(gate.vet_frame([open(), blob(6_049), end()]).is_err());
    // What a refused frame has opened does not stay open.
    assert!(gate.vet_frame([open(), blob(1), end()]).is_ok());
}

#[test]
fn a_frame_can_be_shown_once_it_is_recorded() {
    let frame = FrameGate::new(Arc::default())
        .vet_frame([ServerInstruction::Nop])
        .unwrap();
    let recorded = frame.record(&mut Unrecorded).unwrap();
    assert_eq!(recorded.clone().get().as_ref(), b"3.nop;");
}

#[test]
fn an_allowed_copy_is_one_whole_stream() {
    let mut gate = gate(clipboard(20_000), Restrictions::default(), Role::Joiner);
    assert!(gate.may_copy() && gate.may_paste());
    let first = gate
        .vet_clipboard(FromDesktop::new("ab€"), Duration::ZERO)
        .unwrap();
    assert_eq!(
        text(&first),
        "clipboard 0 text/plain; blob 0 YWLigqw=; end 0"
    );
    let second = gate
        .vet_clipboard(FromDesktop::new(""), Duration::ZERO)
        .unwrap();
    assert_eq!(text(&second), "clipboard 2 text/plain; end 2");
    let long = "x€".repeat(5_000);
    let third = gate
        .vet_clipboard(FromDesktop::new(&long), Duration::ZERO)
        .unwrap();
    let mut data = Vec::new();
    for raw in Instructions::new(third.get().bytes()) {
        let raw = raw.unwrap();
        assert!(raw.text().len() <= 8_192);
        if let ServerInstruction::Blob { data: blob, .. } = ServerInstruction::parse(&raw).unwrap()
        {
            blob.decode(&mut data).unwrap();
        }
    }
    assert_eq!(data, long.as_bytes());
    let refusal = gate
        .vet_clipboard(FromDesktop::new(&"x".repeat(20_001)), Duration::ZERO)
        .unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "refused clipboard out by clipboard.max-bytes (20001 bytes)"
    );
    for _ in 0..512 {
        gate.vet_clipboard(FromDesktop::new(""), Duration::ZERO)
            .unwrap();
    }
    assert_eq!(
        text(
            &gate
                .vet_clipboard(FromDesktop::new(""), Duration::ZERO)
                .unwrap()
        ),
        "clipboard 6 text/plain; end 6"
    );
}

#[test]
fn a_denied_copy_says_which_rule() {
    let refusal = |mut gate: guac_policy::Gate| {
        assert!(!gate.may_copy());
        gate.vet_clipboard(FromDesktop::new("secret"), Duration::ZERO)
            .unwrap_err()
            .to_string()
    };
    let none = Restrictions::default();
    let denied = "refused clipboard out by clipboard.copy (6 bytes)";
    assert_eq!(refusal(owner()), denied);
    let disabled = Restrictions {
        disable_copy: true,
        ..none
    };
    let by_connection = "refused clipboard out by clipboard.disabled (6 bytes)";
    let closed = gate(clipboard(99), disabled, Role::Owner);
    assert_eq!(refusal(closed), by_connection);
    let read_only = Restrictions {
        read_only: true,
        ..none
    };
    assert_eq!(
        refusal(gate(clipboard(99), read_only, Role::Owner)),
        "refused clipboard out by read-only (6 bytes)"
    );
}
