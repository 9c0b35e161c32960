//! Settings that do not go together: whoever wrote them expects something else than would happen.

use super::draft::Draft;
use super::finding::{Fault, Findings, quoted};
use super::items::RECIPIENTS_MAX;
use super::reader::example;
use crate::policy::Key;

/// Notes what is missing and what contradicts something else.
pub(super) fn check(draft: &Draft, findings: &mut Findings<'_>) {
    let mut check = Check { draft, findings };
    check.required();
    check.clipboard();
    check.input();
    check.resize();
    check.joins();
    check.recording();
    check.keeping();
    check.parameters();
}

/// Limits of what waits for an object store.
const STORE_LIMITS: [Key; 2] = [Key::RecordingStoreWithin, Key::RecordingStoreBacklogBytes];

/// Limits of what waits to be kept.
const KEEPING_LIMITS: [Key; 5] = [
    Key::RecordingFreeBytes,
    Key::RecordingBacklogBytes,
    Key::RecordingFreezeAfter,
    Key::RecordingEndAfter,
    Key::RecordingDiskWithin,
];

struct Check<'a, 'b> {
    draft: &'a Draft,
    findings: &'a mut Findings<'b>,
}

impl Check<'_, '_> {
    fn fault(&mut self, key: Key, problem: &str, hint: &str) {
        let at = self.draft.at(key).unwrap_or(0);
        let problem = format!("{}: {problem}", key.name());
        self.findings.add(at, Fault::new(problem, hint));
    }

    fn fault_where_set(&mut self, key: Key, problem: &str, hint: &str) {
        if self.has(key) {
            self.fault(key, problem, hint);
        }
    }

    fn has(&self, key: Key) -> bool {
        self.draft.at(key).is_some()
    }

    fn required(&mut self) {
        if !self.has(Key::Version) {
            self.fault(
                Key::Version,
                "is missing",
                "begin the document with: version = 1",
            );
        }
        let targets = self.draft.list(Key::TargetsAllow);
        if !self.has(Key::TargetsAllow) || targets.is_some_and(<[_]>::is_empty) {
            let hint = format!("in [targets], {}", example(Key::TargetsAllow));
            let problem = "without a target no desktop could be reached";
            self.fault(Key::TargetsAllow, problem, &hint);
        }
    }

    fn clipboard(&mut self) {
        let copy = [
            Key::CopyMaxBytes,
            Key::CopyPerMinute,
            Key::CopyBytesPerMinute,
            Key::CopyInterval,
        ];
        let paste = [
            Key::PasteMaxBytes,
            Key::PastePerMinute,
            Key::PasteBytesPerMinute,
            Key::PasteInterval,
            Key::PasteMimeTypes,
        ];
        self.limits_without(Key::CopyAllow, &copy);
        self.limits_without(Key::PasteAllow, &paste);
        for (text, minute) in [
            (Key::CopyMaxBytes, Key::CopyBytesPerMinute),
            (Key::PasteMaxBytes, Key::PasteBytesPerMinute),
        ] {
            let most: Option<u64> = self.draft.number(text);
            let minute: Option<u64> = self.draft.number(minute);
            if most.zip(minute).is_some_and(|(most, minute)| minute < most) {
                let problem = "a text of so many bytes could never pass within a minute's bytes";
                self.fault(text, problem, "lower it, or raise bytes-per-minute");
            }
        }
    }

    /// Limits of what is not allowed at all.
    fn limits_without(&mut self, allow: Key, limits: &[Key]) {
        let is_closed = match self.draft.switch(allow) {
            Some(allowed) => !allowed,
            None => !self.has(allow),
        };
        for limit in limits.iter().copied().filter(|_| is_closed) {
            if self.has(limit) {
                let hint = "write allow = true beside it, or leave it out";
                self.fault(limit, "limits what is not allowed", hint);
            }
        }
    }

    fn input(&mut self) {
        for (burst, rate) in [
            (Key::InputKeyBurst, Key::InputKeysPerSecond),
            (Key::InputKeyBurstPerMinute, Key::InputKeysPerMinute),
        ] {
            if self.has(burst) && !self.has(rate) {
                let hint = format!("set {} too", rate.name());
                self.fault(burst, "a burst without its rate limits nothing", &hint);
            }
        }
        let has_rate = self.has(Key::InputKeysPerSecond) || self.has(Key::InputKeysPerMinute);
        if self.has(Key::InputExcess) && !has_rate {
            let hint = "set input.keys-per-second or input.keys-per-minute too";
            self.fault(Key::InputExcess, "nothing is too much without a rate", hint);
        }
        if self.draft.switch(Key::InputReadOnly) == Some(true) {
            self.read_only();
        }
    }

    fn read_only(&mut self) {
        for key in [
            Key::InputKeysPerSecond,
            Key::InputKeyBurst,
            Key::InputKeysPerMinute,
            Key::InputKeyBurstPerMinute,
            Key::InputExcess,
        ] {
            if self.has(key) {
                let hint = "leave it out, or leave input.read-only out";
                self.fault(key, "nobody types where input.read-only = true", hint);
            }
        }
        for key in [Key::CopyAllow, Key::PasteAllow] {
            if self.draft.switch(key) == Some(true) {
                let problem = "no text crosses either way where input.read-only = true";
                self.fault(
                    key,
                    problem,
                    "write allow = false, or leave input.read-only out",
                );
            }
        }
    }

