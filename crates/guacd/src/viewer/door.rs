//! A viewer's gate, shared by its reader, its writer and its session.

use std::sync::{Arc, Mutex, PoisonError};

use guac_policy::{
    Control, Gate, Ignored, Permitted, Policy, Refusal, Restrictions, Role, Verdict,
};
use guac_protocol::ServerInstruction;

use crate::decisions::Witness;

/// The gate behind a lock that is held for one decision, never across a wait, and whoever writes
/// down what it decides.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    gate: Arc<Mutex<Gate>>,
    witness: Witness,
}

impl Door {
    pub(crate) fn new(
        policy: &Arc<Policy>,
        restrictions: Restrictions,
        role: Role,
        witness: Witness,
    ) -> Self {
        Self {
            gate: Arc::new(Mutex::new(Gate::new(policy, restrictions, role))),
            witness,
        }
    }

    /// Works with the gate.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut Gate) -> R) -> R {
        // Each decision leaves the gate consistent, so a poisoned lock is as good as any.
        work(&mut self.gate.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A message to the viewer, ready to be written, if the policy lets it pass.
    pub(crate) fn vetted(&self, instruction: &ServerInstruction<'_>) -> Option<Permitted<Control>> {
        match self.with(|gate| gate.vet_control(instruction)) {
            Ok(message) => Some(message),
            Err(refusal) => {
                self.refused(&refusal, Verdict::Refused);
                None
            }
        }
    }

    /// Writes down what the gate did not simply let pass.
    pub(crate) fn refused(&self, why: &Refusal, verdict: Verdict) {
        tracing::debug!("{}: {why}", verdict.name());
        self.witness.refused(why, verdict);
    }

    /// Writes down what had no effect, if that was a decision.
    pub(crate) fn ignored(&self, why: Ignored) {
        tracing::trace!("{why}");
        self.witness.ignored(why);
    }

    /// Whoever writes down what happens to this viewer.
    pub(crate) fn witness(&self) -> &Witness {
        &self.witness
    }
}
