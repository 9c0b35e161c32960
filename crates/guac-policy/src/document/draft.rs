//! What a document says, setting by setting, before it is known whether that makes sense.

use std::collections::BTreeMap;
use std::time::Duration;

use super::kind::{Item, Value};
use crate::policy::Key;

/// The settings of a document.
#[derive(Debug, Default)]
pub(super) struct Draft {
    entries: BTreeMap<Key, Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Where the setting's name begins.
    at: usize,
    value: Value,
}

impl Draft {
    pub(super) fn set(&mut self, key: Key, at: usize, value: Value) {
        self.entries.insert(key, Entry { at, value });
    }

    /// Where a setting stands, if it is there at all.
    pub(super) fn at(&self, key: Key) -> Option<usize> {
        self.entries.get(&key).map(|entry| entry.at)
    }

    /// Every setting that is there, and where.
    pub(super) fn places(&self) -> impl Iterator<Item = (Key, usize)> {
        self.entries.iter().map(|(key, entry)| (*key, entry.at))
    }

    fn value(&self, key: Key) -> Option<&Value> {
        self.entries.get(&key).map(|entry| &entry.value)
    }

    pub(super) fn switch(&self, key: Key) -> Option<bool> {
        match self.value(key) {
            Some(Value::Switch(switch)) => Some(*switch),
            _ => None,
        }
    }

    pub(super) fn number<T: TryFrom<u64>>(&self, key: Key) -> Option<T> {
        match self.value(key) {
            Some(Value::Number(number)) => T::try_from(*number).ok(),
            _ => None,
        }
    }

    pub(super) fn time(&self, key: Key) -> Option<Duration> {
        match self.value(key) {
            Some(Value::Time(time)) => Some(*time),
            _ => None,
        }
    }

    pub(super) fn word(&self, key: Key) -> Option<&'static str> {
        match self.value(key) {
            Some(Value::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub(super) fn text(&self, key: Key) -> Option<&str> {
        match self.value(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn list(&self, key: Key) -> Option<&[Item]> {
        match self.value(key) {
            Some(Value::List(items)) => Some(items),
            _ => None,
        }
    }

    /// The texts of a list, none where there is no list.
    pub(super) fn texts(&self, key: Key) -> impl Iterator<Item = &str> {
        let items = self.list(key).unwrap_or_default();
        items.iter().map(|item| item.text.as_str())
    }

    /// Forced parameters with their values.
    pub(super) fn values(&self, key: Key) -> &[(Item, String)] {
        match self.value(key) {
            Some(Value::Values(values)) => values,
            _ => &[],
        }
    }
}
