//! `guac-audit show`

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use crate::Outcome;
use crate::clock::Clock;
use crate::decisions::Decisions;
use crate::event::plain;
use crate::events::of_session;
use crate::reading::End;
use crate::report::{Finding, report};
use crate::source::Recording;
use crate::summary::Summary;

/// Prints a summary of each file. A file that cannot be read does not keep the others from being
/// shown.
pub(crate) fn show(
    files: &[Recording],
    decision_log: Option<&Path>,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Outcome> {
    let shown = files.iter().map(|file| Shown::read(file, decision_log));
    report(shown, json, out).context("the summary could not be written")
}

/// The summary of one recording, as a part of a bundle that has it by another name.
pub(crate) fn summary(
    file: &Recording,
    decision_log: Option<&Path>,
) -> anyhow::Result<(Value, Outcome)> {
    let shown = Shown::read(file, decision_log)?;
    let mut summary = shown.to_json();
    if let Some(name) = summary.get_mut("file") {
        *name = "recording".into();
    }
    Ok((summary, shown.outcome()))
}

/// All that is shown of one file.
struct Shown<'a> {
    file: &'a Recording,
    /// In bytes.
    size: u64,
    is_sealed: bool,
    summary: Summary,
    decisions: Option<Decisions>,
}

impl<'a> Shown<'a> {
    fn read(file: &'a Recording, decision_log: Option<&Path>) -> anyhow::Result<Self> {
        let name = || format!("{file:?} could not be read");
        let size = std::fs::metadata(file.path()).with_context(name)?.len();
        let is_sealed = file.is_sealed().with_context(name)?;
        let summary = Summary::of(file).with_context(name)?;
        let decisions = match decision_log {
            Some(log) => {
                let clock = Clock::of(file).with_context(name)?;
                Some(of_session(file, &clock, log)?)
            }
            None => None,
        };
        Ok(Self {
            file,
            size,
            is_sealed,
            summary,
            decisions,
        })
    }

    fn print_metadata(&self, out: &mut impl Write) -> std::io::Result<()> {
        let Some(metadata) = &self.summary.metadata else {
            return Ok(());
        };
        writeln!(out, "  session   {}", plain(&metadata.session))?;
        match &metadata.user {
            Some(user) => writeln!(out, "  user      {}", plain(user))?,
            None => writeln!(out, "  user      not told")?,
        }
        writeln!(out, "  began     {:.3}", metadata.started)?;
        if let Some(ended) = self
            .summary
            .last_sync
            .and_then(|time| self.summary.wall(time))
        {
            writeln!(out, "  last seen {ended}")?;
        }
        writeln!(out, "  daemon    {}", plain(&metadata.daemon))?;
        let policy = metadata.policy.as_deref().unwrap_or("built-in");
        writeln!(out, "  policy    {}", plain(policy))
    }

    fn print_decisions(&self, out: &mut impl Write) -> std::io::Result<()> {
        let Some(decisions) = &self.decisions else {
            return Ok(());
        };
        let totals = decisions.totals();
        if totals.is_empty() {
            writeln!(out, "  decided   nothing was refused or limited")?;
        }
        for (decision, count) in totals {
            writeln!(
                out,
                "  {:<9} {count} {} {} by {}",
                plain(&decision.verdict),
                plain(&decision.action),
                plain(&decision.direction),
                plain(&decision.rule)
            )?;
        }
        Ok(())
    }
}

impl Finding for Shown<'_> {
    fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        let summary = &self.summary;
        // Quoted, so that no name can move the cursor about.
        writeln!(out, "{:?}", self.file)?;
        writeln!(out, "  size      {} bytes", self.size)?;
        if self.is_sealed {
            writeln!(out, "  sealed    {} bytes without its seal", summary.bytes)?;
        } else if summary.end != End::Clean {
            writeln!(out, "  good      {} bytes", summary.bytes)?;
        }
        self.print_metadata(out)?;
        match summary.picture {
            Some((width, height)) => writeln!(out, "  picture   {width}x{height}")?,
            None => writeln!(out, "  picture   none")?,
        }
        writeln!(out, "  frames    {}", summary.frames)?;
        let milliseconds = summary.duration();
        writeln!(
            out,
            "  duration  {}.{:03} s",
            milliseconds / 1_000,
            milliseconds % 1_000
        )?;
        writeln!(out, "  keys      {}", summary.keys)?;
        writeln!(out, "  mouse     {}", summary.mouse)?;
        if summary.clipboard != 0 {
            writeln!(out, "  clipboard {}", summary.clipboard)?;
        }
        let strip = summary.activity.strip();
        if !strip.is_empty() {
            writeln!(out, "  activity  |{strip}|")?;
        }
        self.print_decisions(out)?;
        if summary.odd != 0 {
            writeln!(
                out,
                "  odd       {} instructions make no sense",
                summary.odd
            )?;
        }
        writeln!(out, "  ends      {}", summary.end)
    }

    fn to_json(&self) -> Value {
        let summary = &self.summary;
        let mut object = Map::new();
        let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
        put("file", self.file.path().to_string_lossy().into());
        put("size", self.size.into());
        put("sealed", self.is_sealed.into());
        put("good", summary.bytes.into());
        if let Some(metadata) = &summary.metadata {
            put("session", metadata.session.as_str().into());
            put("user", metadata.user.as_deref().into());
            put("began", format!("{:.3}", metadata.started).into());
            let last = summary.last_sync.and_then(|time| summary.wall(time));
            put("last_seen", last.map(|last| last.to_string()).into());
            put("daemon", metadata.daemon.as_str().into());
            put("policy", metadata.policy.as_deref().into());
        }
        if let Some((width, height)) = summary.picture {
            put("picture", json!({"width": width, "height": height}));
        }
        put("frames", summary.frames.into());
        put("duration_ms", summary.duration().into());
        put("keys", summary.keys.into());
        put("mouse", summary.mouse.into());
        put("clipboard", summary.clipboard.into());
        put("activity", summary.activity.strip().into());
        put("odd", summary.odd.into());
        put("clean", (summary.end == End::Clean).into());
        put("ends", summary.end.to_string().into());
        if let Some(decisions) = &self.decisions {
            let decided = decisions.totals().into_iter().map(|(decision, count)| {
                json!({
                    "verdict": decision.verdict,
                    "action": decision.action,
                    "direction": decision.direction,
                    "rule": decision.rule,
                    "count": count,
                })
            });
            put("decided", decided.collect());
        }
        Value::Object(object)
    }

    fn outcome(&self) -> Outcome {
        self.summary.end.outcome()
    }
}
