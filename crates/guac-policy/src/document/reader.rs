//! Reads the settings of a document by their names.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::draft::Draft;
use super::finding::{Fault, Findings, message, quoted};
use super::kind::{Value, did_you_mean};
use super::spelling::nearest;
use crate::policy::Key;

/// Reads what can be read and notes the rest. Of what is not TOML nothing is read: what the parser
/// recovers would only lead to findings that are none.
pub(super) fn read(text: &str, findings: &mut Findings<'_>) -> Option<Draft> {
    let mut draft = Draft::default();
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        let problem = format!("not TOML: {}", message(error.message()));
        findings.add(at, Fault::new(problem, syntax_hint(error.message())));
    }
    if !errors.is_empty() {
        return None;
    }
    table("", document.get_ref(), &mut draft, findings);
    Some(draft)
}

fn syntax_hint(problem: &str) -> &'static str {
    if problem.contains("duplicate") {
        "each setting and each [table] stands once"
    } else {
        "a line is a [table], a setting such as allow = false, or a # comment; texts stand in quotes"
    }
}

fn table(path: &str, table: &DeTable<'_>, draft: &mut Draft, findings: &mut Findings<'_>) {
    for (name, value) in table.iter() {
        let at = name.span().start;
        let whole = if path.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{path}.{}", name.get_ref())
        };
        // A quoted name with a dot in it is a name of its own.
        let is_one_part = !name.get_ref().contains('.');
        let key = Key::ALL.into_iter().find(|key| key.name() == whole);
        match key {
            Some(key) if is_one_part => setting(key, at, value, draft, findings),
            None if is_one_part && is_table(&whole) => match value.get_ref() {
                DeValue::Table(inner) => self::table(&whole, inner, draft, findings),
                _ => findings.add(at, not_a_table(&whole)),
            },
            _ if findings.is_full() => findings.add(at, Fault::new("", "")),
            _ => findings.add(at, unknown(path, name.get_ref(), &whole)),
        }
    }
}

fn setting(
    key: Key,
    at: usize,
    value: &Spanned<DeValue<'_>>,
    draft: &mut Draft,
    findings: &mut Findings<'_>,
) {
    let read = key.info().kind.read(value, findings);
    let value = read.unwrap_or_else(|fault| {
        if let Some(Fault { problem, hint }) = fault {
            let hint = if hint.is_empty() { example(key) } else { hint };
            let problem = format!("{}: {problem}", key.name());
            findings.add(value.span().start, Fault { problem, hint });
        }
        Value::Faulty
    });
    draft.set(key, at, value);
}

/// How a setting is written.
pub(super) fn example(key: Key) -> String {
    let name = key.name();
    let own = name.rsplit_once('.').map_or(name, |(_, own)| own);
    format!("for example: {own} = {}", key.info().example)
}

/// Whether settings stand in a table of this name.
fn is_table(name: &str) -> bool {
    tables().any(|table| table == name)
}

fn tables() -> impl Iterator<Item = &'static str> {
    let folders = |key: Key| {
        let parent = |name: &&'static str| name.rsplit_once('.').map(|(table, _)| table);
        std::iter::successors(Some(key.name()), parent).skip(1)
    };
    Key::ALL.into_iter().flat_map(folders)
}

fn not_a_table(name: &str) -> Fault {
    Fault::new(
        format!("{name} is a table"),
        format!("write [{name}] on a line of its own, and its settings below"),
    )
}

fn unknown(path: &str, name: &str, whole: &str) -> Fault {
    let place = if path.is_empty() {
        String::new()
    } else {
        format!(" in [{path}]")
    };
    Fault::new(
        format!("there is no setting or table {}{place}", quoted(name)),
        suggestion(path, name, whole),
    )
}

/// What was meant by an unknown name: one that is written alike, or the same under another table.
fn suggestion(path: &str, name: &str, whole: &str) -> String {
    let names = || Key::ALL.into_iter().map(Key::name);
    let own = |name: &'static str| name.rsplit_once('.').map_or(name, |(_, own)| own);
    let siblings = || {
        let all = names().chain(tables());
        all.filter_map(|known| match known.rsplit_once('.') {
            Some((table, own)) => (table == path).then_some(own),
            None => path.is_empty().then_some(known),
        })
    };
    if let Some(sibling) = nearest(name, siblings()) {
        return did_you_mean(sibling);
    }
    if let Some(known) = names().find(|known| own(known) == name || *known == name) {
        return did_you_mean(known);
    }
    if let Some(known) = nearest(whole, names().chain(tables())) {
        return did_you_mean(known);
    }
    let mut known: Vec<_> = siblings().map(|name| format!("\"{name}\"")).collect();
    known.sort();
    known.dedup();
    format!("known here: {}", known.join(", "))
}
