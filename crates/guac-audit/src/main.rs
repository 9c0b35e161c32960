//! The auditor's binary: what a recording shows.
//!
//! It reads recordings of this daemon and of stock guacd. Files may be hostile: they are read piece
//! by piece, memory is bounded whatever they hold, and none of their text reaches a terminal without
//! what a terminal might take for a command made visible.
//!
//! # Exit codes
//!
//! | Code | Meaning |
//! | --- | --- |
//! | 0 | Every file was read to a clean end |
//! | 1 | A file could not be read, or the picture could not be made or written |
//! | 2 | The command line makes no sense |
//! | 3 | A file is cut, damaged or not what was written; what stands before that place was used |
//!
//! Where several apply, 1 goes before 3.

mod activity;
mod clock;
mod decisions;
mod event;
mod events;
mod export;
mod fetch;
mod film;
mod font;
mod image;
mod keys;
mod options;
mod reading;
mod report;
mod show;
mod source;
mod summary;
mod thumb;
mod unseal;
mod verify;
mod video;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use options::{Command, Options};

/// How well it went, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Whole,
    Damaged,
    Failed,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Whole => Self::SUCCESS,
            Outcome::Failed => Self::from(1),
            Outcome::Damaged => Self::from(3),
        }
    }
}

fn main() -> ExitCode {
    let outcome = run(Options::parse().command);
    outcome
        .unwrap_or_else(|error| {
            complain(&format!("{error:#}"));
            Outcome::Failed
        })
        .into()
}

fn run(command: Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Show {
            files,
            decision_log,
            json,
            opened,
        } => show::show(
            &opened.recordings(files)?,
            decision_log.as_deref(),
            json,
            &mut io::stdout().lock(),
        ),
        Command::Events {
            file,
            decision_log,
            idle,
            json,
            opened,
        } => {
            let idle = i64::from(idle) * 1_000;
            let request = events::Request {
                decision_log,
                idle,
                json,
            };
            events::events(&opened.recording(file)?, &request, &mut io::stdout().lock())
        }
        Command::Export {
            file,
            archive,
            evidence,
            decision_log,
            video,
            opened,
        } => {
            let parts = export::Parts {
                evidence,
                decision_log,
                video,
            };
            export::export(&opened.recording(file)?, &archive, &parts)
        }
        Command::Fetch { url, directory } => Ok(fetch::fetch(&url, &directory)?.outcome),
        Command::Keys {
            files,
            plain,
            opened,
        } => keys::keys(&opened.recordings(files)?, plain),
        Command::Thumb {
            file,
            picture,
            opened,
        } => thumb::thumb(&opened.recording(file)?, &picture),
        Command::Thumbs {
            file,
            picture,
            count,
            columns,
            width,
            opened,
        } => {
            let sheet = thumb::Sheet {
                count: count.into(),
                columns: columns.into(),
                width: width.into(),
            };
            thumb::thumbs(&opened.recording(file)?, &picture, sheet)
        }
        Command::Verify {
            files,
            evidence,
            decision_log,
            json,
            opened,
        } => {
            let (_temporary, files) = fetch::fetch_all(files)?;
            verify::verify(
                &files,
                opened.keys()?.as_ref(),
                evidence.as_deref(),
                decision_log.as_deref(),
                json,
                &mut io::stdout().lock(),
            )
        }
        Command::Video {
            file,
            video,
            fps,
            size,
            no_clock,
            no_cursor,
            opened,
        } => {
            let look = video::Look {
                fps,
                size,
                clock: !no_clock,
                pointer: !no_cursor,
            };
            video::video(&opened.recording(file)?, &video, look)
        }
        Command::Unseal {
            file,
            recording,
            identity,
        } => unseal::unseal(&file, &recording, &identity),
    }
}

/// Tells the user what is wrong; if even that cannot be written, the exit code says it.
fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "guac-audit: {message}");
}
