//! Forced parameters that the rest of the policy would refuse: no session could start.

use core::net::{IpAddr, SocketAddr};
use std::path::Path;

use super::draft::Draft;
use super::finding::{Fault, Findings, quoted};
use super::kind::Item;
use crate::doors::{Door, SocketPath};
use crate::policy::{Key, Policy, RecordingMode};

/// Notes forced values that the policy itself does not permit.
pub(super) fn check(draft: &Draft, findings: &mut Findings<'_>) {
    let forced = draft.values(Key::ParametersForce);
    if forced.is_empty() {
        return;
    }
    let policy = super::build::policy(draft, crate::policy::Origin::default());
    for (item, value) in forced {
        let port = value_of(forced, "port");
        if let Some(fault) = refused(&policy, item, value, port) {
            findings.add(item.at, fault);
        }
    }
}

fn value_of<'a>(forced: &'a [(Item, String)], name: &str) -> Option<&'a str> {
    let (_, value) = forced.iter().find(|(item, _)| item.text == name)?;
    Some(value.as_str())
}

fn refused(policy: &Policy, item: &Item, value: &str, port: Option<&str>) -> Option<Fault> {
    let is_on = value == "true";
    match item.text.as_str() {
        "hostname" => (!reaches(policy, value, port)).then(|| {
            let place = match port {
                Some(port) => format!("{value}:{port}"),
                None => value.to_owned(),
            };
            Fault::new(
                format!(
                    "targets.allow does not permit {}, which is forced",
                    quoted(&place)
                ),
                "add it to targets.allow, or force another one",
            )
        }),
        "reverse-connect" if is_on => closed(policy, &Door::ReverseConnect),
        "dest-host" if !value.is_empty() => closed(policy, &Door::Repeater),
        "wol-send-packet" if is_on => closed(policy, &Door::WakeOnLan),
        "recording-path" => (!policy.recording().takes_path(Path::new(value))).then(|| {
            Fault::new(
                format!(
                    "recording.paths does not permit {}, which is forced",
                    quoted(value)
                ),
                "add it to recording.paths, or force another one",
            )
        }),
        "recording-name" => (!policy.recording().takes_name(value)).then(|| {
            Fault::new(
                format!(
                    "recording.names does not permit {}, which is forced",
                    quoted(value)
                ),
                "add it to recording.names, or force another one",
            )
        }),
        "recording-exclude-output" | "recording-write-existing"
            if is_on && policy.recording().mode == RecordingMode::Required =>
        {
            Some(Fault::new(
                "a recording that is required is whole, and replaces none",
                "leave it out, or write recording.mode = \"optional\"",
            ))
        }
        _ => None,
    }
}

fn closed(policy: &Policy, door: &Door) -> Option<Fault> {
    (!policy.opens(door)).then(|| {
        Fault::new(
            format!("this forces a way to desktops that is closed: {door}"),
            format!("add \"{door}\" to targets.doors, or leave it out"),
        )
    })
}

/// Whether a forced place is among the targets, as far as that can be known: the addresses of names
/// are looked up when a session starts.
fn reaches(policy: &Policy, host: &str, port: Option<&str>) -> bool {
    if let Some(path) = host.strip_prefix(SocketPath::PREFIX) {
        return SocketPath::new(path).is_ok_and(|path| policy.opens(&Door::UnixSocket(path)));
    }
    let Ok(ip) = host.parse::<IpAddr>() else {
        return true;
    };
    policy.targets().iter().any(|target| match target.host() {
        Some(_) => true,
        None => match port.and_then(|port| port.parse().ok()) {
            Some(port) => target.takes(SocketAddr::new(ip, port), |_| Vec::new()),
            None => target.takes_ip(ip, |_| Vec::new()),
        },
    })
}
