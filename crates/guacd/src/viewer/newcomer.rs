//! A client that has said what it wants, and what the policy says to that.

use std::net::SocketAddr;
use std::sync::Arc;

use guac_policy::{
    Action, JoinMode, Policy, Refusal, RefusedParameter, Restrictions, Role, Rule, Verdict,
};
use guac_protocol::Status;
use uuid::Uuid;

use super::door::Door;
use super::handshake::Opened;
use super::outbox::{Farewell, Outbox};
use super::presence::Presence;
use crate::decisions::{Ending, Witness};
use crate::desktop::arguments::{ARGUMENTS, Values};
use crate::desktop::{Failure, Settings};
use crate::server::Server;
use crate::session::{Joining, user_name};

/// A viewer before it has a place in a session.
pub(super) struct Newcomer {
    /// `@` and a UUID.
    pub(super) user_id: String,
    name: String,
    role: Role,
    policy: Arc<Policy>,
    witness: Witness,
}

impl Newcomer {
    pub(super) fn new(
        server: &Server,
        opened: &Opened,
        policy: Arc<Policy>,
        role: Role,
        peer: SocketAddr,
    ) -> Self {
        let user_id = format!("@{}", Uuid::new_v4());
        let name = user_name(opened.result.name.as_deref().unwrap_or_default());
        let viewer = (user_id.as_str(), name.as_str());
        let log = server.decisions();
        let witness = Witness::of_viewer(log, &policy, &opened.id, viewer, peer, role);
        Self {
            user_id,
            name,
            role,
            policy,
            witness,
        }
    }

    /// Puts the policy's values in place of the client's, where it has some to say.
    pub(super) fn overrule(&self, values: &mut Vec<String>) -> Result<(), Farewell> {
        let parameters = self.policy.parameters();
        let overruled = parameters.apply(&ARGUMENTS, values);
        for one in &overruled {
            tracing::warn!(
                "The policy overrules parameter \"{}\" ({}).",
                one.name,
                one.rule.name()
            );
            self.witness.overruled(*one, Verdict::Overruled);
        }
        let mut refused = overruled
            .iter()
            .filter(|one| one.rule == Rule::ParameterRefused);
        match refused.next() {
            Some(one) if parameters.refused == RefusedParameter::End => {
                Err(self.turn_away(&Failure::RefusedParameter(one.name)))
            }
            _ => Ok(()),
        }
    }

    /// Whether this viewer may join a session.
    pub(super) fn may_join(&self) -> Result<(), Farewell> {
        let joins = self.policy.joins();
        let rule = if joins.mode == JoinMode::Nobody {
            Rule::JoinNobody
        } else if !joins.takes_name(&self.name) {
            Rule::JoinName
        } else {
            return Ok(());
        };
        let why = Refusal::inward(Action::Join, rule, 0);
        tracing::warn!("A user may not join: {}.", rule.name());
        self.witness.refused(&why, Verdict::Refused);
        Err(Farewell::by_policy(Status::ClientForbidden))
    }

    /// The viewer as its session takes it.
    pub(super) fn joining(
        self,
        server: &Server,
        opened: &Opened,
        restrictions: Restrictions,
    ) -> Joining {
        Joining {
            id: server.next_viewer_id(),
            user_id: self.user_id.into(),
            features: opened.features(),
            name: self.name,
            door: Door::new(&self.policy, restrictions, self.role, self.witness),
            outbox: Outbox::new(),
        }
    }

    /// Starts a session with this viewer as its owner.
    pub(super) fn start(
        self,
        server: &Server,
        opened: &Opened,
        values: &Values<'_>,
        restrictions: Restrictions,
    ) -> Result<Presence, Farewell> {
        let (policy, options) = (Arc::clone(&self.policy), server.vnc_options());
        let settings = Settings::parse(values, &policy, options, &opened.id, &self.witness)
            .map_err(|failure| self.turn_away(&failure))?;
        let witness = self.witness.clone();
        let owner = self.joining(server, opened, restrictions);
        let presence = Presence::of(&owner);
        match server.start_session(&opened.id, policy, settings, restrictions, owner) {
            Ok(session) => Ok(presence(session)),
            Err(error) => {
                tracing::error!("No session was started: {error}.");
                witness.not_started(Ending {
                    reason: "too-many-sessions",
                    status: Some(Status::ServerBusy),
                });
                Err(Farewell::aborted(Status::ServerBusy))
            }
        }
    }

    /// Writes down why there is no session, and gives what the client is told.
    fn turn_away(&self, failure: &Failure) -> Farewell {
        failure.log();
        if let Some((why, parameter)) = failure.refusal() {
            self.witness.decided(&why, Verdict::Ended, parameter);
        }
        self.witness.not_started(Ending {
            reason: failure.reason(),
            status: Some(failure.status()),
        });
        failure.farewell()
    }
}
