//! What connections may say by their parameters, and what becomes of one.

use std::sync::Arc;

use guac_policy::{JoinMode, Key, Policy, RefusedParameter, Rule, TIGHTENING};

use super::rows::row;
use super::subject::Subject;
use super::table::{ALWAYS, Row, place};
use crate::decisions::Witness;
use crate::desktop::arguments::Values;
use crate::desktop::{Settings, VncOptions};

/// What connections may say.
pub(super) fn parameters(policy: &Policy) -> Vec<Row> {
    let rule = policy.parameters();
    let mut rows: Vec<_> = rule
        .force
        .keys()
        .map(|name| {
            let why = "the policy's value stands, whatever a connection says";
            Row::new(name, "forced", why, place(policy, Key::ParametersForce))
        })
        .collect();
    let verdict = match rule.refused {
        RefusedParameter::Drop => "dropped",
        RefusedParameter::End => "refused",
    };
    if !rule.refuse.is_empty() {
        let names: Vec<_> = rule.refuse.iter().map(String::as_str).collect();
        let what = match names.as_slice() {
            [first, second, rest @ ..] if !rest.is_empty() => {
                format!("{first}, {second} and {} more", rest.len())
            }
            names => names.join(", "),
        };
        rows.push(row(
            policy,
            &what,
            verdict,
            Key::ParametersRefuse,
            &format!("{} names", names.len()),
        ));
    }
    if let Some(allowed) = &rule.allow {
        let names: Vec<_> = allowed.iter().map(String::as_str).collect();
        let what = "what is not in the list";
        rows.push(row(
            policy,
            what,
            verdict,
            Key::ParametersAllow,
            &names.join(", "),
        ));
    }
    let some: Vec<_> = TIGHTENING.into_iter().take(3).collect();
    let more = TIGHTENING.len().saturating_sub(some.len());
    let why = format!("they only take away: {} and {more} more", some.join(", "));
    rows.push(Row::new("parameters that tighten", "taken", why, ALWAYS));
    rows
}

/// What becomes of the connection itself, with the parameters that were given.
pub(super) fn outcome(policy: &Arc<Policy>, subject: &Subject) -> Vec<Row> {
    let mut rows: Vec<_> = subject
        .overruled
        .iter()
        .map(|one| {
            let (verdict, key) = match one.rule {
                Rule::ParameterForced => ("overruled", Key::ParametersForce),
                _ => ("dropped", Key::ParametersRefuse),
            };
            Row::new(
                format!("parameter {}", one.name),
                verdict,
                key.name(),
                place(policy, key),
            )
        })
        .collect();
    let ends = policy.parameters().refused == RefusedParameter::End;
    let refused = subject
        .overruled
        .iter()
        .find(|one| one.rule == Rule::ParameterRefused);
    let what = "a session with these parameters";
    rows.push(match refused.filter(|_| ends) {
        Some(one) => {
            let why = format!("parameters.refused = \"end\", and {} is refused", one.name);
            Row::new(what, "refused", why, place(policy, Key::ParametersRefused))
        }
        None => started(policy, subject, what),
    });
    rows
}

/// Whether somebody may join at all.
pub(super) fn joining(policy: &Policy) -> Row {
    let rule = policy.joins();
    let mode = format!("\"{}\"", rule.mode.name());
    let verdict = match (rule.mode, &rule.names) {
        (JoinMode::Nobody, _) => "refused",
        (JoinMode::Anyone | JoinMode::ReadOnly, Some(_)) => "by name",
        (JoinMode::Anyone | JoinMode::ReadOnly, None) => "passes",
    };
    row(policy, "joining a session", verdict, Key::JoinsAllow, &mode)
}

/// Reads the connection's settings as a session does before it connects.
fn started(policy: &Arc<Policy>, subject: &Subject, what: &str) -> Row {
    let values = Values::new(&subject.values);
    let witness = Witness::unheard(policy);
    match Settings::parse(&values, policy, &VncOptions::default(), "", &witness) {
        Err(failure) => Row::new(what, "refused", failure.to_string(), ""),
        Ok(settings) if settings.address.is_forbidden() => {
            let why = "targets.allow does not name that desktop";
            Row::new(what, "refused", why, place(policy, Key::TargetsAllow))
        }
        Ok(_) => Row::new(what, "starts", "where its desktop is among the targets", ""),
    }
}
