//! The manual of policies: it has every setting as the parser knows it, and its examples are valid.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure is to be loud")]

use std::fs;
use std::path::Path;

use guac_policy::{DEFAULT_DOCUMENT, Key, Policy};

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/policy.md");
    fs::read_to_string(path).unwrap()
}

/// A setting's table, and its name in that.
fn parts(key: Key) -> (&'static str, &'static str) {
    key.name().rsplit_once('.').unwrap_or(("", key.name()))
}

fn tables() -> Vec<&'static str> {
    let mut tables: Vec<_> = Key::ALL.into_iter().map(|key| parts(key).0).collect();
    tables.dedup();
    tables
}

/// The settings of a table as the manual lists them.
fn listed(table: &str) -> String {
    let mut text =
        String::from("| Setting | Takes | If left out | Meaning |\n| --- | --- | --- | --- |\n");
    for key in Key::ALL.into_iter().filter(|key| parts(*key).0 == table) {
        let (info, own) = (key.info(), parts(key).1);
        let code = |text: &str| text.replace('|', "\\|");
        text += &format!(
            "| `{own}` | {} | {} | {} |\n",
            code(&info.values()),
            code(info.default),
            code(info.meaning)
        );
    }
    text
}

fn heading(table: &str) -> String {
    if table.is_empty() {
        "\n### At the top\n".to_owned()
    } else {
        format!("\n### `[{table}]`\n")
    }
}

/// The part of the page about a table.
fn section<'a>(page: &'a str, table: &str) -> &'a str {
    let heading = heading(table);
    let (_, section) = page
        .split_once(&*heading)
        .unwrap_or_else(|| panic!("no heading{heading}"));
    section
        .split("\n## ")
        .next()
        .unwrap()
        .split("\n### ")
        .next()
        .unwrap()
}

fn examples(page: &str) -> impl Iterator<Item = &str> {
    let blocks = page.split("```toml\n").skip(1);
    blocks.filter_map(|block| block.split("```").next())
}

/// An example with the two settings that every document has.
fn whole(example: &str) -> String {
    let mut document = String::new();
    if !example.contains("version = ") {
        document += "version = 1\n";
    }
    if !example.contains("[targets]") {
        document += "targets.allow = [\"127.0.0.1:5901\"]\n";
    }
    document + example
}

fn parsed(example: &str) -> Policy {
    let document = whole(example);
    Policy::from_document("docs/policy.md", document.as_bytes())
        .unwrap_or_else(|error| panic!("{document}\n{error}"))
}

#[test]
fn the_manual_lists_what_the_parser_takes() {
    let page = page();
    for table in tables() {
        let listed = listed(table);
        assert!(section(&page, table).contains(&listed), "{table}\n{listed}");
    }
}

#[test]
fn every_setting_has_an_example() {
    let page = page();
    for key in Key::ALL {
        let (table, own) = parts(key);
        let is_shown = examples(section(&page, table)).any(|example| {
            example.contains(&format!("{own} = ")) && parsed(example).origin().line(key).is_some()
        });
        assert!(is_shown, "no example of {}", key.name());
    }
}

#[test]
fn every_example_is_valid() {
    let page = page();
    assert!(15 <= examples(&page).map(parsed).count());
}

#[test]
fn the_built_in_policy_names_every_setting_that_it_could() {
    for table in tables()
        .into_iter()
        .filter(|table| !table.is_empty() && *table != "session")
    {
        assert!(
            DEFAULT_DOCUMENT.contains(&format!("\n[{table}]\n")),
            "{table}"
        );
    }
}

#[test]
#[ignore = "prints the tables, for whoever changes a setting: cargo test -p guac-policy --test manual -- --ignored --nocapture"]
fn print() {
    for table in tables() {
        println!("{}\n{}", heading(table), listed(table));
    }
}

/// The tests that the control map names, as `FILE::FUNCTION`, are there.
#[test]
fn the_control_map_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/controls.md")).unwrap();
    let named = page.split('`').skip(1).step_by(2);
    let named: Vec<_> = named.filter_map(|code| code.split_once("::")).collect();
    assert!(30 <= named.len(), "{}", named.len());
    for (file, function) in named {
        let source = fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("no {file}"));
        assert!(
            source.contains(&format!("fn {function}(")),
            "{file} has no {function}"
        );
    }
}
