//! What recording costs: a daemon that records nothing, and the same one that does, in turns.
//!
//! ```text
//! recording [--seconds N] [--rounds N] [--daemon GUACD] [SCENE...]
//! ```
//!
//! shows each scene, or those that are named, and for each has the daemon record nothing, a plain file, a plain file with
//! evidence, and a file with evidence that is sealed to one auditor; then the same backwards, as one round. Each turn is a daemon of
//! its own. The tables have the sums of all turns of a kind: processor time of the daemon for one frame that was shown and
//! how much more that is (where none was shown, for all of the time), the median delay from before drawing to the last frame that came before the next
//! drawing, and how much the files grew. Needs `Xvnc`; everything stays on the loopback interface.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use benches::desk::{Desk, Doing, SIZE};
use benches::keeping::AUDITOR;
use guac_recorder::SEGMENT_MAX_MS;
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use testkit::client::{FakeClient, Handshake};
use testkit::guacd::Guacd;
use testkit::xvnc::Xvnc;

/// Everything is shown, a film is known to be one, and the segment with the first picture is closed, before anything is counted.
const FIRST: Duration = Duration::from_millis(SEGMENT_MAX_MS + 1_000);

/// Of the system's clock ticks, in which it counts what all processors do.
const TICKS_PER_SECOND: f64 = 100.0;

/// What is kept of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Nothing,
    Plain,
    Proven,
    Sealed,
}

const ALL: [Kept; 4] = [Kept::Nothing, Kept::Plain, Kept::Proven, Kept::Sealed];

/// What was counted in the turns of one kind.
struct Counted {
    seconds: f64,
    seconds_of_cpu: f64,
    frames: f64,
    delays: Vec<Duration>,
    recording: f64,
    evidence: f64,
}

impl Counted {
    const fn new() -> Self {
        Self {
            seconds: 0.0,
            seconds_of_cpu: 0.0,
            frames: 0.0,
            delays: Vec::new(),
            recording: 0.0,
            evidence: 0.0,
        }
    }
}

struct Options {
    seconds: u64,
    rounds: usize,
    daemon: PathBuf,
    scenes: Vec<Doing>,
}

fn main() -> Result<()> {
    let options = options(std::env::args().skip(1))?;
    println!(
        "| Scene | CPU ms per frame: off / plain / with evidence / sealed with evidence | more than off, % | delay, median, ms | kB per frame in the file | kB per hour in the files: recording + evidence, plain and sealed | others' part of the processors, % |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for &doing in &options.scenes {
        let xvnc = Xvnc::options().geometry(SIZE.0, SIZE.1).start()?;
        let mut counted = [const { Counted::new() }; ALL.len()];
        let (since, before, mut daemons) = (Instant::now(), busy()?, 0.0);
        let mine = seconds_of_cpu(std::process::id())?;
        for round in 0..options.rounds * 2 {
            for turn in 0..ALL.len() {
                let which = if round % 2 == 0 {
                    turn
                } else {
                    ALL.len() - 1 - turn
                };
                daemons += measure(&options, &xvnc, doing, ALL[which], &mut counted[which])?;
            }
        }
        let ours =
            daemons + seconds_of_cpu(xvnc.id())? + seconds_of_cpu(std::process::id())? - mine;
        let processors = thread::available_parallelism()?.get() as f64;
        let others = (busy()? - before - ours) / since.elapsed().as_secs_f64() / processors;
        print_row(doing, &counted, 100.0 * others.max(0.0));
    }
    Ok(())
}

fn options(mut given: impl Iterator<Item = String>) -> Result<Options> {
    let (mut seconds, mut rounds, mut daemon, mut scenes) = (5, 1, None, Vec::new());
    while let Some(argument) = given.next() {
        let mut number = || {
            given
                .next()
                .context("a number is missing")?
                .parse::<u64>()
                .context("a number")
        };
        match argument.as_str() {
            "--seconds" => seconds = number()?,
            "--rounds" => rounds = usize::try_from(number()?)?,
            "--daemon" => daemon = Some(given.next().context("a daemon is missing")?),
            name => {
                let known = Doing::ALL.into_iter().find(|doing| doing.name() == name);
                scenes.push(known.with_context(|| format!("no scene {name:?}"))?);
            }
        }
    }
    let daemon = match daemon {
        Some(daemon) => daemon.into(),
        None => testkit::guacd::binary()?,
    };
    if scenes.is_empty() {
        scenes = Doing::ALL.to_vec();
    }
    Ok(Options {
        seconds,
        rounds,
        daemon,
        scenes,
    })
}

/// One turn. Gives the processor time of the daemon in all of it.
fn measure(
    options: &Options,
    xvnc: &Xvnc,
    doing: Doing,
    kept: Kept,
    counted: &mut Counted,
) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let daemon = start(&options.daemon, kept, folder.path())?;
    let mut handshake = Handshake::vnc(xvnc.port());
    // The desktop becomes as large as the browser.
    handshake.size = (SIZE.0.into(), SIZE.1.into(), 96);
    if kept != Kept::Nothing {
        handshake = handshake
            .with(
                "recording-path",
                &folder.path().join("recording").display().to_string(),
            )
            .with("recording-name", "session")
            .with("create-recording-path", "true");
    }
    let client = FakeClient::open(daemon.address(), &handshake)?;
    let over = Arc::new(AtomicBool::new(false));
    let reader = thread::spawn({
        let over = Arc::clone(&over);
        move || shown(client, &over)
    });
    let mut desk = Desk::open(xvnc, doing)?;
    draw(&mut desk, doing, FIRST)?;
    let (cpu, start) = (seconds_of_cpu(daemon.id())?, Instant::now());
    let sizes = [
        size(folder.path(), "recording"),
        size(folder.path(), "evidence"),
    ];
    let drawn = draw(&mut desk, doing, Duration::from_secs(options.seconds))?;
    let end = Instant::now();
    counted.seconds_of_cpu += seconds_of_cpu(daemon.id())? - cpu;
    counted.seconds += end.duration_since(start).as_secs_f64();
    counted.recording += size(folder.path(), "recording") - sizes[0];
    counted.evidence += size(folder.path(), "evidence") - sizes[1];
    over.store(true, Ordering::Relaxed);
    let shown = reader
        .join()
        .map_err(|_| anyhow!("the client panicked"))??;
    let shown: Vec<Instant> = shown
        .into_iter()
        .filter(|at| (start..end).contains(at))
        .collect();
    counted.frames += shown.len() as f64;
    counted.delays.extend(delays(&drawn, &shown));
    let all = seconds_of_cpu(daemon.id())?;
    daemon.terminate()?;
    Ok(all)
}

