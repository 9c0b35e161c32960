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
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use source::{Keys, Recording};

/// Tells what recordings of remote desktop sessions hold.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 every file was read to a clean end; 1 a file could not be read, or the \
                  picture could not be made or written; 2 wrong usage; 3 a file is cut, damaged \
                  or not what was written, and what stands before that place was used."
)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints who, when, how long, what there is in each file, and how it ends.
    ///
    /// Activity is a line over the time of the recording: `#` input and picture changes, `i` input, `-`
    /// picture changes, a space nothing.
    Show {
        /// Recordings.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The daemon's decision log: says what was refused in the session.
        #[arg(long, value_name = "FILE")]
        decision_log: Option<PathBuf>,
        /// Prints a JSON object for each file.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        opened: Opened,
    },
    /// Prints what happened, in the order of time: first and last frame, resizes, spans without input,
    /// texts of the clipboard, and how the recording ends.
    Events {
        /// The recording.
        file: PathBuf,
        /// The daemon's decision log: who joined and left, and what was refused, come in between.
        #[arg(long, value_name = "FILE")]
        decision_log: Option<PathBuf>,
        /// How many seconds without input are idle.
        #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
        idle: u32,
        /// Prints a JSON object for each event.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        opened: Opened,
    },
    /// Writes one archive with the recording, its summary, events, typed text and contact sheet, and the
    /// SHA-256 of each.
    Export {
        /// The recording.
        file: PathBuf,
        /// The archive, a tar file. It must not exist.
        archive: PathBuf,
        /// The recording's evidence file.
        #[arg(long, value_name = "FILE")]
        evidence: Option<PathBuf>,
        /// The daemon's decision log: what it says about the session is put among the events.
        #[arg(long, value_name = "FILE")]
        decision_log: Option<PathBuf>,
        /// Makes a video, too.
        #[arg(long)]
        video: bool,
        #[command(flatten)]
        opened: Opened,
    },
    /// Puts the recording and the evidence of a session together from an object store.
    ///
    /// Credentials come from the environment, as the daemon's do.
    Fetch {
        /// The store and the session's id, as in s3://bucket/prefix/SESSION.
        url: String,
        /// The directory to put them into. Nothing in it is replaced.
        directory: PathBuf,
    },
    /// Prints what was typed, line by line, with times from the first frame on.
    Keys {
        /// Recordings.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The text alone, as stock guaclog writes it.
        #[arg(long)]
        plain: bool,
        #[command(flatten)]
        opened: Opened,
    },
    /// Writes the last frame of a recording as a PNG picture.
    Thumb {
        /// The recording.
        file: PathBuf,
        /// The picture. It must not exist.
        picture: PathBuf,
        #[command(flatten)]
        opened: Opened,
    },
    /// Writes pictures at even times, from the first frame to the last, as one PNG picture.
    Thumbs {
        /// The recording.
        file: PathBuf,
        /// The picture. It must not exist.
        picture: PathBuf,
        /// How many pictures.
        #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1_000))]
        count: u16,
        /// How many side by side.
        #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=100))]
        columns: u16,
        /// The width of each in pixels. None is higher than that either.
        #[arg(long, value_name = "PX", default_value_t = 320, value_parser = clap::value_parser!(u16).range(64..=4_096))]
        width: u16,
        #[command(flatten)]
        opened: Opened,
    },
    /// Checks that recordings are what was written, whole and unaltered, by their evidence.
    Verify {
        /// Recordings, or directories of them, or sessions in an object store, as in s3://bucket/prefix/SESSION.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The evidence file, or the directory of evidence files. Without it, they lie beside.
        #[arg(long, value_name = "FILE or DIR")]
        evidence: Option<PathBuf>,
        /// The daemon's decision log: finds evidence that was cut short or replaced as a whole.
        #[arg(long, value_name = "FILE")]
        decision_log: Option<PathBuf>,
        /// Prints a JSON object for each recording.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        opened: Opened,
    },
    /// Makes a video, through ffmpeg, which must be installed.
    Video {
        /// The recording.
        file: PathBuf,
        /// The video: a name that ends with .mp4 or .webm. It must not exist.
        video: PathBuf,
        /// Most pictures in a second. Only what changes becomes a picture.
        #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=60))]
        fps: u32,
        /// Scales to this size, as in 1280x720. Without it, each pixel of the desktop is one of the
        /// video.
        #[arg(long, value_name = "WxH", value_parser = size)]
        size: Option<(u32, u32)>,
        /// Leaves out the strip below the desktop that has the time and a progress bar.
        #[arg(long)]
        no_clock: bool,
        /// Leaves out the mouse pointer.
        #[arg(long)]
        no_cursor: bool,
        #[command(flatten)]
        opened: Opened,
    },
    /// Writes a sealed recording as it was before it was sealed.
    Unseal {
        /// The sealed recording.
        file: PathBuf,
        /// The recording. It must not exist.
        recording: PathBuf,
        /// The file with an auditor's secret key, as `age-keygen` writes it; - is standard input.
        #[arg(long, value_name = "FILE")]
        identity: PathBuf,
    },
}

/// What opens sealed recordings.
#[derive(Debug, clap::Args)]
struct Opened {
    /// The file with an auditor's secret key, which opens sealed recordings; - is standard input.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

impl Opened {
    fn keys(&self) -> anyhow::Result<Option<Keys>> {
        self.identity.as_deref().map(source::keys).transpose()
    }

    fn recording(&self, file: PathBuf) -> anyhow::Result<Recording> {
        Ok(Recording::new(file, self.keys()?.as_ref()))
    }

    fn recordings(&self, files: Vec<PathBuf>) -> anyhow::Result<Vec<Recording>> {
        let keys = self.keys()?;
        let recordings = files.into_iter();
        Ok(recordings
            .map(|file| Recording::new(file, keys.as_ref()))
            .collect())
    }
}

/// Reads a video's size: even numbers from 16 to 8192.
fn size(text: &str) -> Result<(u32, u32), String> {
    let side = |text: &str| {
        let side = text.parse().ok();
        side.filter(|side| (16..=8_192).contains(side) && side % 2 == 0)
    };
    text.split_once('x')
        .and_then(|(width, height)| Some((side(width)?, side(height)?)))
        .ok_or_else(|| "a size is like 1280x720: even numbers from 16 to 8192".to_owned())
}

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
