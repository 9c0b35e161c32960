//! The end of a session, in order: keys, recording, viewers, desktop.

use guac_policy::{Action, Gate, Refusal, Rule, Verdict};
use guac_protocol::Status;
use guac_recorder::evidence::Ending;
use tokio::time::Instant;

use super::SessionMessage;
use super::actor::Session;
use crate::decisions;
use crate::desktop::Failure;
use crate::viewer::Farewell;

/// Why a session ended.
pub(super) enum End {
    /// Nobody is left.
    AllLeft,
    /// The daemon ends.
    Shutdown,
    /// The policy lets it last no longer.
    Policy(Rule),
    /// The desktop or the recording failed.
    Failed(Failure),
}

impl End {
    /// What viewers are told. Neither of the policy's makes a browser connect anew by itself.
    fn status(&self) -> Option<Status> {
        match self {
            Self::AllLeft | Self::Shutdown => None,
            Self::Policy(Rule::SessionIdle) => Some(Status::SessionTimeout),
            Self::Policy(_) => Some(Status::SessionClosed),
            Self::Failed(failure) => Some(failure.status()),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::AllLeft => "all-left",
            Self::Shutdown => "shutdown",
            Self::Policy(_) => "policy",
            Self::Failed(failure) => failure.reason(),
        }
    }

    /// What the evidence says of it.
    fn for_evidence(&self) -> guac_recorder::End {
        guac_recorder::End {
            state: match self {
                Self::AllLeft | Self::Shutdown => Ending::Complete,
                Self::Policy(_) | Self::Failed(_) => Ending::Ended,
            },
            reason: self.reason(),
            status: self.status().map(Status::code),
        }
    }

    /// The decision that ended the session, if one did.
    fn refusal(&self) -> Option<(Refusal, Option<&'static str>)> {
        match self {
            Self::AllLeft | Self::Shutdown => None,
            Self::Policy(rule) => {
                let why = Refusal::inward(Action::Session, *rule, 0);
                Some((why, None))
            }
            Self::Failed(failure) => failure.refusal(),
        }
    }
}

impl Session {
    /// Lets go of the keys, closes the recording, tells the viewers, and leaves the desktop.
    pub(super) async fn finish(mut self, end: &End) {
        self.release_everything();
        if let Some(path) = self.frames.take() {
            path.finish(end.for_evidence()).await;
        }
        let farewell = self.explain(end);
        self.note_end(end);
        self.viewers.dismiss(farewell);
        self.turn_away_the_late(end, farewell).await;
        self.upstream.close().await;
        tracing::info!("Internal VNC client disconnected");
    }

    /// Lets go of what those still present hold down, as far as the desktop still listens.
    pub(super) fn release_everything(&mut self) {
        let releases: Vec<_> = self
            .viewers
            .iter()
            .flat_map(|viewer| viewer.door.with(Gate::release_all))
            .collect();
        for input in releases {
            if self.send_input(input).is_err() {
                break;
            }
        }
    }

    fn explain(&self, end: &End) -> Farewell {
        match end {
            End::AllLeft => {
                tracing::info!("Last user of connection \"{}\" disconnected", self.id);
                Farewell::Disconnect
            }
            End::Shutdown => Farewell::Disconnect,
            End::Policy(rule) => {
                tracing::info!("The session ends: {}.", rule.name());
                end.status()
                    .map_or(Farewell::Disconnect, Farewell::by_policy)
            }
            End::Failed(failure) => {
                if !self.connected {
                    tracing::error!("Unable to connect to VNC server.");
                }
                failure.log();
                self.log_reason();
                failure.farewell()
            }
        }
    }

    /// Writes down who was there to the end, and why it came.
    fn note_end(&self, end: &End) {
        if let Some((why, parameter)) = end.refusal() {
            self.witness.decided(&why, Verdict::Ended, parameter);
        }
        for viewer in self.viewers.iter() {
            let counters = viewer.door.with(|gate| gate.counters());
            viewer.door.witness().left(0, counters);
        }
        let ending = decisions::Ending {
            reason: end.reason(),
            status: end.status(),
        };
        let seconds = self.lifetime.seconds(Instant::now());
        self.witness.ended(ending, seconds);
    }

    /// Answers those who were about to join.
    async fn turn_away_the_late(&mut self, end: &End, farewell: Farewell) {
        let farewell = match end {
            End::AllLeft => Farewell::no_such_connection(),
            End::Shutdown | End::Policy(_) | End::Failed(_) => farewell,
        };
        self.mailbox.close();
        // Ends when the last message that was on its way has been taken.
        while let Some(message) = self.mailbox.recv().await {
            if let SessionMessage::Join(late) = message {
                late.outbox.close(farewell);
            }
        }
    }
}