fn start(program: &Path, kept: Kept, folder: &Path) -> Result<Guacd> {
    let mut command = Command::new(program);
    if matches!(kept, Kept::Proven | Kept::Sealed) {
        command.arg("--evidence").arg(folder.join("evidence"));
    }
    if kept == Kept::Sealed {
        command.args(["--seal-to", AUDITOR]);
    }
    Guacd::start_command(&mut command)
}

/// Goes on for a while, and tells when each step began.
fn draw(desk: &mut Desk, doing: Doing, time: Duration) -> Result<Vec<Instant>> {
    let end = Instant::now() + time;
    let mut next = Instant::now();
    let mut drawn = Vec::new();
    while next < end {
        let now = Instant::now();
        if desk.step()? {
            drawn.push(now);
        }
        next += doing.pace();
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    Ok(drawn)
}

/// Reads until it is over, and tells when each frame came that drew something.
fn shown(mut client: FakeClient, over: &AtomicBool) -> Result<Vec<Instant>> {
    const WAIT: Duration = Duration::from_millis(20);
    let (mut drew, mut shown) = (false, Vec::new());
    while !over.load(Ordering::Relaxed) {
        let Some(instruction) = client.read_within(WAIT)? else {
            continue;
        };
        match instruction.opcode.as_str() {
            "img" | "copy" | "cfill" => drew = true,
            "sync" if std::mem::take(&mut drew) => shown.push(Instant::now()),
            _ => {}
        }
    }
    Ok(shown)
}

/// From each step to the last frame before the next.
fn delays(drawn: &[Instant], shown: &[Instant]) -> Vec<Duration> {
    let steps = drawn.windows(2);
    let last = steps.filter_map(|step| {
        let before = shown.partition_point(|at| *at < step[1]).checked_sub(1)?;
        shown[before].checked_duration_since(step[0])
    });
    last.collect()
}

/// Bytes of the files in a directory, none if it is not there.
fn size(folder: &Path, name: &str) -> f64 {
    let files = std::fs::read_dir(folder.join(name))
        .into_iter()
        .flatten()
        .flatten();
    let sizes = files.filter_map(|file| file.metadata().ok());
    sizes.map(|metadata| metadata.len() as f64).sum()
}

/// Processor time of a process so far, all of its threads together, with those that have ended.
fn seconds_of_cpu(process: u32) -> Result<f64> {
    let clock = clock_getcpuclockid(Pid::from_raw(i32::try_from(process)?))?;
    Ok(Duration::from(clock.now()?).as_secs_f64())
}

/// Processor time that everything on the machine has used so far.
fn busy() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let fields = stat.lines().next().context("the processors' times")?;
    let ticks = fields.split_whitespace().skip(1);
    let ticks: Vec<f64> = ticks.map(|ticks| ticks.parse().unwrap_or(0.0)).collect();
    // User, nice, system; then idle and waiting; then interrupts of two kinds.
    let used: f64 = [0, 1, 2, 5, 6]
        .iter()
        .filter_map(|&field| ticks.get(field))
        .sum();
    Ok(used / TICKS_PER_SECOND)
}

fn print_row(doing: Doing, counted: &[Counted; ALL.len()], others: f64) {
    let join =
        |of: &dyn Fn(&Counted) -> String| counted.iter().map(of).collect::<Vec<_>>().join(" / ");
    let per_frame = |counted: &Counted| 1000.0 * counted.seconds_of_cpu / counted.frames.max(1.0);
    let off = per_frame(&counted[0]);
    let more = |counted: &Counted| format!("{:.1}", 100.0 * (per_frame(counted) / off - 1.0));
    let more: Vec<String> = counted[1..].iter().map(more).collect();
    let per_hour = |bytes: f64, counted: &Counted| bytes * 3.6 / counted.seconds;
    let hourly = |counted: &Counted| {
        let recording = per_hour(counted.recording, counted);
        format!(
            "{recording:.0} + {:.0}",
            per_hour(counted.evidence, counted)
        )
    };
    println!(
        "| {} | {} | {} | {} | {} | {}, {} | {others:.0} |",
        doing.name(),
        join(&|counted| format!("{:.3}", per_frame(counted))),
        more.join(" / "),
        join(&|counted| format!("{:.2}", median(&counted.delays))),
        join(&|counted| format!(
            "{:.2}",
            counted.recording / 1000.0 / counted.frames.max(1.0)
        )),
        hourly(&counted[2]),
        hourly(&counted[3]),
    );
}

/// In milliseconds; zero of nothing.
fn median(delays: &[Duration]) -> f64 {
    let mut delays = delays.to_vec();
    delays.sort();
    let middle = delays.get(delays.len() / 2);
    middle.map_or(0.0, |delay| delay.as_secs_f64() * 1000.0)
}
