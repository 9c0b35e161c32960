//! Which ways to desktops a policy opens.

#![allow(clippy::unwrap_used, reason = "a failure is to be loud")]

use guac_policy::{Door, Policy, VncSecurity};

const DOORS: [&str; 4] = [
    "unix:/run/desktop/vnc.sock",
    "reverse-connect",
    "repeater",
    "wake-on-lan",
];

#[test]
fn the_builtin_policy_opens_none() {
    let policy = Policy::builtin();
    for door in DOORS {
        assert!(!policy.opens(&door.parse().unwrap()), "{door}");
    }
    assert_eq!(policy.vnc_security(), VncSecurity::None);
}

#[test]
fn one_door_opens_no_other() {
    for opened in DOORS {
        let policy = Policy::builder().open(opened.parse().unwrap()).build();
        for door in DOORS {
            let is_open = policy.opens(&door.parse().unwrap());
            assert_eq!(is_open, door == opened, "{opened} opens {door}");
        }
    }
}

#[test]
fn a_socket_is_opened_by_its_exact_path() {
    let open = "unix:/run/desktop/vnc.sock".parse().unwrap();
    let policy = Policy::builder().open(open).build();
    for other in [
        "unix:/run/desktop/vnc.sock2",
        "unix:/run/desktop/vnc.soc",
        "unix:/run/desktop",
        "unix:/run/Desktop/vnc.sock",
        "unix:/desktop/vnc.sock",
    ] {
        let door: Door = other.parse().unwrap();
        assert!(!policy.opens(&door), "{other}");
    }
}

#[test]
fn doors_add_to_a_policy_that_is_there() {
    let policy = Policy::builder()
        .desktop_name(true)
        .open(Door::Repeater)
        .build();
    let policy = policy
        .into_builder()
        .open(Door::WakeOnLan)
        .vnc_security(VncSecurity::Encrypted)
        .build();
    assert!(policy.desktop_name());
    assert!(policy.opens(&Door::Repeater) && policy.opens(&Door::WakeOnLan));
    assert_eq!(policy.vnc_security(), VncSecurity::Encrypted);
}
