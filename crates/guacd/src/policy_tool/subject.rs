//! Whom the explanation is about: the one who starts a session or one who joins it, with what their
//! connections say.

use std::sync::Arc;

use guac_policy::{Overruled, Policy, Restrictions, Role};

use crate::desktop::arguments::{ARGUMENTS, Values};
use crate::desktop::restrictions;

/// What was asked to be explained.
#[derive(Debug, Default)]
pub(super) struct Request<'a> {
    pub(super) file: Option<&'a str>,
    /// The parameters of the connection.
    owner: Vec<(&'a str, &'a str)>,
    /// Those of one who joins, if it is about such a one.
    joiner: Option<Vec<(&'a str, &'a str)>>,
}

impl<'a> Request<'a> {
    /// Reads the words after `explain`.
    pub(super) fn read(words: &[&'a str]) -> Result<Self, String> {
        let mut request = Self::default();
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            match word {
                "--joiner" if request.joiner.is_none() => request.joiner = Some(Vec::new()),
                "--joiner" => return Err("--joiner stands once".to_owned()),
                "--param" => {
                    let pair = words.next().unwrap_or_default();
                    let pair = pair
                        .split_once('=')
                        .ok_or("--param takes NAME=VALUE, such as read-only=true")?;
                    if !ARGUMENTS.contains(&pair.0) {
                        return Err(format!("there is no parameter {:?}", pair.0));
                    }
                    request
                        .joiner
                        .as_mut()
                        .unwrap_or(&mut request.owner)
                        .push(pair);
                }
                flag if flag.starts_with('-') => return Err(format!("there is no flag {flag:?}")),
                file if request.file.is_none() => request.file = Some(file),
                _ => return Err("explain takes one file".to_owned()),
            }
        }
        Ok(request)
    }
}

/// A viewer, and what is left of its parameters after the policy was applied.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) role: Role,
    /// What its own and the session's parameters take away.
    pub(super) restrictions: Restrictions,
    /// The connection's values, in announced order.
    pub(super) values: Vec<String>,
    /// Its parameters whose value does not count.
    pub(super) overruled: Vec<Overruled>,
    /// Whether any parameter was given at all.
    pub(super) has_parameters: bool,
}

impl Subject {
    /// Does with the parameters what the daemon does when a viewer comes.
    pub(super) fn new(policy: &Arc<Policy>, request: &Request<'_>) -> Self {
        let apply = |given: &[(&str, &str)]| {
            let mut values = in_order(given);
            let overruled = policy.parameters().apply(&ARGUMENTS, &mut values);
            (values, overruled)
        };
        let (values, mut overruled) = apply(&request.owner);
        let mut held_by = restrictions(&Values::new(&values));
        let mut role = Role::Owner;
        if let Some(given) = &request.joiner {
            let (own, more) = apply(given);
            held_by = held_by.and(restrictions(&Values::new(&own)));
            overruled.extend(more);
            role = Role::Joiner;
        }
        Self {
            role,
            restrictions: held_by,
            values,
            overruled,
            has_parameters: !request.owner.is_empty()
                || request
                    .joiner
                    .as_ref()
                    .is_some_and(|given| !given.is_empty()),
        }
    }

    pub(super) const fn is_joiner(&self) -> bool {
        matches!(self.role, Role::Joiner)
    }
}

/// Values in the order in which a client sends them. Of a repeated name the last counts.
fn in_order(given: &[(&str, &str)]) -> Vec<String> {
    let value = |name: &&str| {
        let pair = given.iter().rev().find(|(given, _)| given == name);
        pair.map_or_else(String::new, |(_, value)| (*value).to_owned())
    };
    ARGUMENTS.iter().map(value).collect()
}
