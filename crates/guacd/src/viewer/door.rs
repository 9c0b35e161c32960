//! A viewer's gate, shared by its reader, its writer and its session.

use std::sync::{Arc, Mutex, PoisonError};

use guac_policy::{Control, Gate, Permitted, Policy, Restrictions, Role};
use guac_protocol::ServerInstruction;

/// The gate behind a lock that is held for one decision, never across a wait.
#[derive(Debug, Clone)]
pub(crate) struct Door(Arc<Mutex<Gate>>);

impl Door {
    pub(crate) fn new(policy: &Arc<Policy>, restrictions: Restrictions, role: Role) -> Self {
        Self(Arc::new(Mutex::new(Gate::new(policy, restrictions, role))))
    }

    /// Works with the gate.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut Gate) -> R) -> R {
        // Each decision leaves the gate consistent, so a poisoned lock is as good as any.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A message to the viewer, ready to be written, if the policy lets it pass.
    pub(crate) fn vetted(&self, instruction: &ServerInstruction<'_>) -> Option<Permitted<Control>> {
        match self.with(|gate| gate.vet_control(instruction)) {
            Ok(message) => Some(message),
            Err(refusal) => {
                tracing::debug!("Not sent: {refusal}");
                None
            }
        }
    }
}
