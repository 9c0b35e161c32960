//! What the rows have shown, for a terminal and for the book.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

use crate::colours::{Narrow, Rules};
use crate::row::{Clipboard, Resize, Row, Server, Trust};
use crate::run::Outcome;

const INTRODUCTION: &str = "\
# VNC servers

Written by `cargo xtask servers`, which starts each of these servers on loopback, opens its desktop through the daemon with a client of
our own, and compares. It installs what is missing from Debian first. A few of the rows are part of `cargo xtask test`.

Every row is looked at for all of this, in this order:

1. The session comes up, and the daemon's log names the security type that the row asks for.
2. The viewer's picture is the server's own, pixel for pixel. The server's own is read from the X server, by the machine's monitor or
   from the compositor, never over VNC. With `color-depth` 8 or 16 the expected picture is the server's with each colour made of fewer
   bits, by the server's own rule, and spread again; it has to be the same exactly as well, and so does
   one with a `quality-level`: what the server sent as JPEG is asked for again without a loss.
3. The first pixels on the wire are in the encoding that was asked for, and before them the server has said that it can be asked for
   another size, or has not, as the table below has it. Where the connection is encrypted, or no port, this cannot be seen.
4. What changes on the desktop changes in the viewer's picture.
5. The pointer's shape is the desktop's, where the server tells it.
6. Typed text arrives as the characters it means, with Shift and without.
7. The left, middle and right button go down and up, in order, and nothing else does.
8. Copied text crosses in neither direction. One row for each server runs under a policy that allows it: there it crosses in both, where
   the server has a clipboard.
9. A wish for another size is followed, or refused without harm to the picture; a size that the server chooses by itself is followed.

A server with a certificate is known by the parameter that the row names. Where that is nothing, or another server's fingerprint, the session
has to end before anything is shown, and the log has to say what to do about it.
";

/// What a person who runs such a server should know, beside the tables.
const REMARKS: [(Server, &str); 6] = [
    (
        Server::Xvnc,
        "Every feature works. It draws the pointer into the picture until a client has moved it. X509Plain asks PAM; the rows give it a \
         service of their own, in a mount namespace.",
    ),
    (
        Server::X0vncserver,
        "On Xvfb a wish for another size is refused, as Xvfb has one size only. It has no clipboard in this version.",
    ),
    (
        Server::X11vnc,
        "Without a window manager on the display it tells no shape of the pointer but its own arrow, unless it runs with \
         `X11VNC_AVOID_WINDOWS=never`, as here. It refuses other sizes. Copied text took about 15 s to cross.",
    ),
    (
        Server::Xtightvnc,
        "It has neither RandR nor XKB, and cannot be resized. What programs copy today does not cross.",
    ),
    (
        Server::Qemu,
        "The picture is that of the standard VGA card, with a PS/2 mouse, which moves relatively. Sizes are the guest's own. The pointer's \
         shape and the clipboard need drivers in the guest; this one has none. With `tls-creds-anon` it has no certificate: refused.",
    ),
    (
        Server::Wayvnc,
        "sway runs without any hardware (`WLR_BACKENDS=headless`, `WLR_RENDERER=pixman`) and not as root. With `enable_auth` it speaks X509Plain alone. The server neither tells the \
         pointer's shape nor draws it. It knows no wish for another size; one that the compositor is given is followed.",
    ),
];

/// Prints what failed, and the count.
pub(crate) fn print(outcomes: &[Outcome]) {
    for outcome in outcomes {
        if let Some(failure) = &outcome.failure {
            let done = outcome.done.join(", ");
            eprintln!("\n=== {}\nright so far: {done}\n{failure}", outcome.row);
        }
    }
    eprintln!(
        "{} of {} rows passed",
        passed(outcomes.iter()),
        outcomes.len()
    );
}

