//! Daemons side by side on a real browser desktop: Chromium in Xvnc.
//!
//! ```text
//! browser BEFORE NOW [PAGE...]
//! ```
//!
//! shows five pages, or those that are named, one after the other: one that scrolls, one that changes every 0.7 s, a text area
//! that is typed in, an animation over text, a video of 1280x720. For each, the two daemons take turns
//! (before, now, now, before) with a client that answers at once, and the table has the mean of both
//! turns. Needs `chromium`, `Xvnc` and `ffmpeg`; everything stays on the loopback interface.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use testkit::client::{FakeClient, Handshake};
use testkit::guacd::Guacd;
use testkit::process::{Process, find_program};
use testkit::xvnc::Xvnc;

const PAGE: &str = include_str!("browser.html");
const SCENES: [&str; 5] = ["scroll", "pages", "typing", "animation", "video"];
const SIZE: (u16, u16) = (1920, 1080);
/// The browser starts, and each daemon shows its first picture, before anything is counted.
const BROWSER_START: Duration = Duration::from_secs(6);
const FIRST: Duration = Duration::from_secs(2);
const COUNTED: Duration = Duration::from_secs(8);
/// Of the system's clock ticks, in which it counts processor time.
const TICKS_PER_SECOND: f64 = 100.0;

/// What one daemon did in one turn, or the sum of several.
#[derive(Default, Clone, Copy)]
struct Done {
    frames: f64,
    bytes: f64,
    seconds_of_cpu: f64,
    seconds: f64,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [before, now, named @ ..] = &arguments[..] else {
        bail!("usage: browser BEFORE NOW [PAGE...], two daemons");
    };
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("page.html"), PAGE)?;
    make_video(&folder.path().join("video.webm"))?;
    println!(
        "| Page | frames/s, before / now | CPU ms per frame | kB per frame | CPU, % of one core |"
    );
    println!("| --- | --- | --- | --- | --- |");
    let is_wanted = |scene: &&str| named.is_empty() || named.iter().any(|name| name == scene);
    for scene in SCENES.into_iter().filter(is_wanted) {
        let desktop = Xvnc::options().geometry(SIZE.0, SIZE.1).start()?;
        let _browser = open(&desktop, folder.path(), scene)?;
        std::thread::sleep(BROWSER_START);
        let mut done = [Done::default(); 2];
        for which in [0, 1, 1, 0] {
            let turn = turn([before, now][which], desktop.port())?;
            let sum = &mut done[which];
            sum.frames += turn.frames;
            sum.bytes += turn.bytes;
            sum.seconds_of_cpu += turn.seconds_of_cpu;
            sum.seconds += turn.seconds;
        }
        let both = |of: fn(&Done) -> f64| format!("{:.1} / {:.1}", of(&done[0]), of(&done[1]));
        println!(
            "| {scene} | {} | {} | {} | {} |",
            both(|done| done.frames / done.seconds),
            both(|done| 1000.0 * done.seconds_of_cpu / done.frames.max(1.0)),
            both(|done| done.bytes / 1000.0 / done.frames.max(1.0)),
            both(|done| 100.0 * done.seconds_of_cpu / done.seconds),
        );
    }
    Ok(())
}

/// Ten seconds of pictures with much detail, and no two alike.
fn make_video(path: &Path) -> Result<()> {
    let made = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "mandelbrot=size=1280x720:rate=30",
            "-t",
            "10",
        ])
        .args(["-c:v", "libvpx", "-deadline", "realtime", "-b:v", "6M"])
        .arg(path)
        .status()
        .context("ffmpeg")?;
    ensure!(made.success(), "ffmpeg made no video");
    Ok(())
}

fn open(desktop: &Xvnc, folder: &Path, scene: &str) -> Result<Process> {
    let mut command = Command::new(find_program(&["chromium"])?);
    command
        .args([
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-sync",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
        ])
        .args([
            "--autoplay-policy=no-user-gesture-required",
            "--window-position=0,0",
        ])
        .arg(format!("--window-size={},{}", SIZE.0, SIZE.1))
        .arg(format!("--user-data-dir={}", folder.join(scene).display()))
        .arg(format!(
            "--app=file://{}/page.html#{scene}",
            folder.display()
        ))
        .env("DISPLAY", desktop.display());
    Process::start(&mut command)
}

/// Connects through a daemon and counts.
fn turn(daemon: &str, port: u16) -> Result<Done> {
    let daemon = Guacd::start_command(&mut Command::new(daemon))?;
    let mut client = FakeClient::open(daemon.address(), &Handshake::vnc(port))?;
    read_for(&mut client, FIRST)?;
    let (cpu, start) = (seconds_of_cpu(daemon.id())?, Instant::now());
    let (frames, bytes) = read_for(&mut client, COUNTED)?;
    Ok(Done {
        frames,
        bytes,
        seconds_of_cpu: seconds_of_cpu(daemon.id())? - cpu,
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// The frames that drew something, and the bytes of all instructions.
fn read_for(client: &mut FakeClient, time: Duration) -> Result<(f64, f64)> {
    let end = Instant::now() + time;
    let (mut frames, mut bytes, mut drew) = (0.0, 0.0, false);
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        let Some(instruction) = client.read_within(left)? else {
            break;
        };
        bytes += instruction.encode().len() as f64;
        match instruction.opcode.as_str() {
            "img" | "copy" | "cfill" => drew = true,
            "sync" if std::mem::take(&mut drew) => frames += 1.0,
            _ => {}
        }
    }
    Ok((frames, bytes))
}

/// Processor time of a process so far, all of its threads together.
fn seconds_of_cpu(process: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("a process's state")?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.map(|ticks| ticks.parse().unwrap_or(0.0)).sum();
    Ok(ticks / TICKS_PER_SECOND)
}
