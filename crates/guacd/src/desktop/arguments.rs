//! The connection parameters that `args` announces, in stock guacd's order, and some more after them.
//!
//! The web application answers by name but in this order, so the list is part of the wire format:
//! a name that is not announced is never sent. Parameters of features that this daemon does not
//! have (SFTP, audio) are announced all the same, so that a value given for one is seen and
//! reported instead of vanishing.

/// The version token that stands before the names.
pub(crate) const PROTOCOL_VERSION: &str = "VERSION_1_5_0";

/// Every parameter of a VNC connection, in the announced order: a policy knows them by the same names.
pub(crate) use guac_policy::PARAMETERS as ARGUMENTS;

/// The values of one `connect`, looked up by name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Values<'a>(&'a [String]);

impl<'a> Values<'a> {
    /// Takes the values in announced order; missing ones at the end count as empty.
    pub(crate) fn new(values: &'a [String]) -> Self {
        Self(values)
    }

    /// The value of a parameter; `None` if it is empty, which always means the default.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        let index = ARGUMENTS.iter().position(|known| *known == name)?;
        self.0
            .get(index)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A boolean: exactly `true` or `false`; anything else warns and is the default.
    pub(crate) fn boolean(&self, name: &str, default: bool) -> bool {
        match self.text(name) {
            None => default,
            Some("true") => true,
            Some("false") => false,
            Some(_) => {
                tracing::warn!(
                    "Parameter \"{name}\" must be either \"true\" or \"false\". Using default value."
                );
                default
            }
        }
    }

    /// An integer within a range; anything else warns and is the default.
    pub(crate) fn integer<T>(&self, name: &str, default: T, range: std::ops::RangeInclusive<T>) -> T
    where
        T: std::str::FromStr + PartialOrd,
    {
        let Some(text) = self.text(name) else {
            return default;
        };
        match text.trim_start().parse::<T>() {
            Ok(value) if range.contains(&value) => value,
            _ => {
                tracing::warn!(
                    "Specified value for parameter \"{name}\" is not a valid integer in range. \
                     Using default value."
                );
                default
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desktop::testing::values;

    #[test]
    fn a_value_is_found_by_its_name() {
        let list = values(&[("password", "secret"), ("quality-level", "7")]);
        let values = Values::new(&list);
        assert_eq!(values.text("password"), Some("secret"));
        assert_eq!(values.integer("quality-level", -1, 0..=9), 7);
        assert_eq!(values.text("hostname"), None);
    }

    #[test]
    fn booleans_are_exact() {
        let cases = [
            ("true", true),
            ("false", false),
            ("TRUE", false),
            ("1", false),
            ("", false),
        ];
        for (text, expected) in cases {
            let list = values(&[("read-only", text)]);
            assert_eq!(
                Values::new(&list).boolean("read-only", false),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn integers_out_of_range_are_the_default() {
        for text in ["-1", "10", "5x", "99999999999999999999", "x"] {
            let list = values(&[("compress-level", text)]);
            assert_eq!(
                Values::new(&list).integer("compress-level", -1, 0..=9),
                -1,
                "{text}"
            );
        }
    }

    #[test]
    fn too_few_values_are_defaults() {
        let list = vec!["host".to_owned()];
        assert_eq!(Values::new(&list).text("hostname"), Some("host"));
        assert_eq!(Values::new(&list).text("password"), None);
    }
}
