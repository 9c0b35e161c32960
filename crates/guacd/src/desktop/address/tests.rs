use std::sync::Arc;

use super::*;
use crate::desktop::testing::values;

const SOCKET: &str = "unix:/run/desktop/vnc.sock";

fn policy(doors: &[&str]) -> Policy {
    let doors = doors.iter().map(|door| door.parse().unwrap());
    doors
        .fold(Policy::builder(), |policy, door| policy.open(door))
        .build()
}

fn all_doors() -> Policy {
    policy(&[SOCKET, "reverse-connect", "repeater", "wake-on-lan"])
}

fn parse(policy: &Policy, pairs: &[(&str, &str)]) -> Result<Address, Failure> {
    let list = values(pairs);
    let witness = Witness::unheard(&Arc::new(policy.clone()));
    Address::parse(
        &Values::new(&list),
        policy,
        &VncOptions::default(),
        &witness,
    )
}

fn target(policy: &Policy, pairs: &[(&str, &str)]) -> Target {
    parse(policy, pairs).unwrap().target
}

fn at(host: &str, port: u16) -> HostPort {
    HostPort {
        host: host.into(),
        port,
    }
}

#[test]
fn a_host_and_a_port_need_no_door() {
    let closed = Policy::builtin();
    let named = [("hostname", "desktop"), ("port", "5901")];
    assert_eq!(target(&closed, &named), Target::Tcp(at("desktop", 5901)));
    assert_eq!(target(&closed, &[]), Target::Tcp(at("", 0)));
    let not_asked_for = [("reverse-connect", "false"), ("wol-send-packet", "false")];
    assert_eq!(target(&closed, &not_asked_for), Target::Tcp(at("", 0)));
}

/// A door, what asks for it, and the parameter that is named.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

#[test]
fn each_way_needs_its_own_door() {
    let rows: [Row<'_>; 4] = [
        (
            "reverse-connect",
            &[("reverse-connect", "true")],
            "reverse-connect",
        ),
        ("repeater", &[("dest-host", "desktop")], "dest-host"),
        (SOCKET, &[("hostname", SOCKET)], "hostname"),
        // One that would not be used is closed all the same.
        (
            "reverse-connect",
            &[("hostname", "unix:/else"), ("reverse-connect", "true")],
            "reverse-connect",
        ),
    ];
    for (door, pairs, parameter) in rows {
        let others = ["reverse-connect", "repeater", "wake-on-lan", SOCKET];
        let others: Vec<&str> = others.into_iter().filter(|other| *other != door).collect();
        match parse(&policy(&others), pairs) {
            Err(Failure::ClosedDoor(name)) => assert_eq!(name, parameter),
            other => panic!("{pairs:?} gives {other:?}"),
        }
    }
    assert!(matches!(
        parse(
            &policy(&["reverse-connect"]),
            &[("hostname", "unix:/else"), ("reverse-connect", "true")]
        ),
        Err(Failure::ClosedDoor("hostname"))
    ));
}

#[test]
fn a_socket_is_the_one_that_was_opened() {
    let policy = all_doors();
    let path = SocketPath::new("/run/desktop/vnc.sock").unwrap();
    assert_eq!(target(&policy, &[("hostname", SOCKET)]), Target::Unix(path));
    for hostname in [
        "unix:",
        "unix:/run/desktop/vnc.sock/",
        "unix://run/desktop/vnc.sock",
        "unix:/run/desktop/../desktop/vnc.sock",
        "unix:/run/./desktop/vnc.sock",
        "unix:run/desktop/vnc.sock",
        "unix:/run/desktop/vnc.socket",
        "unix: /run/desktop/vnc.sock",
    ] {
        let refused = parse(&policy, &[("hostname", hostname)]);
        assert!(
            matches!(refused, Err(Failure::ClosedDoor("hostname"))),
            "{hostname} gives {refused:?}"
        );
    }
    // Without the very prefix it is a host name, which no resolver knows.
    let host = target(&policy, &[("hostname", "UNIX:/run/desktop/vnc.sock")]);
    assert_eq!(host, Target::Tcp(at("UNIX:/run/desktop/vnc.sock", 0)));
}

#[test]
fn who_waits_does_so_on_the_daemons_address() {
    let pairs = [
        ("hostname", "ignored"),
        ("port", "5500"),
        ("reverse-connect", "true"),
    ];
    let waiting = |patience: u64| Target::Reverse {
        at: at("localhost", 5500),
        patience: Duration::from_millis(patience),
    };
    assert_eq!(target(&all_doors(), &pairs), waiting(5000));
    for (given, patience) in [("250", 250), ("0", 0), ("-1", 5000), ("3600001", 5000)] {
        let mut pairs = pairs.to_vec();
        pairs.push(("listen-timeout", given));
        assert_eq!(target(&all_doors(), &pairs), waiting(patience), "{given}");
    }
}

#[test]
fn a_repeater_is_asked_for_a_destination() {
    let pairs = [
        ("hostname", "repeater"),
        ("port", "5901"),
        ("dest-host", "ID"),
        ("dest-port", "7"),
    ];
    let expected = Target::Repeater {
        at: at("repeater", 5901),
        destination: Destination::new("ID:7", 0).unwrap(),
    };
    assert_eq!(target(&all_doors(), &pairs), expected);
    let nowhere = [("hostname", SOCKET), ("dest-host", "desktop")];
    assert!(matches!(
        parse(&all_doors(), &nowhere),
        Err(Failure::BadParameter {
            name: "dest-host",
            ..
        })
    ));
}

#[test]
fn a_machine_is_woken_only_through_its_door() {
    let asked = [("wol-send-packet", "true"), ("wol-mac-addr", "1:2:3:4:5:6")];
    assert!(parse(&all_doors(), &asked).unwrap().wake.is_some());
    // The session goes on to where it was going.
    assert!(parse(&Policy::builtin(), &asked).unwrap().wake.is_none());
    assert!(parse(&all_doors(), &asked[..1]).unwrap().wake.is_none());
    assert!(parse(&all_doors(), &asked[1..]).unwrap().wake.is_none());
}

#[test]
fn attempts_are_counted() {
    for (given, retries) in [("", 0), ("3", 3), ("3601", 0), ("-1", 0), ("x", 0)] {
        let address = parse(&Policy::builtin(), &[("autoretry", given)]).unwrap();
        assert_eq!(address.autoretry, retries, "{given}");
    }
}
