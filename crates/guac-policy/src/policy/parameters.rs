//! What connections may say by parameters, and what the policy says in their place.

use std::collections::{BTreeMap, BTreeSet};

use crate::decision::Rule;

/// Parameters that only take something away from what the policy permits. Connections can always
/// give them.
pub const TIGHTENING: [&str; 12] = [
    "read-only",
    "disable-copy",
    "disable-paste",
    "disable-display-resize",
    "clipboard-buffer-size",
    "recording-path",
    "recording-name",
    "recording-include-keys",
    "recording-include-clipboard",
    "vnc-minimum-security",
    "vnc-fingerprint",
    "vnc-server-name",
];

/// What becomes of a session whose connection gives a parameter that the policy refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RefusedParameter {
    /// It goes on as if the parameter had not been given.
    #[default]
    Drop,
    /// It is refused.
    End,
}

impl RefusedParameter {
    /// The word's name in a policy.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::End => "end",
        }
    }
}

/// The rules for connection parameters, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParameterRule {
    /// Values that stand in place of whatever a connection says.
    pub force: BTreeMap<String, String>,
    /// The only parameters that connections may give, beside [`TIGHTENING`]; `None`: all.
    pub allow: Option<BTreeSet<String>>,
    /// Parameters that connections may not give.
    pub refuse: BTreeSet<String>,
    /// What becomes of a session whose connection gives one of those.
    pub refused: RefusedParameter,
}

/// A parameter whose value does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overruled {
    /// The parameter.
    pub name: &'static str,
    /// Bytes of the value that was given.
    pub size: usize,
    /// By which rule: [`Rule::ParameterForced`] or [`Rule::ParameterRefused`].
    pub rule: Rule,
}

impl ParameterRule {
    /// Puts the forced values into a connection's and takes the refused ones out. `values` belong to
    /// `names` one by one; missing ones at the end count as empty, and empty ones as not given.
    ///
    /// Returns the given values that do not count, in the order of their names.
    pub fn apply(&self, names: &[&'static str], values: &mut Vec<String>) -> Vec<Overruled> {
        values.resize(names.len(), String::new());
        let mut overruled = Vec::new();
        for (name, value) in names.iter().copied().zip(values) {
            let (replacement, rule) = match self.force.get(name) {
                Some(forced) => (forced.as_str(), Rule::ParameterForced),
                None if self.permits(name) => continue,
                None => ("", Rule::ParameterRefused),
            };
            if !value.is_empty() && value != replacement {
                let size = value.len();
                overruled.push(Overruled { name, size, rule });
            }
            // What was there may be a password.
            zeroize::Zeroize::zeroize(value);
            value.push_str(replacement);
        }
        overruled
    }

    /// Whether connections may give this parameter.
    #[must_use]
    pub fn permits(&self, name: &str) -> bool {
        if TIGHTENING.contains(&name) {
            return true;
        }
        let is_listed = |allowed: &BTreeSet<String>| allowed.contains(name);
        self.allow.as_ref().is_none_or(is_listed) && !self.refuse.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["hostname", "port", "read-only", "cursor"];

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn applied(rule: &ParameterRule, values: &[&str]) -> (Vec<String>, Vec<&'static str>) {
        let mut values: Vec<_> = values.iter().map(|&value| value.to_owned()).collect();
        let overruled = rule.apply(&NAMES, &mut values);
        (values, overruled.iter().map(|one| one.name).collect())
    }

    #[test]
    fn forced_values_win_and_refused_ones_vanish() {
        let rule = ParameterRule {
            force: BTreeMap::from([("hostname".into(), "127.0.0.1".into())]),
            refuse: set(&["cursor"]),
            ..ParameterRule::default()
        };
        let (values, overruled) = applied(&rule, &["evil", "5900", "true", "remote"]);
        assert_eq!(values, ["127.0.0.1", "5900", "true", ""]);
        assert_eq!(overruled, ["hostname", "cursor"]);
        // What was not given, or is what is forced, is not overruled.
        let (values, overruled) = applied(&rule, &["127.0.0.1"]);
        assert_eq!(values, ["127.0.0.1", "", "", ""]);
        assert!(overruled.is_empty());
    }

    #[test]
    fn a_list_lets_through_what_it_names_and_what_tightens() {
        let rule = ParameterRule {
            allow: Some(set(&["port"])),
            ..ParameterRule::default()
        };
        let (values, overruled) = applied(&rule, &["host", "5900", "true", "remote"]);
        assert_eq!(values, ["", "5900", "true", ""]);
        assert_eq!(overruled, ["hostname", "cursor"]);
    }
}
