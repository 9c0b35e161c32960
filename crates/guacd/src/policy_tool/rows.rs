//! What the rest of a policy says, in rows.

mod recording;

use std::time::Duration;

use guac_policy::{
    ClipboardLimits, ClipboardRule, ClosedDoor, Direction, Door, JoinMode, Key, Policy, Rate,
    Target, VncSecurity,
};

use super::subject::Subject;
use super::table::{Row, place};

pub(super) use recording::recording;

/// A setting with its value, and where it stands.
pub(super) fn said(policy: &Policy, key: Key, value: &str) -> (String, String) {
    (format!("{} = {value}", key.name()), place(policy, key))
}

/// A row about a setting with its value.
pub(super) fn row(
    policy: &Policy,
    what: &str,
    verdict: &'static str,
    key: Key,
    value: &str,
) -> Row {
    let (why, place) = said(policy, key, value);
    Row::new(what, verdict, why, place)
}

/// Where sessions lead.
pub(super) fn desktops(policy: &Policy) -> Vec<Row> {
    let allow = place(policy, Key::TargetsAllow);
    let mut rows: Vec<_> = policy
        .targets()
        .iter()
        .map(|target| {
            let what = if *target == Target::any() {
                "any host and port".to_owned()
            } else {
                target.to_string()
            };
            Row::new(what, "reached", "targets.allow names it", &*allow)
        })
        .collect();
    let sockets = policy.doors().iter().filter_map(|door| match door {
        Door::UnixSocket(_) => Some(door.to_string()),
        _ => None,
    });
    rows.extend(sockets.map(|door| Row::new(door, "reached", "targets.allow names it", &*allow)));
    if !policy.targets().contains(&Target::any()) {
        let why = "whatever hostname says: addresses are compared, not names";
        rows.push(Row::new("any other host or port", "refused", why, &*allow));
    }
    let has_socket = rows.iter().any(|row| row.what.starts_with("unix:"));
    let why = "targets.allow names none";
    let socket = if has_socket {
        "other Unix sockets"
    } else {
        "Unix sockets"
    };
    rows.push(Row::new(socket, "refused", why, allow));
    rows.extend(doors(policy));
    rows.push(security(policy));
    rows
}

fn doors(policy: &Policy) -> Vec<Row> {
    let row = |what: &str, door: Door, elsewhere: bool| {
        let verdict = match (policy.opens(&door), policy.closed_doors()) {
            (true, _) => "open",
            (false, ClosedDoor::Refuse) => "refused",
            (false, ClosedDoor::AsNeeded) if elsewhere => "refused",
            (false, ClosedDoor::AsNeeded | ClosedDoor::Ignore) => "ignored",
        };
        let why = if policy.opens(&door) {
            format!("targets.doors names \"{door}\"")
        } else {
            format!("targets.doors does not name \"{door}\"")
        };
        Row::new(what, verdict, why, place(policy, Key::TargetsDoors))
    };
    vec![
        row(
            "desktops that connect to the daemon",
            Door::ReverseConnect,
            true,
        ),
        row("desktops behind an UltraVNC repeater", Door::Repeater, true),
        row("waking a machine", Door::WakeOnLan, false),
    ]
}

fn security(policy: &Policy) -> Row {
    let (what, verdict) = match policy.vnc_security() {
        VncSecurity::None => ("VNC servers without any security", "reached"),
        VncSecurity::Password => ("VNC servers without a password", "refused"),
        VncSecurity::Encrypted => ("VNC servers without encryption", "refused"),
        VncSecurity::Verified => ("VNC servers that do not prove who they are", "refused"),
    };
    let value = format!("\"{}\"", policy.vnc_security().name());
    row(policy, what, verdict, Key::TargetsMinimumSecurity, &value)
}

/// How many keys pass.
pub(super) fn keys(policy: &Policy) -> (String, String) {
    let Some(budget) = policy.keys() else {
        return (
            "as fast as they come".to_owned(),
            place(policy, Key::InputKeysPerSecond),
        );
    };
    let rate = |rate: Option<Rate>, period: &str| {
        let Rate { sustained, burst } = rate?;
        Some(format!("{sustained} a {period}, {burst} at once"))
    };
    let second = rate(budget.per_second, "second");
    let key = match second {
        Some(_) => Key::InputKeysPerSecond,
        None => Key::InputKeysPerMinute,
    };
    let rates: Vec<_> = second
        .into_iter()
        .chain(rate(budget.per_minute, "minute"))
        .collect();
    let rates = rates.join(" and ");
    let excess = budget.excess.name();
    let why = format!("{rates}; beyond that, input.excess = \"{excess}\"");
    (why, place(policy, key))
}

