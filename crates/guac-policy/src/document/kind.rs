//! The kinds of values that settings have.

use std::time::Duration;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::duration::duration;
use super::finding::{Fault, Findings, quoted};
use super::spelling::{nearest, one_of};

/// Most items of one list.
pub const LIST_MAX_ITEMS: usize = 1_000;

/// What a setting's value has to be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// The one version of the format that there is.
    Version,
    /// True or false.
    Switch,
    /// A number from 1 to this.
    Number { most: u64 },
    /// A length of time, at least a millisecond, at most this.
    Time { most: Duration },
    /// One of these words.
    Word(&'static [&'static str]),
    /// One text.
    Text {
        /// What it is.
        of: &'static str,
        /// Says what is wrong with it.
        check: fn(&str) -> Result<(), Fault>,
    },
    /// The word "deny", because this daemon has no way to carry it.
    Closed,
    /// A list of texts.
    List {
        /// What they are.
        of: &'static str,
        /// Says what is wrong with one.
        check: fn(&str) -> Result<(), Fault>,
    },
    /// Names of parameters, each with a value.
    Values {
        /// Says what is wrong with one.
        check: fn(&str, &str) -> Result<(), Fault>,
    },
}

/// A setting's value, as it was read.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Switch(bool),
    Number(u64),
    Time(Duration),
    Word(&'static str),
    Text(String),
    List(Vec<Item>),
    Values(Vec<(Item, String)>),
    /// It is not what it has to be, and that has been said.
    Faulty,
}

/// A text, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) text: String,
    pub(super) at: usize,
}

impl Kind {
    /// What the value has to be, for the reader of a manual or of a finding.
    pub(super) fn describe(self) -> String {
        match self {
            Self::Version => "the number 1".to_owned(),
            Self::Switch => "true or false".to_owned(),
            Self::Number { most } => format!("a number from 1 to {most}"),
            Self::Time { most } => format!(
                "a time such as \"90s\", \"30m\" or \"8h\", at most {} hours",
                most.as_secs() / 3600
            ),
            Self::Word(words) => one_of(words),
            Self::Text { of, .. } => of.to_owned(),
            Self::Closed => "\"deny\"".to_owned(),
            Self::List { of, .. } => format!("a list of {of}"),
            Self::Values { .. } => "a table of parameters, each with a text in quotes".to_owned(),
        }
    }

    /// Reads a value that is of this kind. `Err(None)`: what is wrong has been told already.
    pub(super) fn read(
        self,
        value: &Spanned<DeValue<'_>>,
        findings: &mut Findings<'_>,
    ) -> Result<Value, Option<Fault>> {
        match (self, value.get_ref()) {
            (Self::Version, DeValue::Integer(number)) if number.as_str() == "1" => {
                Ok(Value::Number(1))
            }
            (Self::Switch, DeValue::Boolean(switch)) => Ok(Value::Switch(*switch)),
            (Self::Number { most }, DeValue::Integer(number)) => {
                number_of(number.as_str(), number.radix(), most).map(Value::Number)
            }
            (Self::Time { most }, DeValue::String(text)) => time(text, most).map(Value::Time),
            (Self::Word(words), DeValue::String(text)) => word(text, words).map(Value::Word),
            (Self::Text { check, .. }, DeValue::String(text)) => check(text)
                .map(|()| Value::Text(text.to_string()))
                .map_err(Some),
            (Self::Closed, DeValue::String(text)) if text == "deny" => Ok(Value::Word("deny")),
            (Self::Closed, _) => Err(Some(Fault::new(
                "this daemon has no way to carry it, so only \"deny\" can be promised",
                "write \"deny\", or leave it out: it is denied either way",
            ))),
            (Self::List { check, .. }, DeValue::Array(items)) => list(items, check, findings),
            (Self::Values { check }, DeValue::Table(table)) => values(table, check, findings),
            (kind, other) => Err(Some(Fault::new(
                format!("has to be {}, not {}", kind.describe(), name_of(other)),
                String::new(),
            ))),
        }
    }
}

