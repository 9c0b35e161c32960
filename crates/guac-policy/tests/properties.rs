//! What holds for any sequence of instructions, policy and restrictions.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "helpers are shared, and fail loudly"
)]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{gate, text, vet};
use guac_policy::{
    ClipboardRule, Counters, Gate, InputVerdict, Policy, Restrictions, Role, ViewerControl,
};
use proptest::prelude::*;

/// In base64 it is `Q0FOQVJZ`, whatever stands before it in multiples of three.
const CANARY: &str = "CANARY";

fn any_line() -> impl Strategy<Value = String> {
    let stream = prop_oneof![0_i32..4, Just(511), Just(512), Just(-1), any::<i32>()].boxed();
    let number = prop_oneof![-2_i32..2_000, any::<i32>()].boxed();
    let name = prop::sample::select(vec!["password", "username", "hostname", CANARY]);
    let mimetype = prop::sample::select(vec!["text/plain", "image/png", "CANARY/x"]);
    let data = prop::sample::select(vec![
        "Q0FOQVJZ",
        "QUFBQUFB",
        "_",
        "A",
        "/w==",
        "Q0FOQVJZQ0FOQVJZ",
    ]);
    let opens = prop::sample::select(vec!["clipboard", "audio", "file", "pipe", "argv", "put"]);
    prop_oneof![
        (opens, stream.clone(), mimetype, name).prop_map(|(opcode, stream, mimetype, name)| {
            match opcode {
                "put" => format!("put 0 {stream} {mimetype} {name}"),
                "clipboard" | "audio" => format!("{opcode} {stream} {mimetype}"),
                _ => format!("{opcode} {stream} {mimetype} {name}"),
            }
        }),
        (stream.clone(), data).prop_map(|(stream, data)| format!("blob {stream} {data}")),
        stream.prop_map(|stream| format!("end {stream}")),
        (0_u32..300, 0..2).prop_map(|(keysym, pressed)| format!("key {keysym} {pressed}")),
        (number.clone(), number.clone(), number.clone())
            .prop_map(|(x, y, b)| format!("mouse {x} {y} {b}")),
        (number.clone(), number).prop_map(|(w, h)| format!("size {w} {h}")),
        prop::sample::select(vec![
            "nop",
            "sync 5",
            "ack 0 CANARY 0",
            "get 0 CANARY",
            "CANARY CANARY",
            "usbdata CANARY",
            "_ CANARY"
        ])
        .prop_map(str::to_owned),
    ]
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let rule = prop_oneof![
        Just(ClipboardRule::Deny),
        (0_usize..20).prop_map(ClipboardRule::up_to),
    ];
    (rule.clone(), rule, any::<bool>()).prop_map(|(copy, paste, name)| {
        Policy::builder()
            .clipboard_copy(copy)
            .clipboard_paste(paste)
            .desktop_name(name)
            .build()
    })
}

fn any_restrictions() -> impl Strategy<Value = Restrictions> {
    let flags = any::<[bool; 3]>();
    let limit = prop::option::of(0_usize..20);
    (flags, limit).prop_map(
        |([read_only, disable_copy, disable_paste], clipboard_bytes)| Restrictions {
            read_only,
            disable_copy,
            disable_paste,
            clipboard_bytes,
        },
    )
}

fn any_role() -> impl Strategy<Value = Role> {
    prop::sample::select(vec![Role::Owner, Role::Joiner])
}

/// What went through, if anything did.
fn effect(verdict: &InputVerdict) -> Option<String> {
    match verdict {
        InputVerdict::Desktop(_)
        | InputVerdict::Delay { .. }
        | InputVerdict::Control(ViewerControl::Credential { .. }) => {
            Some(common::describe(verdict))
        }
        InputVerdict::Control(_)
        | InputVerdict::Refuse { .. }
        | InputVerdict::Ignore(_)
        | InputVerdict::End(..) => None,
    }
}

fn expecting(mut gate: Gate) -> Gate {
    gate.expect_credentials(&["password", "username"]);
    gate
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn restrictions_never_permit_what_the_policy_alone_would_not(
        policy in any_policy(),
        restrictions in any_restrictions(),
        role in any_role(),
        lines in prop::collection::vec(any_line(), 0..80),
        clip in ".{0,20}",
    ) {
        let mut free = expecting(gate(policy.clone(), Restrictions::default(), Role::Owner));
        let mut held = expecting(gate(policy, restrictions, role));
        for line in &lines {
            let allowed = effect(&vet(&mut free, line));
            let passed = effect(&vet(&mut held, line));
            if passed.is_some() {
                prop_assert_eq!(passed, allowed, "{}", line);
            }
        }
        let copied = |gate: &mut Gate| gate.vet_clipboard(guac_policy::FromDesktop::new(&clip), Duration::ZERO).is_ok();
        prop_assert!(!copied(&mut held) || copied(&mut free));
    }

    #[test]
    fn two_restrictions_are_at_least_as_tight_as_each(
        policy in any_policy(),
        one in any_restrictions(),
        two in any_restrictions(),
        role in any_role(),
        lines in prop::collection::vec(any_line(), 0..40),
    ) {
        prop_assert_eq!(one.and(two), two.and(one));
        let mut both = expecting(gate(policy.clone(), one.and(two), role));
        let mut single = expecting(gate(policy, one, role));
        for line in &lines {
            let allowed = effect(&vet(&mut single, line));
            let passed = effect(&vet(&mut both, line));
            if passed.is_some() {
                prop_assert_eq!(passed, allowed);
            }
        }
    }

    #[test]
    fn under_the_builtin_policy_no_text_gets_in_or_comes_back(
        restrictions in any_restrictions(),
        role in any_role(),
        lines in prop::collection::vec(any_line(), 0..80),
    ) {
        let mut gate = gate(Policy::builtin(), restrictions, role);
        for line in &lines {
            let verdict = vet(&mut gate, line);
            let logged = format!("{verdict:?}");
            prop_assert!(!logged.contains(CANARY));
            if let Some(effect) = effect(&verdict) {
                let kind = effect.split(' ').next().unwrap();
                prop_assert!(["key", "pointer", "resize"].contains(&kind), "{}", effect);
            }
            if let InputVerdict::Refuse { reply: Some(reply), .. } = &verdict {
                let reply = text(reply);
                prop_assert!(reply.starts_with("ack ") && !reply.contains(CANARY), "{}", reply);
            }
        }
        let Counters { passed, refused, ignored, .. } = gate.counters();
        prop_assert_eq!(passed + refused + ignored, lines.len() as u64);
    }

    #[test]
    fn what_leaves_under_any_policy_is_what_it_allows(policy in any_policy(), clip in ".{0,20}") {
        let policy = Arc::new(policy);
        let mut gate = Gate::new(&policy, Restrictions::default(), Role::Joiner);
        let allowed = policy.clipboard_copy().max_bytes().is_some_and(|most| clip.len() <= most);
        let verdict = gate.vet_clipboard(guac_policy::FromDesktop::new(&clip), Duration::ZERO);
        prop_assert_eq!(verdict.is_ok(), allowed);
        if let Err(refusal) = verdict {
            prop_assert_eq!(refusal.size, clip.len());
        }
    }
}
