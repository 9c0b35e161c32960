//! Processes a test starts, and their certain end.
//!
//! Each process leads a group of its own, and that group is ended when the handle goes away. A
//! guard process, told of each start and end, ends what is left when the test process itself is
//! gone without having dropped its handles: after an interrupt from the keyboard, or at exit for
//! handles that live in a `static`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::wait::until;

/// How long a process may take to end after it was asked to.
const END_PATIENCE: Duration = Duration::from_secs(3);

const GUARD: &str = r#"
groups= directories=
while read -r verb name; do
  case $verb in
    start) groups="$groups $name" ;;
    end) rest=
      for group in $groups; do [ "$group" = "$name" ] || rest="$rest $group"; done
      groups=$rest ;;
    directory) directories="$directories $name" ;;
  esac
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
for directory in $directories; do rm -rf -- "$directory"; done
"#;

/// A running process whose output lines are kept.
pub struct Process {
    child: Child,
    name: String,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Process {
    /// Starts a command in a process group of its own.
    ///
    /// # Errors
    /// When it cannot be started; an absent program is answered with how to install it.
    pub fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} does not start: run cargo xtask setup"))?;
        tell_guard(&format!("start {}", child.id()));
        let lines = Arc::default();
        if let Some(output) = child.stdout.take() {
            collect(output, &lines);
        }
        if let Some(output) = child.stderr.take() {
            collect(output, &lines);
        }
        Ok(Self { child, name, lines })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to standard output and standard error so far.
    pub fn lines(&self) -> Vec<String> {
        held(&self.lines).clone()
    }

    /// Waits for a line, from the `skip`th on, for which `wanted` gives a value.
    ///
    /// # Errors
    /// When the time is over or the process ended; the message carries its output.
    #[track_caller]
    pub fn await_line<T>(
        &mut self,
        what: &str,
        skip: usize,
        limit: Duration,
        mut wanted: impl FnMut(&str) -> Option<T>,
    ) -> Result<T> {
        let lines = Arc::clone(&self.lines);
        let mut ended = false;
        until(what, limit, || {
            if let Some(found) = held(&lines).iter().skip(skip).find_map(|l| wanted(l)) {
                return Ok(Some(found));
            }
            if ended {
                bail!("{} ended early", self.name);
            }
            // The lines written just before the end are looked at once more.
            ended = self.child.try_wait()?.is_some();
            Ok(None)
        })
        .map_err(|error| anyhow!("{error}; its output:\n{}", held(&lines).join("\n")))
    }

    /// The exit status, if it has ended.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits for it to end by itself.
    ///
    /// # Errors
    /// When it is still running after `limit`.
    #[track_caller]
    pub fn await_end(&mut self, limit: Duration) -> Result<ExitStatus> {
        until("the end of a process", limit, || self.ended())
    }

    /// Sends a signal to the process's group.
    ///
    /// # Errors
    /// When there is no such group any more.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let id = i32::try_from(self.child.id())?;
        let group = Pid::from_raw(id).context("process ids are positive")?;
        Ok(kill_process_group(group, signal)?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // A group that is gone already is what is wanted.
            let _ = self.signal(Signal::TERM);
            let _ = self.await_end(END_PATIENCE);
        }
        let _ = self.signal(Signal::KILL);
        let _ = self.child.wait();
        tell_guard(&format!("end {}", self.child.id()));
    }
}

/// Has a directory removed when the test process is gone.
pub fn remove_at_exit(directory: &Path) {
    tell_guard(&format!("directory {}", directory.display()));
}

/// Where a program is in the search path.
///
/// # Errors
/// When it is not installed, with the command that installs it.
pub fn find_program(names: &[&str]) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|directory| names.iter().map(move |name| directory.join(name)))
        .find(|candidate| candidate.is_file())
        .with_context(|| {
            format!(
                "{} is not installed: run cargo xtask setup",
                names.join(" or ")
            )
        })
}

/// A loopback port that was free just now. Whoever uses it retries with another if it is taken.
///
/// # Errors
/// When the system gives none.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn tell_guard(message: &str) {
    static INPUT: OnceLock<Option<Mutex<ChildStdin>>> = OnceLock::new();
    let input = INPUT.get_or_init(|| start_guard().ok()?.stdin.take().map(Mutex::new));
    if let Some(input) = input {
        // Without a guard the handles still end what they own.
        let _ = writeln!(held(input), "{message}");
    }
}

/// Starts a guard; it does its work when its standard input ends.
fn start_guard() -> std::io::Result<Child> {
    Command::new("sh")
        .args(["-c", GUARD])
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

fn collect(output: impl Read + Send + 'static, lines: &Arc<Mutex<Vec<String>>>) {
    let lines = Arc::clone(lines);
    thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            held(&lines).push(String::from_utf8_lossy(&line).into_owned());
        }
    });
}

/// Locks, also after another test thread has failed while it held the lock.
pub(crate) fn held<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::until_true;

    #[test]
    fn a_dropped_process_takes_its_children_along() -> Result<()> {
        let mut process =
            Process::start(Command::new("sh").args(["-c", "sleep 1000 & echo child $!; wait"]))?;
        let child = process.await_line("the child's id", 0, END_PATIENCE, |line| {
            line.strip_prefix("child ").map(str::to_owned)
        })?;
        drop(process);
        until_true("the child's end", END_PATIENCE, || {
            let status = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
            Ok(status.is_empty() || status.contains(") Z "))
        })
    }

    #[test]
    fn the_guard_ends_what_was_not_ended() -> Result<()> {
        let mut left = Process::start(Command::new("sleep").arg("1000"))?;
        let mut ended = Process::start(Command::new("sleep").arg("1000"))?;
        let directory = tempfile::TempDir::new()?;
        let mut guard = start_guard()?;
        let mut input = guard.stdin.take().context("a pipe was asked for")?;
        writeln!(
            input,
            "start {}\nstart {}\nend {}",
            left.id(),
            ended.id(),
            ended.id()
        )?;
        writeln!(input, "directory {}", directory.path().display())?;
        drop(input);
        guard.wait()?;
        assert!(!left.await_end(END_PATIENCE)?.success());
        assert!(!directory.path().exists());
        assert_eq!(
            ended.ended()?,
            None,
            "the other one is not the guard's any more"
        );
        Ok(())
    }

    #[test]
    fn an_absent_program_names_its_cure() {
        let error = find_program(&["no-such-program"]).expect_err("it is absent");
        assert!(error.to_string().ends_with("run cargo xtask setup"));
    }
}
