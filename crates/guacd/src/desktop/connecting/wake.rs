//! Machines that sleep until a datagram wakes them: Wake-on-LAN, in stock guacd's order.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use socket2::SockRef;
use tokio::net::UdpSocket;
use tokio::time::sleep;

use super::{Connection, reach};
use crate::desktop::address::{Address, Target};
use crate::desktop::arguments::Values;
use crate::desktop::failure::Failure;

/// Bytes of a hardware address.
const MAC_BYTES: usize = 6;

/// How often the address follows six bytes of ones.
const REPEATS: usize = 16;

/// Bytes of the datagram.
const PACKET_BYTES: usize = MAC_BYTES * (1 + REPEATS);

/// The port that machines listen on in their sleep, if they look at it at all.
const UDP_PORT: u16 = 9;

/// How often a machine that wakes up is tried.
const TRIES: usize = 5;

/// The longest pause between two tries, in seconds.
const WAIT_MAX: u32 = 600;

/// Routers that the datagram may pass.
const HOPS: u32 = 1;

/// What wakes a machine up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wake {
    packet: [u8; PACKET_BYTES],
    to: SocketAddr,
    /// How long to wait between two tries, if the machine is to be waited for.
    pause: Option<Duration>,
}

impl Wake {
    /// Reads what wakes the machine up. Without its hardware address that is nothing.
    pub(crate) fn parse(values: &Values<'_>) -> Result<Option<Self>, Failure> {
        let Some(mac) = values.text("wol-mac-addr") else {
            tracing::warn!(
                "WoL was enabled, but no MAC address was provided. WoL will not be sent."
            );
            return Ok(None);
        };
        let mac = parse_mac(mac).ok_or(Failure::BadParameter {
            name: "wol-mac-addr",
            problem: "it is not six bytes in hexadecimal with colons between them",
        })?;
        let to = match values.text("wol-broadcast-addr") {
            None => IpAddr::V4(Ipv4Addr::BROADCAST),
            Some(address) => address.parse().map_err(|_| Failure::BadParameter {
                name: "wol-broadcast-addr",
                problem: "it is neither an IPv4 nor an IPv6 address",
            })?,
        };
        let port = values.integer("wol-udp-port", UDP_PORT, 0..=u16::MAX);
        let pause = values.integer("wol-wait-time", 0, 0..=WAIT_MAX);
        Ok(Some(Self {
            packet: packet(mac),
            to: SocketAddr::new(to, port),
            pause: (0 < pause).then(|| Duration::from_secs(pause.into())),
        }))
    }
}

fn parse_mac(text: &str) -> Option<[u8; MAC_BYTES]> {
    let mut bytes = [0; MAC_BYTES];
    let mut groups = text.split(':');
    for byte in &mut bytes {
        let group = groups.next()?;
        // A sign would be taken for a part of the number.
        if !group.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(group, 16).ok()?;
    }
    groups.next().is_none().then_some(bytes)
}

fn packet(mac: [u8; MAC_BYTES]) -> [u8; PACKET_BYTES] {
    let mut packet = [0xff; PACKET_BYTES];
    for place in packet.chunks_exact_mut(MAC_BYTES).skip(1) {
        place.copy_from_slice(&mac);
    }
    packet
}

/// Wakes a machine up and connects to it. One that is to be waited for is tried before, since it may
/// be awake, and some times after.
pub(super) async fn then_connect(call: &Wake, address: &Address) -> Result<Connection, Failure> {
    let pause = match (call.pause, &address.target) {
        (Some(pause), Target::Tcp(_) | Target::Repeater { .. }) => pause,
        // Nothing would be tried that could answer.
        (_, _) => {
            send(call).await?;
            return reach(address).await;
        }
    };
    match reach(address).await {
        // What may not be reached is not woken either.
        finished @ (Ok(_) | Err(Failure::ForbiddenTarget)) => return finished,
        Err(failure) => tracing::debug!("The machine has to be woken: {failure}"),
    }
    send(call).await?;
    for try_number in 0..TRIES {
        if 0 < try_number {
            sleep(pause).await;
        }
        match reach(address).await {
            Ok(connection) => return Ok(connection),
            Err(failure) => tracing::debug!("The machine is not awake yet: {failure}"),
        }
    }
    Err(Failure::NotWoken)
}

async fn send(call: &Wake) -> Result<(), Failure> {
    let sending = async {
        let any = match call.to {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let socket = UdpSocket::bind((any, 0)).await?;
        match call.to {
            SocketAddr::V4(_) => socket.set_broadcast(true)?,
            SocketAddr::V6(_) => SockRef::from(&socket).set_multicast_hops_v6(HOPS)?,
        }
        socket.send_to(&call.packet, call.to).await
    };
    tracing::debug!("Sending Wake-on-LAN packet.");
    match sending.await {
        Ok(_all) => Ok(()),
        Err(error) => Err(Failure::Wake(error.kind())),
    }
}

#[cfg(test)]
mod tests;
