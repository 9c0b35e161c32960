//! The thread that writes.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::queue::Queue;

/// Where the lines go.
pub(super) struct Outputs {
    stdout: bool,
    files: Vec<Output>,
    /// Whether the last write went wrong: that is said once.
    is_broken: bool,
}

struct Output {
    path: PathBuf,
    file: File,
    /// Whether the file ends within a line.
    is_torn: bool,
}

impl Outputs {
    pub(super) fn open(destinations: &[PathBuf]) -> io::Result<Self> {
        let mut outputs = Self {
            stdout: false,
            files: Vec::new(),
            is_broken: false,
        };
        for destination in destinations {
            if destination.as_os_str() == "-" {
                outputs.stdout = true;
            } else {
                outputs.files.push(Output {
                    path: destination.clone(),
                    file: append_to(destination)?,
                    is_torn: false,
                });
            }
        }
        Ok(outputs)
    }

    /// Takes files up anew. One that cannot be opened goes on where it was.
    fn reopen(&mut self) {
        for output in &mut self.files {
            match append_to(&output.path) {
                Ok(file) => output.file = file,
                Err(error) => tracing::error!("The decision log cannot be opened anew: {error}"),
            }
        }
    }

    /// Writes a line everywhere. The first error counts, but every destination is tried.
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let stdout = if self.stdout {
            let mut stdout = io::stdout().lock();
            stdout.write_all(line).and_then(|()| stdout.flush())
        } else {
            Ok(())
        };
        let files = self.files.iter_mut().map(|output| output.write(line));
        files.fold(stdout, io::Result::and)
    }
}

impl Output {
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        if self.is_torn {
            self.file.write_all(b"\n")?;
            self.is_torn = false;
        }
        let written = self.file.write_all(line);
        self.is_torn = written.is_err();
        written
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o640)
        .open(path)
}

/// Writes until the queue is closed and empty.
pub(super) fn run(queue: &Queue, mut outputs: Outputs) {
    loop {
        let work = queue.next();
        if work.reopen {
            outputs.reopen();
        }
        for line in &work.lines {
            match outputs.write(line) {
                Ok(()) => outputs.is_broken = false,
                Err(error) => {
                    if !outputs.is_broken {
                        tracing::error!("The decision log cannot be written: {error}");
                    }
                    outputs.is_broken = true;
                    queue.lost(1);
                }
            }
        }
        if work.is_last {
            break queue.done();
        }
    }
}
