//! For tests: the values of a `connect` from the few that matter.

use super::arguments::ARGUMENTS;

/// The announced parameters' values: those given by name, and empty ones.
pub(super) fn values(pairs: &[(&str, &str)]) -> Vec<String> {
    let unknown = pairs.iter().find(|(name, _)| !ARGUMENTS.contains(name));
    assert_eq!(unknown, None, "a parameter that is not announced");
    let value = |name: &&str| {
        let given = pairs.iter().find(|(given, _)| given == name);
        given.map_or_else(String::new, |(_, value)| (*value).to_owned())
    };
    ARGUMENTS.iter().map(value).collect()
}
