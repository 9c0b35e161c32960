//! The policies and the manual under `docs/`: what they show is what holds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure is to be loud")]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use guac_policy::limits::CLIPBOARD_MAX_BYTES;
use guac_policy::{
    ClipboardLimits, ClipboardRule, Door, EvidenceRule, Excess, JoinMode, PARAMETERS, Policy,
    RecordingMode,
};

fn docs(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    fs::read_to_string(path.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn ready(name: &str) -> Policy {
    let text = docs(&format!("policies/{name}"));
    Policy::from_document(name, text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn reaches(policy: &Policy, address: &str) -> bool {
    let address = address.parse().unwrap();
    let targets = policy.targets().iter();
    targets
        .into_iter()
        .any(|target| target.takes(address, |_| Vec::new()))
}

#[test]
fn the_strict_policy_opens_nothing_but_pixels() {
    let policy = ready("strict.toml");
    assert_eq!(policy.clipboard_copy(), &ClipboardRule::Deny);
    assert_eq!(policy.clipboard_paste(), &ClipboardRule::Deny);
    assert!(policy.doors().is_empty() && !policy.desktop_name());
    for (address, expected) in [
        ("127.0.0.1:5900", true),
        ("[::1]:5999", true),
        ("127.0.0.1:22", false),
        ("127.0.0.2:5900", false),
        ("10.0.0.1:5900", false),
    ] {
        assert_eq!(reaches(&policy, address), expected, "{address}");
    }
    assert_eq!(policy.joins().mode, JoinMode::Nobody);
    assert_eq!(policy.recording().mode, RecordingMode::Required);
    assert_eq!(policy.recording().paths, Some(vec!["/recordings".into()]));
    let evidence = EvidenceRule::Directory("/evidence".into());
    assert_eq!(policy.recording().evidence, Some(evidence));
    let keys = policy.keys().unwrap();
    let rate = keys.per_second.unwrap();
    assert_eq!((rate.sustained, rate.burst), (30, 300));
    assert_eq!(keys.excess, Excess::Delay);
    let hours = |hours: u64| Some(Duration::from_secs(hours * 3600));
    assert_eq!(policy.session().idle_end, hours(1));
    assert_eq!(policy.session().max_length, hours(12));
    let is_way_out = |name: &str| {
        ["sftp", "audio", "wol-"]
            .iter()
            .any(|part| name.contains(part))
    };
    for name in PARAMETERS {
        assert_eq!(
            policy.parameters().permits(name),
            !is_way_out(name),
            "{name}"
        );
    }
}

#[test]
fn the_import_only_policy_is_strict_but_for_pasting() {
    let policy = ready("import-only.toml");
    let limits = ClipboardLimits {
        interval: Some(Duration::from_secs(5)),
        mime_types: vec!["text/plain".into()],
        ..ClipboardLimits::up_to(65_536)
    };
    assert_eq!(policy.clipboard_paste(), &ClipboardRule::Allow(limits));
    let strict = ready("strict.toml");
    let rules = policy
        .into_builder()
        .clipboard_paste(ClipboardRule::Deny)
        .origin(strict.origin().clone())
        .parameters(strict.parameters().clone());
    assert_eq!(rules.build(), strict);
}

#[test]
fn the_stock_compatible_policy_opens_what_stock_guacd_does() {
    let policy = ready("stock-compatible.toml");
    let all = ClipboardRule::up_to(CLIPBOARD_MAX_BYTES);
    assert_eq!(policy.clipboard_copy(), &all);
    assert_eq!(policy.clipboard_paste(), &all);
    let doors = [Door::ReverseConnect, Door::Repeater, Door::WakeOnLan];
    assert_eq!(policy.doors(), doors);
    assert!(policy.desktop_name() && reaches(&policy, "192.0.2.1:80"));
    let rules = policy
        .into_builder()
        .origin(Policy::builtin().origin().clone());
    let opened = doors
        .into_iter()
        .fold(Policy::builder(), |policy, door| policy.open(door));
    let opened = opened.clipboard_copy(all.clone()).clipboard_paste(all);
    assert_eq!(rules.build(), opened.desktop_name(true).build());
}
