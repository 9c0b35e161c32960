//! Whatever a connection asks for, it gets no more than the policy alone permits.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use guac_policy::{
    ClipboardRule, Door, ParameterRule, RecordingMode, RecordingRule, Target, VncSecurity,
};
use guac_vnc::SecurityLevel;
use proptest::prelude::*;

use super::*;
use crate::desktop::address;
use crate::desktop::arguments::ARGUMENTS;

const SOCKET: &str = "unix:/run/vnc.sock";
const FOLDER: &str = "/recordings";

/// Values that mean something to some parameter, and some that do to none.
const VALUES: [&str; 14] = [
    "none",
    "true",
    "false",
    "TRUE",
    "0",
    "1",
    "5901",
    "999999999",
    "127.0.0.1",
    SOCKET,
    "unix:/run/docker.sock",
    "/recordings/x",
    "/recordings/../etc",
    "verified",
];

fn any_values() -> impl Strategy<Value = Vec<String>> {
    // Most are not given: each that is wrong ends the session, and nothing is seen of the others.
    let value = prop_oneof![
        8 => Just(String::new()),
        1 => prop::sample::select(VALUES.to_vec()).prop_map(str::to_owned),
    ];
    prop::collection::vec(value, ARGUMENTS.len())
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let clipboard = prop_oneof![
        Just(ClipboardRule::Deny),
        (0_usize..1000).prop_map(ClipboardRule::up_to),
    ];
    let door = prop::sample::select(vec!["reverse-connect", "repeater", "wake-on-lan", SOCKET]);
    let doors = prop::collection::vec(door, 0..3);
    let closed = prop::sample::select(vec![
        ClosedDoor::AsNeeded,
        ClosedDoor::Refuse,
        ClosedDoor::Ignore,
    ]);
    let mode = prop::sample::select(vec![
        RecordingMode::Required,
        RecordingMode::Optional,
        RecordingMode::Forbidden,
    ]);
    let security = prop::sample::select(vec![
        VncSecurity::None,
        VncSecurity::Password,
        VncSecurity::Verified,
    ]);
    let names = prop::sample::subsequence(ARGUMENTS.to_vec(), 0..4);
    let parameters = (names.clone(), names).prop_map(|(refuse, force)| ParameterRule {
        refuse: refuse.into_iter().map(str::to_owned).collect(),
        force: force
            .into_iter()
            .map(|name| (name.to_owned(), "true".to_owned()))
            .collect(),
        ..ParameterRule::default()
    });
    (
        clipboard.clone(),
        clipboard,
        doors,
        closed,
        mode,
        security,
        parameters,
    )
        .prop_map(|(copy, paste, doors, closed, mode, security, parameters)| {
            let recording = RecordingRule {
                mode,
                paths: Some(vec![FOLDER.into()]),
                names: vec![],
                ..RecordingRule::default()
            };
            let policy = Policy::builder()
                .targets(vec![Target::any()])
                .clipboard_copy(copy)
                .clipboard_paste(paste)
                .closed_doors(closed)
                .recording(recording)
                .vnc_security(security)
                .parameters(parameters);
            let doors = doors.into_iter().map(|door| door.parse::<Door>().unwrap());
            doors.fold(policy, |policy, door| policy.open(door)).build()
        })
}

fn parse(policy: &Policy, values: &[String]) -> Result<Settings, Failure> {
    let witness = Witness::unheard(&Arc::new(policy.clone()));
    let values = Values::new(values);
    Settings::parse(&values, policy, &VncOptions::default(), "$id", &witness)
}

/// The door that a way to a desktop needs.
fn door_of(target: &address::Target) -> Option<Door> {
    match target {
        address::Target::Tcp(_) => None,
        address::Target::Unix(path) => Some(Door::UnixSocket(path.clone())),
        address::Target::Repeater { .. } => Some(Door::Repeater),
        address::Target::Reverse { .. } => Some(Door::ReverseConnect),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn no_parameters_permit_what_the_policy_alone_would_not(
        policy in any_policy(),
        mut values in any_values(),
    ) {
        policy.parameters().apply(&ARGUMENTS, &mut values);
        let Ok(settings) = parse(&policy, &values) else {
            return Ok(());
        };
        let clipboard = settings.vnc.clipboard;
        let may_copy = policy.clipboard_copy().max_bytes();
        prop_assert!(clipboard.receive <= may_copy.map(|most| most + 1));
        prop_assert!(!clipboard.send || policy.clipboard_paste().max_bytes().is_some());

        let address = &settings.address;
        prop_assert!(door_of(&address.target).is_none_or(|door| policy.opens(&door)));
        prop_assert!(address.wake.is_none() || policy.opens(&Door::WakeOnLan));

        let minimum = match policy.vnc_security() {
            VncSecurity::None => SecurityLevel::None,
            VncSecurity::Password => SecurityLevel::Password,
            VncSecurity::Encrypted => SecurityLevel::Encrypted,
            VncSecurity::Verified => SecurityLevel::Verified,
        };
        prop_assert!(minimum <= settings.vnc.security.minimum);

        let inside = |path: &PathBuf| path.starts_with(FOLDER) && !path.ends_with("etc");
        match (policy.recording().mode, &settings.recording) {
            (RecordingMode::Forbidden, recording) => prop_assert!(recording.is_none()),
            (RecordingMode::Optional, None) => {}
            (RecordingMode::Required, None) => prop_assert!(false, "not recorded"),
            (RecordingMode::Optional, Some(recording)) => {
                prop_assert!(inside(&recording.directory));
            }
            (RecordingMode::Required, Some(recording)) => {
                prop_assert!(inside(&recording.directory));
                prop_assert!(!recording.exclude_output && !recording.write_existing);
            }
        }
    }
}

#[test]
fn a_recording_that_is_required_is_named_after_its_session() {
    let recording = RecordingRule {
        mode: RecordingMode::Required,
        paths: Some(vec![FOLDER.into()]),
        names: vec!["x-*".into()],
        ..RecordingRule::default()
    };
    let policy = Policy::builder().recording(recording).build();
    let made = parse(&policy, &[]).unwrap().recording.unwrap();
    assert_eq!(made.directory, Path::new(FOLDER));
    assert_eq!(made.name, "session-id");
}
