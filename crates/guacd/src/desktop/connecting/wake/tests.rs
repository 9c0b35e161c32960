use std::io::ErrorKind;

use guac_policy::Policy;
use tokio::net::TcpListener;

use super::*;
use crate::desktop::address::HostPort;
use crate::desktop::connecting::Targets;
use crate::desktop::testing::values;

const MAC: &str = "01:23:45:67:89:aB";

fn parse(pairs: &[(&str, &str)]) -> Result<Option<Wake>, Failure> {
    Wake::parse(&Values::new(&values(pairs)))
}

/// A machine's ear, and what wakes it.
async fn sleeper(pause: &str) -> (UdpSocket, Wake) {
    let ear = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    let port = ear.local_addr().unwrap().port().to_string();
    let call = parse(&[
        ("wol-mac-addr", MAC),
        ("wol-broadcast-addr", "127.0.0.1"),
        ("wol-udp-port", &port),
        ("wol-wait-time", pause),
    ]);
    (ear, call.unwrap().unwrap())
}

async fn heard(ear: &UdpSocket) -> Vec<u8> {
    let mut bytes = vec![0; 200];
    let length = ear.recv(&mut bytes).await.unwrap();
    bytes.truncate(length);
    bytes
}

fn address(port: u16) -> Address {
    Address {
        target: Target::Tcp(HostPort {
            host: "127.0.0.1".into(),
            port,
        }),
        wake: None,
        autoretry: 0,
        targets: Targets::of(&Policy::builtin()),
    }
}

/// A port that is held, and not listened on.
fn deaf() -> (tokio::net::TcpSocket, u16) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

#[test]
fn a_hardware_address_is_six_bytes() {
    let bytes = Some([0x01, 0x23, 0x45, 0x67, 0x89, 0xab]);
    assert_eq!(parse_mac(MAC), bytes);
    assert_eq!(parse_mac("1:23:45:67:89:ab"), bytes);
    for text in [
        "",
        "01:23:45:67:89",
        "01:23:45:67:89:ab:cd",
        "01-23-45-67-89-ab",
        "01:23:45:67:89:",
        "01:23:45:67:89:1ab",
        "01:23:45:67:89:+a",
        "01:23:45:67:89:xy",
        "01:23:45:67:89: a",
    ] {
        assert_eq!(parse_mac(text), None, "{text}");
    }
}

#[test]
fn defaults_are_those_of_stock() {
    let wake = parse(&[("wol-mac-addr", MAC)]).unwrap().unwrap();
    assert_eq!(wake.to, "255.255.255.255:9".parse().unwrap());
    assert_eq!(wake.pause, None);
    assert!(parse(&[]).unwrap().is_none());
}

#[test]
fn what_cannot_be_sent_is_said_before() {
    for (name, value) in [
        ("wol-mac-addr", "not an address"),
        ("wol-broadcast-addr", "broadcast.example"),
    ] {
        let refused = parse(&[(name, value), ("wol-mac-addr", MAC)]);
        match refused {
            Err(Failure::BadParameter { name: named, .. }) => assert_eq!(named, name),
            other => panic!("{name} gives {other:?}"),
        }
    }
    let multicast = parse(&[("wol-mac-addr", MAC), ("wol-broadcast-addr", "ff02::1")]);
    assert!(multicast.unwrap().unwrap().to.is_ipv6());
}

#[tokio::test]
async fn the_datagram_is_ones_and_sixteen_addresses() {
    let (ear, call) = sleeper("0").await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    assert!(then_connect(&call, &address(port)).await.is_ok());
    let expected = [
        vec![0xff; 6],
        [0x01, 0x23, 0x45, 0x67, 0x89, 0xab].repeat(16),
    ]
    .concat();
    assert_eq!(expected.len(), 102);
    assert_eq!(heard(&ear).await, expected);
}

#[tokio::test]
async fn a_machine_that_is_awake_is_let_be() {
    let (ear, call) = sleeper("1").await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    assert!(then_connect(&call, &address(port)).await.is_ok());
    let said = ear.try_recv(&mut [0; 1]).unwrap_err();
    assert_eq!(said.kind(), ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_machine_that_wakes_up_is_connected_to() {
    let (ear, call) = sleeper("1").await;
    let (socket, port) = deaf();
    let wanted = address(port);
    let connecting = then_connect(&call, &wanted);
    let waking = async {
        heard(&ear).await;
        let listener = socket.listen(1).unwrap();
        listener.accept().await.unwrap()
    };
    let (connected, _accepted) = tokio::join!(connecting, waking);
    assert!(connected.is_ok());
}

#[tokio::test]
async fn what_may_not_be_reached_is_not_woken() {
    let (ear, call) = sleeper("1").await;
    let (_deaf, port) = deaf();
    let nowhere = Policy::builder().targets(Vec::new()).build();
    let address = Address {
        targets: Targets::of(&nowhere),
        ..address(port)
    };
    let refused = then_connect(&call, &address).await;
    assert!(matches!(refused, Err(Failure::ForbiddenTarget)));
    let said = ear.try_recv(&mut [0; 1]).unwrap_err();
    assert_eq!(said.kind(), ErrorKind::WouldBlock);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_sleeps_on_is_given_up() {
    let (ear, call) = sleeper("60").await;
    let (_deaf, port) = deaf();
    let start = tokio::time::Instant::now();
    let given_up = then_connect(&call, &address(port)).await;
    assert!(matches!(given_up, Err(Failure::NotWoken)));
    assert!(Duration::from_secs(4 * 60) <= start.elapsed());
    heard(&ear).await;
}