/// A value's type as a person calls it.
fn name_of(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => quoted(text),
        DeValue::Integer(number) => format!("the number {}", quoted(number.as_str())),
        DeValue::Float(number) => format!("the number {}", quoted(number.as_str())),
        DeValue::Boolean(switch) => switch.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

fn number_of(digits: &str, radix: u32, most: u64) -> Result<u64, Option<Fault>> {
    match u64::from_str_radix(digits, radix) {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(Some(Fault::new(
            format!(
                "has to be a number from 1 to {most}, not {}",
                quoted(digits)
            ),
            String::new(),
        ))),
    }
}

fn time(text: &str, most: Duration) -> Result<Duration, Option<Fault>> {
    let kind = Kind::Time { most }.describe();
    match duration(text) {
        Some(Duration::ZERO) => Err(Some(Fault::new(
            "no time at all would end or refuse everything at once",
            "leave it out, or write a longer one",
        ))),
        Some(time) if time <= most => Ok(time),
        _ => Err(Some(Fault::new(
            format!("has to be {kind}, not {}", quoted(text)),
            "whole numbers, each with d, h, m, s or ms, the longest first, such as \"1h30m\"",
        ))),
    }
}

fn word(text: &str, words: &'static [&'static str]) -> Result<&'static str, Option<Fault>> {
    if let Some(word) = words.iter().find(|word| **word == text) {
        return Ok(word);
    }
    let hint = nearest(text, words.iter().copied()).map_or_else(String::new, did_you_mean);
    Err(Some(Fault::new(
        format!("has to be {}, not {}", one_of(words), quoted(text)),
        hint,
    )))
}

pub(super) fn did_you_mean(word: &str) -> String {
    format!("did you mean \"{word}\"?")
}

fn list(
    items: &DeArray<'_>,
    check: fn(&str) -> Result<(), Fault>,
    findings: &mut Findings<'_>,
) -> Result<Value, Option<Fault>> {
    if LIST_MAX_ITEMS < items.len() {
        return Err(Some(too_long(items.len())));
    }
    let mut read = Vec::with_capacity(items.len());
    let mut is_sound = true;
    for item in items.iter() {
        let at = item.span().start;
        let fault = match item.get_ref() {
            DeValue::String(text) => {
                let text = text.to_string();
                let checked = check(&text);
                read.push(Item { text, at });
                checked.err()
            }
            other => Some(Fault::new(
                format!("the list holds texts in quotes, not {}", name_of(other)),
                "write it in quotes",
            )),
        };
        if let Some(fault) = fault {
            is_sound = false;
            findings.add(at, fault);
        }
    }
    is_sound.then_some(Value::List(read)).ok_or(None)
}

fn values(
    table: &DeTable<'_>,
    check: fn(&str, &str) -> Result<(), Fault>,
    findings: &mut Findings<'_>,
) -> Result<Value, Option<Fault>> {
    if LIST_MAX_ITEMS < table.len() {
        return Err(Some(too_long(table.len())));
    }
    let mut read = Vec::with_capacity(table.len());
    let mut is_sound = true;
    for (name, value) in table.iter() {
        let at = name.span().start;
        let fault = match value.get_ref() {
            DeValue::String(text) => {
                let name = name.get_ref().to_string();
                let checked = check(&name, text);
                read.push((Item { text: name, at }, text.to_string()));
                checked.err()
            }
            other => Some(Fault::new(
                format!(
                    "the value of {} has to be a text, not {}",
                    quoted(name.get_ref()),
                    name_of(other)
                ),
                "write it in quotes, as in: read-only = \"true\"",
            )),
        };
        if let Some(fault) = fault {
            is_sound = false;
            findings.add(at, fault);
        }
    }
    is_sound.then_some(Value::Values(read)).ok_or(None)
}

fn too_long(items: usize) -> Fault {
    Fault::new(
        format!("{items} items, and {LIST_MAX_ITEMS} are the most"),
        "networks and patterns say much in few items",
    )
}
