//! What holds for any sequence of instructions, policy and restrictions.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "helpers are shared, and fail loudly"
)]

mod common;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{gate, text, vet, vet_at};
use guac_policy::{
    ClipboardLimits, ClipboardRule, Counters, DesktopInput, Excess, FromDesktop, Gate,
    InputVerdict, JoinMode, JoinRule, KeyBudget, Policy, Rate, ResizeRule, Restrictions, Role,
    ViewerControl,
};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

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

fn any_rule() -> impl Strategy<Value = ClipboardRule> {
    let most = prop::option::of(1_u32..5);
    let interval = prop::option::of((1_u64..9_000).prop_map(Duration::from_millis));
    let limits = (0_usize..20, most.clone(), most, interval);
    let allowed = limits.prop_map(|(max_bytes, per_minute, bytes, interval)| {
        ClipboardRule::Allow(ClipboardLimits {
            per_minute,
            bytes_per_minute: bytes.map(|bytes| bytes * 10),
            interval,
            ..ClipboardLimits::up_to(max_bytes)
        })
    });
    prop_oneof![Just(ClipboardRule::Deny), allowed]
}

fn any_budget() -> impl Strategy<Value = KeyBudget> {
    let rate = (1_u32..9, 1_u32..9);
    let rate = prop::option::of(rate.prop_map(|(sustained, burst)| Rate { sustained, burst }));
    let excess = prop::sample::select(vec![Excess::Delay, Excess::Refuse, Excess::End]);
    (rate.clone(), rate, excess).prop_map(|(per_second, per_minute, excess)| KeyBudget {
        per_second,
        per_minute,
        excess,
    })
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let modes = vec![JoinMode::Anyone, JoinMode::ReadOnly, JoinMode::Nobody];
    let resize = (any::<bool>(), 1_u16..2_000, 1_u16..2_000);
    (
        (any_rule(), any_rule()),
        any::<bool>(),
        prop::option::of(any_budget()),
        resize,
        prop::sample::select(modes),
        prop::bool::weighted(0.2),
    )
        .prop_map(|((copy, paste), name, keys, resize, mode, read_only)| {
            let (allow, max_width, max_height) = resize;
            Policy::builder()
                .clipboard_copy(copy)
                .clipboard_paste(paste)
                .desktop_name(name)
                .keys(keys)
                .resize(ResizeRule {
                    allow,
                    max_width,
                    max_height,
                })
                .joins(JoinRule {
                    mode,
                    ..JoinRule::default()
                })
                .read_only(read_only)
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

/// What went through, said anew by someone who says nothing else.
fn again(verdict: &InputVerdict) -> Vec<String> {
    let input = match verdict {
        InputVerdict::Desktop(input) | InputVerdict::Delay { input, .. } => input.get(),
        InputVerdict::Control(ViewerControl::Credential { name, value }) => {
            let value = STANDARD.encode(value.expose_secret());
            return stream(&format!("argv 0 text/plain {name}"), &value);
        }
        InputVerdict::Control(_)
        | InputVerdict::Refuse { .. }
        | InputVerdict::Ignore(_)
        | InputVerdict::End(..) => return Vec::new(),
    };
    match input {
        DesktopInput::Key { keysym, pressed } => {
            vec![format!("key {} {}", keysym.0, u8::from(*pressed))]
        }
        DesktopInput::Pointer { x, y, buttons } => vec![format!("mouse {x} {y} {buttons}")],
        DesktopInput::Resize { width, height } => vec![format!("size {width} {height}")],
        DesktopInput::CutText(text) => stream("clipboard 0 text/plain", &STANDARD.encode(text)),
    }
}

fn stream(open: &str, base64: &str) -> Vec<String> {
    let blob = (!base64.is_empty()).then(|| format!("blob 0 {base64}"));
    [Some(open.to_owned()), blob, Some("end 0".to_owned())]
        .into_iter()
        .flatten()
        .collect()
}

/// Something happens: an instruction of a viewer, or a text is copied on the desktop; and the time
/// until it does, in milliseconds.
fn any_events() -> impl Strategy<Value = Vec<(u64, Result<String, String>)>> {
    let wait = prop_oneof![Just(0_u64), 0_u64..500, 0_u64..40_000];
    let event = prop_oneof![
        4 => any_line().prop_map(Ok),
        1 => ".{0,8}".prop_map(Err),
    ];
    prop::collection::vec((wait, event), 0..80)
}

fn expecting(mut gate: Gate) -> Gate {
    gate.expect_credentials(&["password", "username"]);
    gate
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// What passes under restrictions would pass under the policy alone: somebody without any who
    /// does just that, at the same times, is refused nothing of it. (Who is refused something may
    /// have more of a budget left, so that the two are not the same step by step.)
    #[test]
    fn restrictions_never_permit_what_the_policy_alone_would_not(
        policy in any_policy(),
        restrictions in any_restrictions(),
        role in any_role(),
        events in any_events(),
    ) {
        let mut free = expecting(gate(policy.clone(), Restrictions::default(), Role::Owner));
        let mut held = expecting(gate(policy, restrictions, role));
        let mut now = Duration::ZERO;
        for (wait, event) in &events {
            now += Duration::from_millis(*wait);
            match event {
                Ok(line) => {
                    let verdict = vet_at(&mut held, line, now);
                    let Some(passed) = effect(&verdict) else { continue };
                    let verdicts: Vec<_> = again(&verdict).iter().map(|line| vet_at(&mut free, line, now)).collect();
                    let allowed = verdicts.last().and_then(effect);
                    prop_assert_eq!(Some(passed), allowed, "{}", line);
                }
                Err(text) => {
                    let copied = |gate: &mut Gate| gate.vet_clipboard(FromDesktop::new(text), now).is_ok();
                    prop_assert!(!copied(&mut held) || copied(&mut free), "{}", text);
                }
            }
        }
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
            let verdict = vet(&mut both, line);
            let Some(passed) = effect(&verdict) else { continue };
            let verdicts: Vec<_> = again(&verdict).iter().map(|line| vet(&mut single, line)).collect();
            prop_assert_eq!(Some(passed), verdicts.last().and_then(effect));
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
        let looks = policy.read_only() || policy.joins().mode != JoinMode::Anyone;
        let limits = policy.clipboard_copy().limits();
        let allowed = !looks && limits.is_some_and(|limits| {
            let at_once = limits.bytes_per_minute.unwrap_or(u32::MAX) as usize;
            clip.len() <= limits.max_bytes.min(at_once)
        });
        let verdict = gate.vet_clipboard(FromDesktop::new(&clip), Duration::ZERO);
        prop_assert_eq!(verdict.is_ok(), allowed);
        if let Err(refusal) = verdict {
            prop_assert_eq!(refusal.size, clip.len());
        }
    }
}
