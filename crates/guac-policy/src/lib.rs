//! What may pass: the policy, the gate, and the decisions it takes.
