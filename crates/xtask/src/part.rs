//! The programs of a demo: started in process groups of their own, watched, and ended by
//! these groups' numbers, so that nothing else is ever touched.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

const POLL: Duration = Duration::from_millis(50);
/// How long a part may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(3);
const LOG_TAIL_LINES: usize = 15;

/// A running program with its log.
struct Part {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

/// All the running programs, and the person's wish to end them.
///
/// Dropping it ends them all, the last one started first.
pub(crate) struct Parts {
    parts: Vec<Part>,
    logs: PathBuf,
    stop: Arc<AtomicBool>,
}

impl Parts {
    /// Logs go to files in the folder `logs`. From here on Ctrl-C only asks to stop.
    pub(crate) fn new(logs: &Path) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&stop))?;
        }
        Ok(Self {
            parts: Vec::new(),
            logs: logs.to_owned(),
            stop,
        })
    }

    /// Starts a program in the background and returns the path of its log.
    pub(crate) fn start(&mut self, name: &'static str, command: &mut Command) -> Result<PathBuf> {
        let log = self.logs.join(format!("{}.log", name.replace(' ', "-")));
        let file =
            File::create(&log).with_context(|| format!("{} cannot be written", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            // Ctrl-C in the terminal reaches us alone: we end the parts in order.
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        self.parts.push(Part {
            name,
            child,
            log: log.clone(),
        });
        Ok(log)
    }

    /// Waits until `attempt` gives something. Fails when a part has ended, when the person
    /// stops it all, or when it takes too long.
    pub(crate) fn wait_for<T>(
        &self,
        what: &str,
        limit: Duration,
        mut attempt: impl FnMut() -> Option<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(found) = attempt() {
                return Ok(found);
            }
            if self.stopped() {
                bail!("stopped");
            }
            self.all_alive()?;
            if deadline <= Instant::now() {
                let last = self.parts.last().map(Part::tail).unwrap_or_default();
                bail!("{what} did not come within {} s\n{last}", limit.as_secs());
            }
            std::thread::sleep(POLL);
        }
    }

    /// Waits until the person stops it. Fails when a part ends before.
    pub(crate) fn run_until_stopped(&self) -> Result<()> {
        while !self.stopped() {
            self.all_alive()?;
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    /// Runs one more program to its end, beside the parts.
    pub(crate) fn run_to_end(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        let log = self.start(name, command)?;
        let mut part = self.parts.pop().context("the part was just started")?;
        while !part.ended() {
            if self.stopped() {
                part.end();
                bail!("stopped");
            }
            if let Err(error) = self.all_alive() {
                part.end();
                return Err(error);
            }
            std::thread::sleep(POLL);
        }
        let status = part.child.wait()?;
        if !status.success() {
            bail!("{name} failed\n{}", part.tail());
        }
        print!("{}", fs::read_to_string(log)?);
        Ok(())
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn all_alive(&self) -> Result<()> {
        match self.parts.iter().find(|part| part.ended()) {
            Some(part) => bail!("{} has ended\n{}", part.name, part.tail()),
            None => Ok(()),
        }
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        while let Some(mut part) = self.parts.pop() {
            part.end();
        }
    }
}

impl Part {
    /// Whether the program itself has ended. It is not reaped by this question, so its
    /// number, which is its group's too, cannot be given to someone else meanwhile.
    fn ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let Some(pid) = self.pid() else { return true };
        !matches!(waitid(WaitId::Pid(pid), options), Ok(None))
    }

    fn end(&mut self) {
        self.signal(Signal::TERM);
        let deadline = Instant::now() + GRACE;
        while !self.ended() && Instant::now() < deadline {
            std::thread::sleep(POLL);
        }
        // What is left of the group: a program that hangs, or helpers that it left behind.
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid() {
            // The only failure is that the group is gone, which is what is wanted.
            let _ = kill_process_group(pid, signal);
        }
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.child.id()).ok()?)
    }

    fn tail(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        let tail = lines
            .get(lines.len().saturating_sub(LOG_TAIL_LINES)..)
            .unwrap_or_default();
        format!("--- end of {}\n{}", self.log.display(), tail.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_a_part_has_started_ends_with_it() {
        let folder = scratch("group");
        let mut parts = Parts::new(&folder).unwrap();
        let log = parts
            .start("family", &mut shell("sleep 1000 & echo $!; wait"))
            .unwrap();
        let pid = parts
            .wait_for("a child", Duration::from_secs(5), || {
                fs::read_to_string(&log).unwrap().trim().parse::<u32>().ok()
            })
            .unwrap();
        drop(parts);
        // A killed orphan may wait for its new parent as a zombie, which runs nothing any more.
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(
            stat.is_empty() || stat.contains(") Z "),
            "the child still runs: {stat}"
        );
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_part_that_ends_early_is_named_with_its_log() {
        let folder = scratch("early");
        let mut parts = Parts::new(&folder).unwrap();
        parts
            .start("broken part", &mut shell("echo no such device >&2; exit 3"))
            .unwrap();
        let error = parts
            .wait_for("nothing", Duration::from_secs(5), || None::<()>)
            .unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("broken part has ended"), "{text}");
        assert!(text.contains("no such device"), "{text}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_wait_has_a_limit_and_says_for_what_it_waited() {
        let folder = scratch("limit");
        let mut parts = Parts::new(&folder).unwrap();
        parts.start("sleeper", &mut shell("sleep 1000")).unwrap();
        let error = parts
            .wait_for("the moon", Duration::ZERO, || None::<()>)
            .unwrap_err();
        assert!(format!("{error:#}").contains("the moon did not come"));
        fs::remove_dir_all(folder).unwrap();
    }
}
