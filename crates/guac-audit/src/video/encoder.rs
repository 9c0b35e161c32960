//! The encoder: an `ffmpeg` that takes pictures from a pipe, and the thread that feeds it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use anyhow::{Context as _, bail, ensure};
use rustix::pipe::fcntl_setpipe_size;

use super::matroska;
use super::screen::Screen;

/// Pictures that may wait for the pipe while the next is drawn.
const WAITING_MAX: usize = 3;

/// What an unprivileged program may have in a pipe, by Linux's default.
const PIPE_BYTES: usize = 1 << 20;

/// What kind of file is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Mp4,
    WebM,
}

impl Format {
    /// By the file's name.
    pub(crate) fn of(path: &Path) -> anyhow::Result<Self> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("mp4") => Ok(Self::Mp4),
            Some("webm") => Ok(Self::WebM),
            _ => bail!("the video's name must end with .mp4 or .webm"),
        }
    }

    /// What is told to ffmpeg: settings that are fast and keep text readable. With one quantiser for all, x264 need
    /// not look at each picture before it encodes it.
    const fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Mp4 => &[
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-qp",
                "20",
                "-movflags",
                "+faststart",
                "-f",
                "mp4",
            ],
            Self::WebM => &[
                "-c:v",
                "libvpx-vp9",
                "-deadline",
                "realtime",
                "-cpu-used",
                "8",
                "-row-mt",
                "1",
                "-tune-content",
                "screen",
                "-crf",
                "30",
                "-b:v",
                "0",
                "-f",
                "webm",
            ],
        }
    }
}

/// A video on its way into a file.
pub(crate) struct Encoder {
    child: Child,
    path: PathBuf,
    pictures: SyncSender<Shot>,
    used: Receiver<Vec<u8>>,
    writer: JoinHandle<io::Result<()>>,
    /// Pictures sent so far.
    sent: u64,
}

/// A picture and its time in milliseconds.
struct Shot {
    time: u64,
    data: Vec<u8>,
}

impl Encoder {
    /// Starts `ffmpeg`. The file must not exist.
    ///
    /// # Errors
    /// When it exists or cannot be made, or there is no `ffmpeg`.
    pub(crate) fn start(
        path: &Path,
        screen: &Screen,
        size: Option<(u32, u32)>,
    ) -> anyhow::Result<Self> {
        let format = Format::of(path)?;
        let name = || format!("{path:?} could not be written");
        // ffmpeg opens it by its name, and is told to do so though it exists.
        File::create_new(path).with_context(name)?;
        let child = command(path, format, size).spawn().map_err(|error| {
            remove(path);
            if error.kind() == io::ErrorKind::NotFound {
                anyhow::anyhow!("videos need ffmpeg, and there is no such program: install it (Debian's package is ffmpeg)")
            } else {
                anyhow::Error::new(error).context("ffmpeg could not be started")
            }
        });
        let mut child = child?;
        let pipe = child.stdin.take().context("ffmpeg has no standard input")?;
        // A small one works as well, and has the two programs take turns more often.
        let _ = fcntl_setpipe_size(&pipe, PIPE_BYTES);
        let header = matroska::header(screen.width(), screen.height());
        let (pictures, waiting) = sync_channel(WAITING_MAX);
        let (done, used) = sync_channel(WAITING_MAX + 2);
        for _ in 0..WAITING_MAX + 2 {
            done.send(Vec::with_capacity(screen.bytes()))?;
        }
        let writer = std::thread::spawn(move || feed(pipe, &header, &waiting, &done));
        Ok(Self {
            child,
            path: path.to_owned(),
            pictures,
            used,
            writer,
            sent: 0,
        })
    }

    /// Sends the screen as it is, to be shown from this time on. Times ascend.
    pub(crate) fn send(&mut self, screen: &Screen, time: u64) -> anyhow::Result<()> {
        // Where the writer has given up, why is known to `finish`.
        if let Ok(mut data) = self.used.recv() {
            screen.copy_to(&mut data);
            self.pictures
                .send(Shot { time, data })
                .context("ffmpeg takes no more pictures")?;
            self.sent += 1;
            return Ok(());
        }
        bail!("ffmpeg takes no more pictures")
    }

    /// Waits until the file is whole. One that is not is removed.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let Self {
            mut child,
            path,
            pictures,
            used,
            writer,
            sent,
        } = self;
        drop((pictures, used));
        let written = writer
            .join()
            .map_err(|_| anyhow::anyhow!("the pipe's thread panicked"))?;
        let status = child.wait().context("ffmpeg could not be waited for")?;
        let good = status.success() && written.is_ok() && sent != 0;
        if !good {
            remove(&path);
        }
        ensure!(status.success(), "ffmpeg failed: {status}");
        written.context("ffmpeg did not take all pictures")?;
        ensure!(sent != 0, "there was no picture");
        Ok(())
    }

    /// Ends it without a file.
    pub(crate) fn abort(mut self) {
        let _ = self.child.kill();
        let path = self.path.clone();
        let _ = self.finish();
        remove(&path);
    }
}

/// What has been begun is no evidence; where it cannot be removed, the error that led here says more.
fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
}

fn command(path: &Path, format: Format, size: Option<(u32, u32)>) -> Command {
    let mut command = Command::new("ffmpeg");
    command
        .args(["-nostdin", "-hide_banner", "-loglevel", "error", "-y"])
        .args(["-f", "matroska", "-i", "pipe:0", "-map", "0:v:0"])
        // Each picture keeps its own time, to the millisecond.
        .args(["-fps_mode", "vfr", "-enc_time_base", "1/1000"])
        .args(["-force_key_frames", "expr:gte(t,n_forced*10)"]);
    if let Some((width, height)) = size {
        command.arg("-vf").arg(format!(
            "scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2,\
             pad={width}:{height}:-1:-1"
        ));
    }
    // A name is a name even if it looks like an option or an address.
    let mut file = OsString::from("file:");
    file.push(path);
    command
        .args([
            "-pix_fmt",
            "yuv420p",
            "-color_range",
            "tv",
            "-colorspace",
            "bt709",
        ])
        .args(["-color_primaries", "bt709", "-color_trc", "bt709"])
        .args(format.arguments())
        .arg(file)
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    command
}

/// Writes pictures until no more come, and gives their memory back.
fn feed(
    mut pipe: ChildStdin,
    header: &[u8],
    waiting: &Receiver<Shot>,
    done: &SyncSender<Vec<u8>>,
) -> io::Result<()> {
    pipe.write_all(header)?;
    for Shot { time, data } in waiting {
        pipe.write_all(&matroska::picture_header(time, data.len()))?;
        pipe.write_all(&data)?;
        // At the end, nobody needs it any more.
        let _ = done.send(data);
    }
    Ok(())
}
