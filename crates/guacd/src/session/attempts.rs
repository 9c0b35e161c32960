//! From the first attempt to connect to a running desktop, or to the last failure.

use std::time::Duration;

use guac_protocol::ServerInstruction;
use guac_vnc::Error;
use secrecy::SecretString;
use tokio::time::Instant;

use super::ViewerId;
use super::actor::Session;
use crate::desktop::Failure;

/// How long the VNC server may take in each attempt from the connection to its first pixel format,
/// time that a user needs to type a password not counted.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);

impl Session {
    pub(super) fn check_handshake(&self) -> Result<(), Failure> {
        match self.handshake_deadline {
            Some(deadline) if deadline <= Instant::now() => {
                Err(Failure::Silent(HANDSHAKE_TIMEOUT.as_secs()))
            }
            _ => Ok(()),
        }
    }

    /// Limits the time that the server has, once it is connected and has to say something.
    pub(super) fn watch_handshake(&mut self) {
        if !self.connected && self.handshake_deadline.is_none() && !self.credentials.waiting() {
            self.handshake_deadline = Some(Instant::now() + HANDSHAKE_TIMEOUT);
        }
    }

    /// Makes another attempt after a failure, where there is to be one.
    pub(super) fn try_again_after(&mut self, failure: Failure) -> Result<(), Failure> {
        if self.connected {
            return Err(failure);
        }
        self.handshake_deadline = None;
        if matches!(failure, Failure::Vnc(Error::AuthenticationFailed)) {
            if !self.credentials.fail() {
                return Err(failure);
            }
            tracing::warn!(
                "The VNC server does not accept what the user typed; the user is asked again."
            );
            self.log_reason();
            self.upstream.reconnect();
            return Ok(());
        }
        if self.upstream.avoid_vencrypt(&failure) || self.upstream.retry(&failure) {
            self.credentials.withdraw();
            Ok(())
        } else {
            Err(failure)
        }
    }

    /// Writes the server's own words on why it refused to the log.
    pub(super) fn log_reason(&self) {
        if let Some(reason) = self.upstream.failure_reason() {
            tracing::error!("The VNC server gave a reason: {reason}");
        }
    }

    pub(super) fn ask_for_credentials(
        &mut self,
        username: bool,
        password: bool,
    ) -> Result<(), Failure> {
        self.handshake_deadline = None;
        self.credentials.ask(username, password);
        match self.viewers.owner() {
            Some(owner) if owner.features.required => {
                let names = self.credentials.missing();
                owner.door.with(|gate| gate.expect_credentials(&names));
                owner.control(&ServerInstruction::Required { names });
                Ok(())
            }
            // A client that cannot be asked connects without; the server then says no.
            Some(_) => {
                self.credentials.give_up();
                self.supply_credentials()
            }
            None => Err(Failure::NobodyToAsk),
        }
    }

    /// The owner typed something that was asked for.
    pub(super) fn take_credential(
        &mut self,
        from: ViewerId,
        name: &str,
        value: SecretString,
    ) -> Result<(), Failure> {
        if self.viewers.owner().is_some_and(|owner| owner.id == from) {
            self.credentials.answer(name, value);
            self.supply_credentials()
        } else {
            Ok(())
        }
    }

    fn supply_credentials(&mut self) -> Result<(), Failure> {
        match self.credentials.take_complete() {
            Some((username, password)) => {
                self.watch_handshake();
                self.upstream.supply_credentials(username, password)
            }
            None => Ok(()),
        }
    }
}