/// Why the size of a window passes, and what then.
pub(super) fn resize(policy: &Policy, _: &Subject) -> (String, String) {
    let rule = policy.resize();
    let why = format!(
        "the desktop follows it up to {}x{}",
        rule.max_width, rule.max_height
    );
    (why, place(policy, Key::ResizeAllow))
}

/// Within which limits text crosses.
pub(super) fn clipboard(policy: &Policy, subject: &Subject, way: Direction) -> (String, String) {
    let (rule, key) = match way {
        Direction::In => (policy.clipboard_paste(), Key::PasteAllow),
        Direction::Out => (policy.clipboard_copy(), Key::CopyAllow),
    };
    let limits = match rule {
        ClipboardRule::Allow(limits) => within(limits, subject.restrictions.clipboard_bytes),
        ClipboardRule::Deny => String::new(),
    };
    (
        format!("{} = true: {limits}", key.name()),
        place(policy, key),
    )
}

fn within(limits: &ClipboardLimits, asked: Option<usize>) -> String {
    let most = limits.max_bytes.min(asked.unwrap_or(usize::MAX));
    let mut words = vec![format!("{most} bytes at once")];
    words.extend(
        limits
            .interval
            .map(|time| format!("one each {}", shown(time))),
    );
    words.extend(limits.per_minute.map(|texts| format!("{texts} a minute")));
    words.extend(
        limits
            .bytes_per_minute
            .map(|bytes| format!("{bytes} bytes a minute")),
    );
    if !limits.mime_types.is_empty() {
        words.push(format!("only {}", limits.mime_types.join(", ")));
    }
    words.join(", ")
}

pub(super) fn desktop_name(policy: &Policy) -> (String, String) {
    said(policy, Key::ChannelsDesktopName, "\"allow\"")
}

/// Who looks on.
pub(super) fn joins(policy: &Policy) -> Vec<Row> {
    let rule = policy.joins();
    let mode = format!("\"{}\"", rule.mode.name());
    let (what, verdict) = match rule.mode {
        JoinMode::Nobody => ("anybody beside the one who started the session", "refused"),
        JoinMode::ReadOnly => ("others, to look on", "may join"),
        JoinMode::Anyone => ("others, with keyboard and pointer", "may join"),
    };
    let mut rows = vec![row(policy, what, verdict, Key::JoinsAllow, &mode)];
    if rule.mode == JoinMode::Nobody {
        return rows;
    }
    if let Some(names) = &rule.names {
        let names = names.join(", ");
        rows.push(row(
            policy,
            "users of any other name",
            "refused",
            Key::JoinsNames,
            &names,
        ));
    }
    let most = rule.max_viewers.to_string();
    rows.push(row(
        policy,
        "more viewers than that",
        "refused",
        Key::JoinsMaxViewers,
        &most,
    ));
    rows
}

/// When a session ends by itself.
pub(super) fn session(policy: &Policy) -> Vec<Row> {
    let limits = policy.session();
    let row = |what: &str, time: Option<Duration>, key: Key| match time {
        Some(time) => row(
            policy,
            &format!("{what} {}", shown(time)),
            "ended",
            key,
            &quoted(time),
        ),
        None => Row::new(
            format!("{what} any time"),
            "goes on",
            format!("no {}", key.name()),
            place(policy, key),
        ),
    };
    vec![
        row("a session after", limits.max_length, Key::SessionMaxLength),
        row(
            "a session left idle for",
            limits.idle_end,
            Key::SessionIdleEnd,
        ),
    ]
}

fn quoted(time: Duration) -> String {
    format!("\"{}\"", shown(time))
}

/// A length of time as it is written in a policy.
pub(super) fn shown(time: Duration) -> String {
    let mut rest = time.as_millis();
    let mut text = String::new();
    for (unit, millis) in [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] {
        if millis <= rest {
            text.push_str(&format!("{}{unit}", rest / millis));
            rest %= millis;
        }
    }
    text
}
