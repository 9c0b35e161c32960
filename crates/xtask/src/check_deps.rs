//! `cargo xtask check-deps`: the arrows between the crates run down only, and the cores do
//! no I/O and read no clock. The compiler accepts any edge; this does not.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::metadata;

/// What a crate may use of ours in what it ships. A crate that is not here has no place yet.
const ARROWS: &[(&str, &[&str])] = &[
    ("guac-protocol", &[]),
    ("guac-vnc", &[]),
    ("guac-encode", &[]),
    ("guac-display", &["guac-protocol", "guac-encode"]),
    ("guac-policy", &["guac-protocol"]),
    ("guac-canvas", &["guac-protocol"]),
    ("guac-recorder", &["guac-protocol", "guac-policy"]),
    (
        "guacd",
        &[
            "guac-protocol",
            "guac-vnc",
            "guac-encode",
            "guac-display",
            "guac-policy",
            "guac-recorder",
        ],
    ),
    (
        "guac-audit",
        &["guac-protocol", "guac-recorder", "guac-canvas"],
    ),
    ("xtask", &[]),
];

/// Crates that are never shipped: they may use all, and only each other may use them.
const DEVELOPMENT: &[&str] = &["testkit", "system-tests", "benches"];

/// State machines: bytes and events in, bytes and events out. Time comes in as an argument.
const CORES: &[&str] = &[
    "guac-protocol",
    "guac-vnc",
    "guac-encode",
    "guac-display",
    "guac-policy",
    "guac-canvas",
];

const FORBIDDEN_CALLS: &[&str] = &["std::net", "std::fs", "Instant::now", "SystemTime::now"];
const FORBIDDEN_MODULES: &[&str] = &["net", "fs"];

/// Checks the workspace. Prints each fault and fails if there is one.
pub(crate) fn run() -> Result<()> {
    let metadata = metadata()?;
    let mut faults = edge_faults(&metadata);
    for package in packages(&metadata) {
        if CORES.contains(&name(package)) {
            let manifest = package["manifest_path"]
                .as_str()
                .context("a package has a manifest")?;
            let sources = Path::new(manifest).with_file_name("src");
            faults.extend(source_faults(&sources)?);
        }
    }
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        bail!(
            "{} places do not keep to the architecture (see docs/architecture.md)",
            faults.len()
        );
    }
    println!("The crates depend on each other as the architecture says.");
    Ok(())
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap_or_default()
}

