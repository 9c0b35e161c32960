//! The decision log: what was refused or limited, and whose session it was, as JSON lines.
//!
//! It is a stream of its own beside the diagnostics, to a file, to standard output, or to both. Each
//! line has a number, so that a line that is missing is seen to be missing. Whoever repeats what is
//! refused is counted: a hostile client costs a few lines, and none of what it did is lost. The format
//! is described by `docs/decision-log.schema.json`.

mod event;
mod keeping;
mod queue;
mod repeats;
mod subject;
mod writer;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use queue::Queue;
use repeats::Kind;
use writer::Outputs;

pub(crate) use event::{Ending, Event, PolicyLine};
pub(crate) use subject::{Subject, Witness};

/// A handle on the log, cheap to clone. What is given to it never waits for a disk.
#[derive(Debug, Clone, Default)]
pub struct DecisionLog {
    queue: Option<Arc<Queue>>,
}

impl DecisionLog {
    /// A log that nobody reads.
    #[must_use]
    pub fn disabled() -> Self {
        Self::default()
    }

    /// Writes to the ends of these files, which are made if they are not there; `-` is standard
    /// output. Without any, the log is disabled.
    ///
    /// # Errors
    /// When a file cannot be opened, or no thread started.
    pub fn open(destinations: &[PathBuf]) -> io::Result<Self> {
        if destinations.is_empty() {
            return Ok(Self::disabled());
        }
        let outputs = Outputs::open(destinations)?;
        let queue = Arc::new(Queue::default());
        let writing = Arc::clone(&queue);
        thread::Builder::new()
            .name("guacd-decisions".to_owned())
            .spawn(move || writer::run(&writing, outputs))?;
        Ok(Self { queue: Some(queue) })
    }

    /// Writes what happened.
    pub(crate) fn write(&self, event: &Event<'_>) {
        if let Some(queue) = &self.queue {
            queue.write(event);
        }
    }

    /// Writes what was decided, or counts it if it repeats.
    fn decide(&self, subject: &Arc<Subject>, kind: Kind, bytes: usize) {
        if let Some(queue) = &self.queue {
            queue.decide(subject, kind, bytes);
        }
    }

    /// Writes what was counted for this subject and not yet written.
    fn settle(&self, subject: &Subject) {
        if let Some(queue) = &self.queue {
            queue.settle(Some(subject));
        }
    }

    /// Takes up files anew, which somebody may have moved away.
    pub(crate) fn reopen(&self) {
        if let Some(queue) = &self.queue {
            queue.reopen();
        }
    }

    /// Writes everything that waits. Takes as long as the destinations do.
    pub(crate) fn close(&self) {
        if let Some(queue) = &self.queue {
            queue.close();
        }
    }
}

#[cfg(test)]
mod tests;
