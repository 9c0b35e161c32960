//! The machine's monitor: commands and answers, a line of JSON each.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::wait::{PATIENCE, until};

/// A connection to it.
pub(super) struct Monitor {
    stream: BufReader<UnixStream>,
}

impl Monitor {
    /// Connects, and gets past the greeting.
    pub(super) fn connect(path: &Path) -> Result<Self> {
        let stream = until("the monitor", PATIENCE, || {
            Ok(UnixStream::connect(path).ok())
        })?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut monitor = Self {
            stream: BufReader::new(stream),
        };
        let greeting = monitor.line()?;
        ensure!(
            greeting.contains("QMP"),
            "the monitor begins with {greeting:?}"
        );
        monitor.execute("qmp_capabilities", "{}")?;
        Ok(monitor)
    }

    /// Has a command carried out.
    pub(super) fn execute(&mut self, command: &str, arguments: &str) -> Result<()> {
        let line = format!("{{\"execute\":\"{command}\",\"arguments\":{arguments}}}\n");
        self.stream.get_mut().write_all(line.as_bytes())?;
        loop {
            let answer = self.line()?;
            if answer.starts_with("{\"return\"") {
                return Ok(());
            }
            // What is neither is news, which may come at any time.
            if answer.starts_with("{\"error\"") {
                bail!("{command}: {answer}");
            }
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        let count = self
            .stream
            .read_line(&mut line)
            .context("the monitor's answer")?;
        ensure!(count != 0, "the machine is gone");
        Ok(line)
    }
}