/// Faults of the crates' manifests.
fn edge_faults(metadata: &Value) -> Vec<String> {
    let ours: Vec<&str> = packages(metadata).map(name).collect();
    let mut faults = Vec::new();
    for package in packages(metadata) {
        let from = name(package);
        if DEVELOPMENT.contains(&from) {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(crate_name, _)| *crate_name == from) else {
            faults.push(format!(
                "{from}: has no place in the architecture: xtask's check_deps.rs lists them"
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            // Tests may use what they like: `kind` is null for what is shipped.
            if dependency["kind"] == "dev" {
                continue;
            }
            let to = name(dependency);
            if ours.contains(&to) && !allowed.contains(&to) {
                faults.push(format!("{from}: may not use {to}"));
            }
            if to == "tokio" && CORES.contains(&from) && dependency["optional"] != true {
                faults.push(format!("{from}: may use tokio behind a feature only"));
            }
        }
        let defaults = package["features"]["default"]
            .as_array()
            .into_iter()
            .flatten();
        if CORES.contains(&from) && defaults.clone().any(|feature| feature == "tokio") {
            faults.push(format!("{from}: tokio may not be a default feature"));
        }
    }
    faults
}

/// Faults of all source files below a folder.
fn source_faults(folder: &Path) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for file in rust_files(folder)? {
        let text = fs::read_to_string(&file)?;
        for (line, what) in forbidden(&text) {
            faults.push(format!(
                "{}:{line}: uses {what}: a core has no I/O and no clock",
                file.display()
            ));
        }
    }
    Ok(faults)
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?
    {
        let path = entry?.path();
        let is_tests = path.file_stem().is_some_and(|stem| stem == "tests");
        if is_tests {
            continue;
        }
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The forbidden uses in a source text, with their line numbers.
fn forbidden(text: &str) -> Vec<(usize, String)> {
    let code = shipped_code(text);
    let mut found = Vec::new();
    for call in FORBIDDEN_CALLS {
        found.extend(
            code.match_indices(call)
                .map(|(at, _)| (line_of(&code, at), (*call).to_owned())),
        );
    }
    for (at, group) in code.match_indices("std::{") {
        let inside = code.get(at + group.len()..).unwrap_or_default();
        for module in grouped(inside).filter(|module| FORBIDDEN_MODULES.contains(module)) {
            found.push((line_of(&code, at), format!("std::{module}")));
        }
    }
    found
}

fn line_of(code: &str, at: usize) -> usize {
    code.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// The first names of the paths in `…, …}`: what is inside of a braced import.
fn grouped(inside: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    let end = inside.find(|c| {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return true,
            '}' => depth -= 1,
            _ => (),
        }
        false
    });
    let mut nested = 0_i32;
    inside
        .get(..end.unwrap_or(inside.len()))
        .unwrap_or_default()
        .split(move |c| {
            match c {
                '{' => nested += 1,
                '}' => nested -= 1,
                _ => (),
            }
            c == ',' && nested == 0
        })
        .map(|path| path.trim().split([':', ' ']).next().unwrap_or_default())
}

/// The text without its comments and without its test module, which stands last.
fn shipped_code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let opens_tests =
            |next: &&str| next.trim_start().starts_with("mod ") && next.ends_with('{');
        if line == "#[cfg(test)]" && lines.peek().is_some_and(opens_tests) {
            break;
        }
        code.push_str(line.split("//").next().unwrap_or_default());
        code.push('\n');
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn workspace(from: &str, dependency: Value) -> Value {
        json!({ "packages": [
            { "name": from, "dependencies": [dependency], "features": {} },
            { "name": "guac-protocol", "dependencies": [], "features": {} },
            { "name": "testkit", "dependencies": [], "features": {} },
        ] })
    }

    #[test]
    fn an_arrow_down_is_right() {
        let down = workspace(
            "guac-display",
            json!({ "name": "guac-protocol", "kind": null }),
        );
        assert_eq!(edge_faults(&down), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_up_or_across_is_a_fault() {
        let across = workspace("guac-vnc", json!({ "name": "guac-protocol", "kind": null }));
        assert_eq!(
            edge_faults(&across),
            ["guac-vnc: may not use guac-protocol"]
        );
    }

    #[test]
    fn test_tools_are_for_tests_only() {
        let shipped = workspace("guacd", json!({ "name": "testkit", "kind": null }));
        assert_eq!(edge_faults(&shipped), ["guacd: may not use testkit"]);
        let tests = workspace("guacd", json!({ "name": "testkit", "kind": "dev" }));
        assert_eq!(edge_faults(&tests), Vec::<String>::new());
    }

    #[test]
    fn a_crate_without_a_place_is_a_fault() {
        let stray = workspace("guac-printer", json!({ "name": "bytes", "kind": null }));
        assert!(edge_faults(&stray)[0].starts_with("guac-printer: has no place"));
    }

    #[test]
    fn tokio_in_a_core_is_behind_a_feature_that_is_off() {
        let always = workspace(
            "guac-policy",
            json!({ "name": "tokio", "kind": null, "optional": false }),
        );
        assert_eq!(
            edge_faults(&always),
            ["guac-policy: may use tokio behind a feature only"]
        );
        let mut feature = workspace(
            "guac-policy",
            json!({ "name": "tokio", "kind": null, "optional": true }),
        );
        assert_eq!(edge_faults(&feature), Vec::<String>::new());
        feature["packages"][0]["features"] = json!({ "default": ["tokio"] });
        assert_eq!(
            edge_faults(&feature),
            ["guac-policy: tokio may not be a default feature"]
        );
    }

    #[test]
    fn io_and_clocks_are_found_however_they_are_named() {
        let rows = [
            ("use std::net::TcpStream;", 1, "std::net"),
            ("\nlet now = std::time::Instant::now();", 2, "Instant::now"),
            ("let now = SystemTime::now();", 1, "SystemTime::now"),
            ("use std::{io::{Read, Write}, fs};", 1, "std::fs"),
            ("use std::{\n    fs::File,\n};", 1, "std::fs"),
        ];
        for (text, line, what) in rows {
            assert_eq!(forbidden(text), [(line, what.to_owned())], "{text}");
        }
    }

    #[test]
    fn comments_tests_and_other_modules_may_name_them() {
        let rows = [
            "// std::fs is not for us",
            "//! never calls `Instant::now`",
            "use std::{fmt::{self, Debug}, time::Duration};",
            "fn f() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}",
        ];
        for text in rows {
            assert_eq!(forbidden(text), [], "{text}");
        }
    }

    #[test]
    fn a_test_module_in_another_file_hides_nothing() {
        let text = "#[cfg(test)]\nmod tests;\nuse std::fs;";
        assert_eq!(forbidden(text), [(3, "std::fs".to_owned())]);
    }
}
