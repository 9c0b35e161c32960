//! How much, how fast and how large.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "helpers are shared, and fail loudly"
)]

mod common;

use std::time::Duration;

use common::{describe, gate, vet_at};
use guac_policy::{
    ClipboardLimits, ClipboardRule, Excess, FromDesktop, Gate, JoinMode, JoinRule, KeyBudget,
    Policy, PolicyBuilder, Rate, ResizeRule, Restrictions, Role,
};

const SECOND: Duration = Duration::from_secs(1);

fn owner(policy: PolicyBuilder) -> Gate {
    gate(policy.build(), Restrictions::default(), Role::Owner)
}

fn say(gate: &mut Gate, line: &str, now: Duration) -> String {
    describe(&vet_at(gate, line, now))
}

/// Pastes a text and says what became of it.
fn paste(gate: &mut Gate, base64: &str, now: Duration) -> String {
    let opened = say(gate, "clipboard 0 text/plain", now);
    if opened != "collecting" {
        return opened;
    }
    say(gate, &format!("blob 0 {base64}"), now);
    say(gate, "end 0", now)
}

fn keys(excess: Excess) -> Gate {
    let rate = |sustained, burst| Some(Rate { sustained, burst });
    owner(Policy::builder().keys(Some(KeyBudget {
        per_second: rate(2, 3),
        per_minute: rate(6, 5),
        excess,
    })))
}

#[test]
fn a_key_beyond_the_budget_is_refused_until_there_is_room() {
    let mut gate = keys(Excess::Refuse);
    let mut press = |key: u32, now| {
        let pressed = say(&mut gate, &format!("key {key} 1"), now);
        let released = say(&mut gate, &format!("key {key} 0"), now);
        (pressed, released)
    };
    let passed = |key: u32| (format!("key {key} true"), format!("key {key} false"));
    for key in 1..=3 {
        assert_eq!(press(key, SECOND), passed(key));
    }
    // What was not pressed is not released: it would say as much as the key.
    let refused = (
        "key-budget / no reply".to_owned(),
        "ignored keyboard: discarded".to_owned(),
    );
    assert_eq!(press(4, SECOND), refused);
    assert_eq!(press(5, 2 * SECOND), passed(5));
    assert_eq!(press(6, 2 * SECOND), passed(6));
    // There are two for this second, but five in all, and another each ten seconds.
    assert_eq!(press(7, 3 * SECOND), refused);
    assert_eq!(press(8, 12 * SECOND), passed(8));
    assert_eq!(press(9, 12 * SECOND), refused);
}

#[test]
fn a_key_beyond_the_budget_comes_later_or_ends_the_viewer() {
    let mut gate = keys(Excess::Delay);
    for key in 1..=3 {
        say(&mut gate, &format!("key {key} 1"), SECOND);
    }
    assert_eq!(say(&mut gate, "key 4 1", SECOND), "in 500 ms: key 4 true");
    assert_eq!(say(&mut gate, "key 5 1", SECOND), "in 1000 ms: key 5 true");
    assert_eq!(say(&mut gate, "key 6 1", SECOND), "in 10000 ms: key 6 true");
    assert_eq!(say(&mut gate, "key 4 0", SECOND), "key 4 false");

    let mut gate = keys(Excess::End);
    for key in 1..=3 {
        say(&mut gate, &format!("key {key} 1"), SECOND);
    }
    let end = say(&mut gate, "key 4 1", SECOND);
    assert!(end.starts_with("end ClientForbidden"), "{end}");
}

fn pasting(limits: ClipboardLimits) -> Gate {
    owner(Policy::builder().clipboard_paste(ClipboardRule::Allow(limits)))
}

#[test]
fn texts_are_pasted_as_seldom_as_the_policy_says() {
    let mut gate = pasting(ClipboardLimits {
        interval: Some(10 * SECOND),
        ..ClipboardLimits::up_to(100)
    });
    assert_eq!(paste(&mut gate, "b25l", SECOND), "paste one");
    let refused = "clipboard.interval / ack 0 Too much or too soon. 771";
    assert_eq!(paste(&mut gate, "dHdv", 2 * SECOND), refused);
    assert_eq!(paste(&mut gate, "dHdv", 11 * SECOND), "paste two");
    // Two that were opened at the same time are not both pasted.
    let now = 30 * SECOND;
    assert_eq!(say(&mut gate, "clipboard 1 text/plain", now), "collecting");
    say(&mut gate, "blob 1 b25l", now);
    assert_eq!(say(&mut gate, "end 1", now), "paste one");
    assert_eq!(paste(&mut gate, "dHdv", now), refused);
}

