//! The page of the book: what was tried, and where it was found.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::attempts::{ATTEMPTS, Attempt, Way};
use crate::round::Outcome;
use system_tests::policy::Rules;

const INTRODUCTION: &str = "\
# Canaries

Written by `cargo xtask canaries`; a short form is part of `cargo xtask test`.

Each round starts a real desktop (TigerVNC), the daemon under one of the policies, and the stock JavaScript client in Chromium. Texts that
nobody has seen before, a new one for each attempt, are put wherever the desktop and the client could have one. Then every byte that the
daemon wrote is searched for them: to the browser, to the VNC server, into the recording, into its log and into the decision log. A text is found in UTF-8,
UTF-16 of both byte orders and Latin-1, each as it is, in hexadecimal and in base64 at all three offsets, with or without the characters at
its ends, and also where it was compressed by zlib on its way to the VNC server. Pictures are not read: what a person can see on the desktop,
a person can see in the browser.

*Action* is what the daemon's decisions call the attempt. *Nowhere* means that the text was found in none of these in any round. *Refused*
means that the client was told so at once, with code 0x0303. Under the stock-compatible policy the same attempts are seen to arrive, so that a text that
is found nowhere could have been found. What VNC has no way to carry crosses under no policy. Each refused attempt of
which the daemon knows is in the decision log, by its action and direction, without its text.

The policies are those of `docs/policies`, with the test's ports and folder for recordings; *built-in* is the daemon without a policy file.
";

/// The whole page.
pub(crate) fn document(outcomes: &[Outcome]) -> String {
    let mut page = INTRODUCTION.to_owned();
    let rounds = |rules| outcomes.iter().filter(move |o| o.plan.rules == rules);
    page.push_str("\n| Policy | Rounds | Bytes searched | Clients | Texts |\n| --- | --- | --- | --- | --- |\n");
    for rules in Rules::ALL {
        let searched: usize = rounds(rules).map(|outcome| outcome.searched).sum();
        let clients: BTreeSet<_> = rounds(rules).map(|o| o.plan.client).collect();
        let ends: BTreeSet<_> = rounds(rules).map(|o| o.plan.ends.0).collect();
        let list = |names: BTreeSet<&str>| names.into_iter().collect::<Vec<_>>().join(", ");
        let count = rounds(rules).count();
        // Text in memory takes everything.
        let _ = writeln!(
            page,
            "| {} | {count} | {searched} | {} | {} |",
            rules.title(),
            list(clients),
            list(ends)
        );
    }
    for (way, title) in [
        (Way::Out, "From the desktop to the browser"),
        (Way::In, "From the browser to the desktop"),
    ] {
        let titles = Rules::ALL.map(Rules::title).join(" | ");
        let _ = write!(
            page,
            "\n## {title}\n\n| Where the text was put | Action | {titles} |\n"
        );
        page.push_str(&"| --- ".repeat(Rules::ALL.len() + 2));
        page.push_str("|\n");
        for attempt in ATTEMPTS.iter().filter(|attempt| attempt.way == way) {
            let cells = Rules::ALL
                .map(|rules| cell(attempt, rounds(rules)))
                .join(" | ");
            let _ = writeln!(
                page,
                "| {} | `{}` | {cells} |",
                attempt.name, attempt.action
            );
        }
    }
    page
}

/// What became of an attempt in these rounds.
fn cell<'a>(attempt: &Attempt, rounds: impl Iterator<Item = &'a Outcome>) -> String {
    let mut words = BTreeSet::new();
    for outcome in rounds {
        for finding in &outcome.findings {
            if finding.attempt.name != attempt.name {
                continue;
            }
            let place = match finding.places.as_slice() {
                [] => "nowhere".to_owned(),
                places => format!("**{}**", places.join(", ")),
            };
            words.insert(match &finding.told {
                Some((0x0303, words)) => format!("{place}, refused: \u{201c}{words}\u{201d}"),
                _ => place,
            });
        }
    }
    words.into_iter().collect::<Vec<_>>().join("; ")
}
