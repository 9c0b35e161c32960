//! What a connection asks to be recorded, and what the policy makes of it.

use std::path::{Path, PathBuf};

use guac_policy::{Policy, RecordingMode, RecordingRule, Rule};
use guac_recorder::RecordingOptions;

use super::arguments::Values;
use super::failure::Failure;

/// What is recorded, if anything is. `fallback` is the recording's name if it is the policy, not the
/// connection, that asks for one.
///
/// # Errors
/// When the connection asks for a recording that the policy does not let be made.
pub(super) fn recording_options(
    values: &Values<'_>,
    policy: &Policy,
    fallback: &str,
) -> Result<Option<RecordingOptions>, Failure> {
    let rule = policy.recording();
    let asked = values.text("recording-path");
    let is_required = rule.mode == RecordingMode::Required;
    let (directory, name) = match (asked, required_directory(rule)) {
        (None, None) => return Ok(None),
        (None, Some(directory)) => (directory, values.text("recording-name").unwrap_or(fallback)),
        (Some(path), _) => {
            let name = values.text("recording-name").unwrap_or("recording");
            (PathBuf::from(path), name)
        }
    };
    if asked.is_some() {
        check_place(rule, &directory)?;
    }
    if values.text("recording-name").is_some() || asked.is_some() {
        check_name(rule, name)?;
    }
    let options = RecordingOptions {
        root: rule.root_of(&directory).map(Path::to_owned),
        directory,
        name: name.to_owned(),
        create_directory: values.boolean("create-recording-path", false),
        write_existing: values.boolean("recording-write-existing", false),
        exclude_output: values.boolean("recording-exclude-output", false),
        exclude_mouse: values.boolean("recording-exclude-mouse", false),
        include_keys: values.boolean("recording-include-keys", false),
        include_clipboard: values.boolean("recording-include-clipboard", false),
        seal: None,
        store: None,
    };
    if is_required {
        refuse_loosening(&options)?;
    }
    Ok(Some(options))
}

/// Where a session is recorded whose connection does not say.
fn required_directory(rule: &RecordingRule) -> Option<PathBuf> {
    if rule.mode != RecordingMode::Required {
        return None;
    }
    rule.paths.as_ref()?.first().cloned()
}

fn check_place(rule: &RecordingRule, directory: &Path) -> Result<(), Failure> {
    let refused = |rule| {
        Err(Failure::ForbiddenRecording {
            rule,
            parameter: "recording-path",
        })
    };
    if rule.mode == RecordingMode::Forbidden {
        refused(Rule::RecordingForbidden)
    } else if rule.takes_path(directory) {
        Ok(())
    } else {
        refused(Rule::RecordingPath)
    }
}

fn check_name(rule: &RecordingRule, name: &str) -> Result<(), Failure> {
    if rule.takes_name(name) {
        Ok(())
    } else {
        Err(Failure::ForbiddenRecording {
            rule: Rule::RecordingName,
            parameter: "recording-name",
        })
    }
}

/// What is required is whole, and replaces nothing.
fn refuse_loosening(options: &RecordingOptions) -> Result<(), Failure> {
    let loosening = [
        ("recording-exclude-output", options.exclude_output),
        ("recording-write-existing", options.write_existing),
    ];
    match loosening.into_iter().find(|(_, is_asked)| *is_asked) {
        None => Ok(()),
        Some((parameter, _)) => Err(Failure::ForbiddenRecording {
            rule: Rule::RecordingIncomplete,
            parameter,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desktop::testing::values;

    fn rule(mode: RecordingMode) -> RecordingRule {
        RecordingRule {
            mode,
            paths: Some(vec!["/recordings".into()]),
            names: vec!["s-*".into()],
            ..RecordingRule::default()
        }
    }

    /// The file that is written, the rule that refuses it, or nothing.
    fn outcome(rule: RecordingRule, pairs: &[(&str, &str)]) -> String {
        let policy = Policy::builder().recording(rule).build();
        match recording_options(&Values::new(&values(pairs)), &policy, "made-up") {
            Ok(None) => "nothing".into(),
            Ok(Some(options)) => {
                let root = policy.recording().paths.is_some();
                assert_eq!(options.root, root.then(|| PathBuf::from("/recordings")));
                options.directory.join(options.name).display().to_string()
            }
            Err(Failure::ForbiddenRecording { rule, parameter }) => {
                format!("{} {parameter}", rule.name())
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn without_a_policy_connections_say_what_is_recorded() {
        let stock = RecordingRule::default;
        assert_eq!(outcome(stock(), &[]), "nothing");
        assert_eq!(outcome(stock(), &[("recording-name", "x")]), "nothing");
        assert_eq!(
            outcome(stock(), &[("recording-path", "../a")]),
            "../a/recording"
        );
        let all = [
            ("recording-path", "/a"),
            ("recording-name", "x"),
            ("recording-write-existing", "true"),
            ("recording-exclude-output", "true"),
        ];
        assert_eq!(outcome(stock(), &all), "/a/x");
    }

    #[test]
    fn a_policy_says_where_and_how() {
        use RecordingMode::{Forbidden, Optional, Required};
        let inside = ("recording-path", "/recordings/today");
        let named = ("recording-name", "s-1");
        for (mode, pairs, expected) in [
            (Optional, vec![], "nothing"),
            (Optional, vec![inside, named], "/recordings/today/s-1"),
            (Optional, vec![inside], "recording.name recording-name"),
            (
                Optional,
                vec![("recording-path", "/etc"), named],
                "recording.path recording-path",
            ),
            (
                Optional,
                vec![("recording-path", "/recordings/../etc"), named],
                "recording.path recording-path",
            ),
            (Forbidden, vec![], "nothing"),
            (
                Forbidden,
                vec![inside],
                "recording.forbidden recording-path",
            ),
            (Required, vec![], "/recordings/made-up"),
            (Required, vec![named], "/recordings/s-1"),
            (
                Required,
                vec![("recording-name", "x")],
                "recording.name recording-name",
            ),
            (Required, vec![inside, named], "/recordings/today/s-1"),
            (
                Required,
                vec![("recording-exclude-output", "true")],
                "recording.incomplete recording-exclude-output",
            ),
            (
                Required,
                vec![inside, named, ("recording-write-existing", "true")],
                "recording.incomplete recording-write-existing",
            ),
        ] {
            assert_eq!(outcome(rule(mode), &pairs), expected, "{mode:?} {pairs:?}");
        }
    }
}