/// The page of the book.
pub(crate) fn document(outcomes: &[Outcome]) -> String {
    let mut page = format!("{INTRODUCTION}\n## Servers\n\n");
    page.push_str("| Server | Package, version | Passed | Resize | Pointer's shape | Clipboard, if allowed | 24 to 16 and 8 bits |\n");
    page.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
    let servers: BTreeSet<_> = outcomes.iter().map(|outcome| outcome.row.server).collect();
    for server in &servers {
        let rows = || outcomes.iter().filter(|o| o.row.server == *server);
        let counted = format!("{} of {}", passed(rows()), rows().count());
        page.push_str(&server_line(*server, &counted));
    }
    page.push_str("\n## What differs\n\n");
    for (server, remark) in REMARKS.iter().filter(|(s, _)| servers.contains(s)) {
        let _ = writeln!(page, "- **{}**: {remark}", server.title());
    }
    page.push_str("\n## Rows\n\n");
    page.push_str("Every encoding of a line is looked at with every `color-depth` of it. *default* is what the daemon asks a server on \
        its own host for: raw pixels.\n\n");
    page.push_str("| Server | Way | Security | Screen | Encodings | `color-depth` | Passed |\n");
    page.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
    for group in groups(outcomes.iter().map(|outcome| outcome.row)) {
        let rows = || outcomes.iter().filter(|o| o.row.group() == group.group());
        let counted = format!("{} of {}", passed(rows()), rows().count());
        let of_group: Vec<Row> = rows().map(|outcome| outcome.row).collect();
        page.push_str(&group_line(&of_group, &counted));
    }
    page
}

/// Lines of the page that the table has to have today, whoever passed when it was written.
pub(crate) fn expected_lines(rows: &[Row]) -> Vec<String> {
    let line = |group: Row| {
        let of_group: Vec<_> = rows
            .iter()
            .filter(|row| row.group() == group.group())
            .copied()
            .collect();
        let counted = format!("{0} of {0}", of_group.len());
        group_line(&of_group, &counted)
    };
    groups(rows.iter().copied()).into_iter().map(line).collect()
}

/// One row of each line of the page, in order.
fn groups(rows: impl Iterator<Item = Row>) -> Vec<Row> {
    let mut groups: Vec<Row> = Vec::new();
    for row in rows {
        if !groups.iter().any(|known| known.group() == row.group()) {
            groups.push(row);
        }
    }
    groups
}

fn group_line(rows: &[Row], counted: &str) -> String {
    let Some(first) = rows.first() else {
        return String::new();
    };
    let list = |of: fn(&Row) -> &'static str| {
        let mut values: Vec<&str> = Vec::new();
        for row in rows {
            let value = if of(row).is_empty() {
                "default"
            } else {
                of(row)
            };
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values.join(", ")
    };
    let mut encodings = list(|row| row.encoding);
    if !first.quality.is_empty() {
        let _ = write!(encodings, ", `quality-level` {}", first.quality);
    }
    let trust = match (first.trust, first.is_refused()) {
        (Trust::Nothing, false) => String::new(),
        (trust, false) => format!(" by {}", trust.title()),
        (trust, true) => format!(" by {}: refused", trust.title()),
    };
    let clipboard = if first.is_open {
        ", clipboard allowed"
    } else {
        ""
    };
    format!(
        "| {} | {} | {:?}{trust}{clipboard} | {} | {encodings} | {} | {counted} |\n",
        first.server.title(),
        first.road.title(),
        first.security,
        first.screen,
        list(|row| row.depth),
    )
}

fn server_line(server: Server, counted: &str) -> String {
    let resize = match server.resize() {
        Resize::Follows => "follows",
        Resize::Refuses => "refuses",
        Resize::Unknown => "cannot",
    };
    let cursor = if server.tells_cursor() {
        "told"
    } else {
        "not told"
    };
    let clipboard = match server.clipboard() {
        Clipboard::Crosses => "crosses both ways",
        Clipboard::Absent => "none",
    };
    let Rules { narrow, .. } = server.rules();
    let colours = match narrow {
        Narrow::Nearest => "the nearest",
        Narrow::Up => "the nearest, ties and near ties upwards",
        Narrow::Cut => "the highest bits",
    };
    format!(
        "| {} | {} {} | {counted} | {resize} | {cursor} | {clipboard} | {colours} |\n",
        server.title(),
        server.package(),
        version(server.package()),
    )
}

/// The version of a package, as Debian counts it.
fn version(package: &str) -> String {
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat", "${Version}", package])
        .output();
    match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
        _ => "of another origin".to_owned(),
    }
}

fn passed<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> usize {
    outcomes.filter(|outcome| outcome.passed()).count()
}
