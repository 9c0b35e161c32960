//! `cargo xtask check-docs`: the book's table of contents names every page, and every link
//! between our own pages leads somewhere. With mdBook on the machine the book is built too.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::run::{command, find_program, root, run as run_program, target_folder};

/// Pages outside of the book whose links are checked as well.
const OTHER_PAGES: &[&str] = &[
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
];

/// Checks the book and the other pages. Prints each fault and fails if there is one.
pub(crate) fn run() -> Result<()> {
    let docs = root().join("docs");
    let pages = markdown_files(&docs)?;
    let mut faults = summary_faults(&docs, &pages)?;
    let others = OTHER_PAGES.iter().map(|page| root().join(page));
    for page in pages.iter().cloned().chain(others) {
        faults.extend(link_faults(&page)?);
    }
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{} faults in the documentation", faults.len());
    }
    println!(
        "{} pages: each is in the book's contents, and their links lead somewhere.",
        pages.len()
    );
    if find_program("mdbook").is_some() {
        let book = target_folder()?.join("book");
        run_program(command("mdbook", ["build", "docs", "--dest-dir"]).arg(book))?;
    }
    Ok(())
}

fn markdown_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(markdown_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Pages that the table of contents does not name: mdBook would leave them out silently.
fn summary_faults(docs: &Path, pages: &[PathBuf]) -> Result<Vec<String>> {
    let summary = docs.join("SUMMARY.md");
    let text = fs::read_to_string(&summary)?;
    let named: BTreeSet<_> = links(&text)
        .into_iter()
        .map(|(_, link)| docs.join(link))
        .collect();
    let is_missing = |page: &&PathBuf| **page != summary && !named.contains(*page);
    Ok(pages
        .iter()
        .filter(is_missing)
        .map(|page| format!("{}: is not in docs/SUMMARY.md", shown(page)))
        .collect())
}

/// Links of a page to files that do not exist or to headings that are not there.
fn link_faults(page: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(page)?;
    let folder = page.parent().unwrap_or(page);
    let mut faults = Vec::new();
    for (line, link) in links(&text) {
        if link.contains("://") || link.starts_with("mailto:") {
            continue;
        }
        let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
        let file = if path.is_empty() {
            page.to_owned()
        } else {
            folder.join(path)
        };
        if !file.exists() {
            faults.push(format!("{}:{line}: {link} does not exist", shown(page)));
        } else if !heading.is_empty() && !anchors(&fs::read_to_string(&file)?).contains(heading) {
            faults.push(format!(
                "{}:{line}: {link} names no heading there",
                shown(page)
            ));
        }
    }
    Ok(faults)
}

fn shown(page: &Path) -> String {
    page.strip_prefix(root())
        .unwrap_or(page)
        .display()
        .to_string()
}

/// The targets of `[text](target)` outside of code, with their line numbers.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        // Every second piece between backticks is code.
        let plain: Vec<_> = line.split('`').step_by(2).collect();
        for piece in plain.join("").split("](").skip(1) {
            if let Some((target, _)) = piece.split_once(')') {
                found.push((number, target.to_owned()));
            }
        }
    }
    found
}

/// The lines outside of fenced code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((index + 1, line))
    })
}

/// The names that the headings of a page have in links.
fn anchors(text: &str) -> BTreeSet<String> {
    prose(text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| anchor(line.trim_start_matches('#').trim()))
        .collect()
}

fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_outside_of_code() {
        let text = "See [a](a.md) and ![b](b.png).\n```\n[c](c.md)\n```\n`[d](d.md)` [e](#e)";
        let found = links(text);
        assert_eq!(
            found,
            [(1, "a.md".into()), (1, "b.png".into()), (5, "#e".into())]
        );
    }

    #[test]
    fn headings_have_the_names_that_links_use() {
        let found = anchors("# Life of a frame\n## What `-l` does: ports\n```\n# not this\n```");
        let expected = ["life-of-a-frame", "what--l-does-ports"];
        assert_eq!(found, expected.map(str::to_owned).into());
    }

    #[test]
    fn a_link_to_nothing_and_to_no_heading_are_faults() {
        let folder = std::env::temp_dir().join(format!("xtask-docs-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let page = folder.join("page.md");
        fs::write(
            &page,
            "# Here\n[1](gone.md)\n[2](#here)\n[3](page.md#there)\n",
        )
        .unwrap();
        let faults = link_faults(&page).unwrap();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].ends_with(":2: gone.md does not exist"));
        assert!(faults[1].ends_with(":4: page.md#there names no heading there"));
        fs::remove_dir_all(folder).unwrap();
    }
}
