//! The whole of a policy, for one viewer.

use std::sync::Arc;

use guac_policy::Policy;

use super::subject::Subject;
use super::table::{Group, written};
use super::{asking, rows, summary};

/// What becomes of everything that somebody could try.
pub(super) fn of(policy: &Arc<Policy>, subject: &Subject) -> String {
    let whom = match (subject.is_joiner(), subject.has_parameters) {
        (false, false) => "For the one who starts a session, if the connection says no more:",
        (false, true) => "For the one who starts a session, with these parameters:",
        (true, false) => "For one who joins a session, if the connection says no more:",
        (true, true) => "For one who joins a session, with these parameters:",
    };
    let group = |title, rows| Group { title, rows };
    let mut connection = Vec::new();
    if subject.is_joiner() {
        connection.push(rows::joining(policy));
    }
    if subject.has_parameters {
        connection.extend(rows::connection(policy, subject));
    }
    let groups = [
        group("THE CONNECTION", connection),
        group("OUT OF THE DESKTOP", asking::outward(policy, subject)),
        group("INTO THE DESKTOP", asking::inward(policy, subject)),
        group("WHICH DESKTOP", rows::desktops(policy)),
        group("WHO ELSE", rows::joins(policy)),
        group("HOW LONG", rows::session(policy)),
        group("ON RECORD", rows::recording(policy)),
        group("PARAMETERS", rows::parameters(policy)),
    ];
    format!("{}\n{whom}\n{}", summary::of(policy), written(&groups))
}
