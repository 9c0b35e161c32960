//! The end of a session, in order: keys, recording, viewers, desktop.

use guac_policy::Gate;

use super::SessionMessage;
use super::actor::Session;
use crate::desktop::Failure;
use crate::viewer::Farewell;

/// Why a session ended.
pub(super) enum End {
    /// Nobody is left.
    AllLeft,
    /// The daemon ends.
    Shutdown,
    /// The desktop or the recording failed.
    Failed(Failure),
}

impl Session {
    /// Lets go of the keys, closes the recording, tells the viewers, and leaves the desktop.
    pub(super) async fn finish(mut self, end: &End) {
        self.release_everything();
        if let Some(mut path) = self.frames.take() {
            path.finish();
        }
        let farewell = self.explain(end);
        self.viewers.dismiss(farewell);
        self.turn_away_the_late(end, farewell).await;
        self.upstream.close().await;
        tracing::info!("Internal VNC client disconnected");
    }

    /// Lets go of what those still present hold down, as far as the desktop still listens.
    fn release_everything(&mut self) {
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
            End::Failed(failure) => {
                if !self.connected {
                    tracing::error!("Unable to connect to VNC server.");
                }
                failure.log();
                self.log_reason();
                Farewell::aborted(failure.status())
            }
        }
    }

    /// Answers those who were about to join.
    async fn turn_away_the_late(&mut self, end: &End, farewell: Farewell) {
        let farewell = match end {
            End::AllLeft => Farewell::no_such_connection(),
            End::Shutdown | End::Failed(_) => farewell,
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
