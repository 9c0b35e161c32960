//! The whole of a policy, for one viewer.

use std::sync::Arc;

use guac_policy::Policy;

use super::subject::Subject;
use super::table::{Group, written};
use super::{asking, connection, rows, summary};

/// What becomes of everything that somebody could try.
pub(super) fn of(policy: &Arc<Policy>, subject: &Subject) -> String {
    let whom = match (subject.is_joiner(), subject.has_parameters) {
        (false, false) => "For the one who starts a session, if the connection says no more:",
        (false, true) => "For the one who starts a session, with these parameters:",
        (true, false) => "For one who joins a session, if the connection says no more:",
        (true, true) => "For one who joins a session, with these parameters:",
    };
    let group = |title, rows| Group { title, rows };
    let mut asked = Vec::new();
    if subject.is_joiner() {
        asked.push(connection::joining(policy));
    }
    if subject.has_parameters {
        asked.extend(connection::outcome(policy, subject));
    }
    let groups = [
        group("THE CONNECTION", asked),
        group("OUT OF THE DESKTOP", asking::outward(policy, subject)),
        group("INTO THE DESKTOP", asking::inward(policy, subject)),
        group("WHICH DESKTOP", rows::desktops(policy)),
        group("WHO ELSE", rows::joins(policy)),
        group("HOW LONG", rows::session(policy)),
        group("ON RECORD", rows::recording(policy)),
        group("PARAMETERS", connection::parameters(policy)),
    ];
    format!("{}\n{whom}\n{}", summary::of(policy), written(&groups))
}