    fn resize(&mut self) {
        for key in [Key::ResizeMaxWidth, Key::ResizeMaxHeight] {
            if self.has(key) && self.draft.switch(Key::ResizeAllow) == Some(false) {
                let hint = "leave it out, or write resize.allow = true";
                self.fault(key, "limits what is not allowed", hint);
            }
        }
    }

    fn joins(&mut self) {
        let allow = Key::JoinsAllow;
        let is_closed = !self.has(allow) || self.draft.word(allow) == Some("nobody");
        let viewers: Option<u64> = self.draft.number(Key::JoinsMaxViewers);
        if is_closed {
            let hint = "write joins.allow = \"read-only\" or \"anyone\", or leave it out";
            if self.has(Key::JoinsNames) {
                self.fault(Key::JoinsNames, "nobody may join, whatever the name", hint);
            }
            if viewers.is_some_and(|viewers| 1 < viewers) {
                self.fault(Key::JoinsMaxViewers, "nobody may join", hint);
            }
        } else if viewers == Some(1) {
            let problem = "the one who started the session is one already, so nobody could join";
            let hint = "write 2 or more, or joins.allow = \"nobody\"";
            self.fault(Key::JoinsMaxViewers, problem, hint);
        }
        if self
            .draft
            .list(Key::JoinsNames)
            .is_some_and(<[_]>::is_empty)
            && !is_closed
        {
            let hint = "write joins.allow = \"nobody\", or leave it out for every name";
            self.fault(Key::JoinsNames, "an empty list lets nobody join", hint);
        }
    }

    fn recording(&mut self) {
        let (mode, paths) = (self.draft.word(Key::RecordingMode), Key::RecordingPaths);
        let folders = self.draft.list(paths);
        let is_somewhere = match folders {
            Some(folders) => !folders.is_empty(),
            None => self.has(paths),
        };
        match mode {
            Some("required") if !is_somewhere => {
                let hint = "in [recording], for example: paths = [\"/recordings\"]";
                let problem = "a recording is required, and may lie nowhere";
                self.fault(Key::RecordingMode, problem, hint);
            }
            Some("forbidden") if is_somewhere => {
                let problem = "no recording may lie anywhere where recording.mode = \"forbidden\"";
                let hint = "leave it out, or write recording.mode = \"optional\"";
                self.fault(paths, problem, hint);
            }
            _ => {}
        }
        let is_wide = folders.is_some_and(|folders| {
            1 < folders.len() && folders.iter().any(|folder| folder.text == "*")
        });
        if is_wide {
            let hint = "leave the others out, or leave \"*\" out";
            self.fault(paths, "\"*\" means anywhere, which says all", hint);
        }
        if self.has(Key::RecordingNames) && (!is_somewhere || mode == Some("forbidden")) {
            let hint = "say where they may lie: recording.paths = [\"/recordings\"]";
            self.fault(
                Key::RecordingNames,
                "names recordings that may lie nowhere",
                hint,
            );
        }
    }

    /// How what is recorded is kept.
    fn keeping(&mut self) {
        let always = [
            Key::RecordingEvidence,
            Key::RecordingSealTo,
            Key::RecordingStore,
        ];
        if self.draft.word(Key::RecordingMode) == Some("forbidden") {
            let problem = "nothing is recorded where recording.mode = \"forbidden\"";
            let hint = "leave it out, or write another mode";
            let limits = KEEPING_LIMITS.into_iter().chain(STORE_LIMITS);
            for key in always.into_iter().chain(limits) {
                self.fault_where_set(key, problem, hint);
            }
            if self.draft.switch(Key::RecordingBreakGlass) == Some(true) {
                self.fault(Key::RecordingBreakGlass, problem, hint);
            }
        }
        if self.has(Key::RecordingStore) {
            if !self.has(Key::RecordingEvidence) {
                let problem = "what is in a store proves nothing without evidence";
                let hint = "in [recording], for example: evidence = \"/evidence\"";
                self.fault(Key::RecordingStore, problem, hint);
            }
        } else {
            for key in STORE_LIMITS {
                let hint = "set recording.store too, or leave it out";
                self.fault_where_set(
                    key,
                    "limits what waits for a store, and there is none",
                    hint,
                );
            }
        }
        match self.draft.list(Key::RecordingSealTo).map(<[_]>::len) {
            Some(0) => {
                let hint = "name the public key of an auditor, or leave it out";
                self.fault(Key::RecordingSealTo, "an empty list seals to nobody", hint);
            }
            Some(keys) if RECIPIENTS_MAX < keys => {
                let problem = format!("{keys} keys, and {RECIPIENTS_MAX} are the most");
                self.fault(Key::RecordingSealTo, &problem, "auditors can share a key");
            }
            _ => {}
        }
    }

    fn parameters(&mut self) {
        let forced: Vec<_> = self.draft.values(Key::ParametersForce).to_vec();
        let allowed: Vec<_> = self.draft.texts(Key::ParametersAllow).collect();
        for item in self.draft.list(Key::ParametersRefuse).unwrap_or_default() {
            let name = quoted(&item.text);
            if forced.iter().any(|(forced, _)| forced.text == item.text) {
                self.findings.add(
                    item.at,
                    Fault::new(
                        format!("{name} is refused, and forced as well"),
                        "a forced value stands whatever a connection says: leave it out here",
                    ),
                );
            }
            if allowed.contains(&item.text.as_str()) {
                self.findings.add(
                    item.at,
                    Fault::new(
                        format!("{name} is refused, and allowed as well"),
                        "leave it out of one of the two lists",
                    ),
                );
            }
        }
        super::forced::check(self.draft, self.findings);
    }
}
