//! The page of the book: what went wrong, and what was seen.

use std::fmt::Write as _;

use crate::{Fault, Outcome};

const INTRODUCTION: &str = "\
# Faults of recordings

Written by `cargo xtask faults`; a short form is part of `cargo xtask test`.

A real desktop (TigerVNC) draws all the time while a recorded session, sent without loss, is looked at by its owner and a guest. Then something goes wrong. All
that both were sent is held against the file: each frame has to be in it with the same instructions, or show a picture that the recording shows
at that time; what came of a frame that was cut off on its way has to be in the file too.

| What goes wrong | What has to happen | What was seen |
| --- | --- | --- |
";

/// The whole page.
pub(crate) fn document(outcomes: &[(&Fault, Outcome)]) -> String {
    let mut page = INTRODUCTION.to_owned();
    for (fault, outcome) in outcomes {
        let seen = match outcome {
            Outcome::Held(seen) => seen.clone(),
            Outcome::LeftOut(why) => format!("left out: {why}"),
        };
        // Text in memory takes everything.
        let _ = writeln!(page, "| {} | {} | {seen} |", fault.name, fault.promise);
    }
    page
}
