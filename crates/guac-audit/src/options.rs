//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::source::{self, Keys, Recording};

/// Tells what recordings of remote desktop sessions hold.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 every file was read to a clean end; 1 a file could not be read, or the \
                  picture could not be made or written; 2 wrong usage; 3 a file is cut, damaged \
                  or not what was written, and what stands before that place was used."
)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
pub(crate) struct Opened {
    /// The file with an auditor's secret key, which opens sealed recordings; - is standard input.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

impl Opened {
    pub(crate) fn keys(&self) -> anyhow::Result<Option<Keys>> {
        self.identity.as_deref().map(source::keys).transpose()
    }

    pub(crate) fn recording(&self, file: PathBuf) -> anyhow::Result<Recording> {
        Ok(Recording::new(file, self.keys()?.as_ref()))
    }

    pub(crate) fn recordings(&self, files: Vec<PathBuf>) -> anyhow::Result<Vec<Recording>> {
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