#[test]
fn a_minute_has_room_for_so_many_texts_and_bytes() {
    let mut gate = pasting(ClipboardLimits {
        per_minute: Some(2),
        ..ClipboardLimits::up_to(100)
    });
    let refused = "clipboard.rate / ack 0 Too much or too soon. 771";
    assert_eq!(paste(&mut gate, "b25l", SECOND), "paste one");
    assert_eq!(paste(&mut gate, "dHdv", SECOND), "paste two");
    assert_eq!(paste(&mut gate, "b25l", SECOND), refused);
    assert_eq!(paste(&mut gate, "b25l", 31 * SECOND), "paste one");

    let mut gate = pasting(ClipboardLimits {
        bytes_per_minute: Some(5),
        ..ClipboardLimits::up_to(100)
    });
    assert_eq!(paste(&mut gate, "b25l", SECOND), "paste one");
    assert_eq!(paste(&mut gate, "dHdv", SECOND), refused);
    assert_eq!(paste(&mut gate, "dHdv", 13 * SECOND), "paste two");
    assert_eq!(paste(&mut gate, "b25l", 25 * SECOND), refused);
}

#[test]
fn only_listed_types_are_pasted() {
    let mut gate = pasting(ClipboardLimits {
        mime_types: vec!["text/plain".into()],
        ..ClipboardLimits::up_to(100)
    });
    assert_eq!(paste(&mut gate, "b25l", SECOND), "paste one");
    assert_eq!(
        say(&mut gate, "clipboard 0 text/html", SECOND),
        "clipboard.text-only / ack 0 Clipboard unsupported 771"
    );
}

#[test]
fn texts_leave_as_seldom_as_the_policy_says() {
    let limits = ClipboardLimits {
        interval: Some(10 * SECOND),
        ..ClipboardLimits::up_to(100)
    };
    let mut gate = owner(Policy::builder().clipboard_copy(ClipboardRule::Allow(limits)));
    let mut copy = |now| {
        let copied = gate.vet_clipboard(FromDesktop::new("one"), now);
        copied.err().map(|refusal| refusal.rule.name())
    };
    assert_eq!(copy(SECOND), None);
    assert_eq!(copy(2 * SECOND), Some("clipboard.interval"));
    assert_eq!(copy(11 * SECOND), None);
}

#[test]
fn a_desktop_is_as_large_as_it_may_be_with_the_proportions_kept() {
    let rule = ResizeRule {
        allow: true,
        max_width: 1920,
        max_height: 1200,
    };
    let mut gate = owner(Policy::builder().resize(rule));
    for (wish, outcome) in [
        ("1920 1200", "resize 1920 1200"),
        ("3840 1200", "resize 1920 600"),
        ("1920 2400", "resize 960 1200"),
        ("3840 2400", "resize 1920 1200"),
        ("2147483647 1", "resize 1920 1"),
        ("1 2147483647", "resize 1 1200"),
    ] {
        let line = format!("size {wish}");
        assert_eq!(say(&mut gate, &line, SECOND), outcome, "{wish}");
    }
    let never = ResizeRule {
        allow: false,
        ..rule
    };
    let mut gate = owner(Policy::builder().resize(never));
    assert_eq!(
        say(&mut gate, "size 800 600", SECOND),
        "ignored resize: resize"
    );
}

#[test]
fn joiners_and_whole_policies_only_look() {
    let looking = JoinRule {
        mode: JoinMode::ReadOnly,
        ..JoinRule::default()
    };
    let joins = || Policy::builder().joins(looking.clone()).build();
    let read_only = Policy::builder().read_only(true).build();
    for (policy, role, looks) in [
        (joins(), Role::Owner, false),
        (joins(), Role::Joiner, true),
        (read_only.clone(), Role::Owner, true),
        (read_only, Role::Joiner, true),
    ] {
        let mut gate = gate(policy, Restrictions::default(), role);
        let said = say(&mut gate, "key 97 1", SECOND);
        assert_eq!(said == "ignored keyboard: read-only", looks, "{said}");
    }
}
