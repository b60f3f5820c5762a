//! What the documents say of the program is true: links lead somewhere, settings and switches exist, and none is left out.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use emulator::{DeliveryFaultKind, FaultKind, Switches, WorldAction};
use serde_json::json;

#[test]
fn every_link_leads_to_a_file() {
    for document in documents(&root()) {
        let text = fs::read_to_string(&document).expect("a document");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if link.is_empty() || link.contains("://") {
                continue;
            }
            let target = document.parent().expect("a folder").join(link);
            assert!(target.exists(), "{} links to {link}", document.display());
        }
    }
}

/// A path of the code, `crates/domain/src/role.rs` in full or `domain/role.rs` for short, leads to a file or a folder.
#[test]
fn every_path_of_the_code_is_there() {
    let crates = root().join("crates");
    let mut known = 0;
    for document in documents(&root()).iter().filter(|document| !document.starts_with(&crates)) {
        let text = fs::read_to_string(document).expect("a document");
        let paths = text.lines().filter(|line| !line.starts_with("    ")).flat_map(quoted);
        for path in
            paths.filter(|path| Path::new(path).extension().is_some_and(|end| end == "rs") || path.ends_with('/'))
        {
            let Some((first, rest)) = path.split_once('/') else { continue };
            let place = match first {
                "crates" => crates.join(rest),
                krate if crates.join(krate).join("src").exists() => crates.join(krate).join("src").join(rest),
                _ => continue,
            };
            assert!(place.exists(), "{} names {path}", document.display());
            known += 1;
        }
    }
    assert!(known > 20, "the documents name the code: {known}");
}

#[test]
fn the_operator_is_told_every_setting_and_no_other() {
    let help =
        Command::new(env!("CARGO_BIN_EXE_ledgerboard")).args(["serve", "--help"]).output().expect("the binary runs");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let known: BTreeSet<String> =
        help.split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next()).map(str::to_owned).collect();
    assert!(known.len() > 5, "{help}");
    for document in ["docs/operations.md", "README.md"] {
        let told: BTreeSet<String> = rows(document)
            .iter()
            .flat_map(|row| quoted(&row[0]))
            .filter(|word| word.starts_with("LEDGERBOARD_"))
            .collect();
        assert_eq!(told, known, "{document}");
    }
}

#[test]
fn every_command_is_told() {
    let help = Command::new(env!("CARGO_BIN_EXE_ledgerboard")).arg("--help").output().expect("the binary runs");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let (_, after) = help.split_once("Commands:").expect("clap lists them");
    let known: BTreeSet<String> = after
        .lines()
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .map(str::to_owned)
        .collect();
    let told: BTreeSet<String> = rows("docs/operations.md")
        .iter()
        .flat_map(|row| quoted(&row[0]))
        .filter_map(|cell| {
            cell.strip_prefix("ledgerboard ").map(|rest| rest.split(' ').next().unwrap_or(rest).to_owned())
        })
        .collect();
    assert_eq!(told, known);
}

/// Whatever the emulator can do both ways is something we are not sure of, and so has a row.
#[test]
fn every_switch_of_the_emulator_is_told() {
    let switches = serde_json::to_value(Switches::default()).expect("switches are JSON");
    let known: BTreeSet<String> = switches.as_object().expect("by name").keys().cloned().collect();
    let told: BTreeSet<String> =
        rows("docs/procore.md").iter().filter_map(|row| row.get(4)).flat_map(|c| quoted(c)).collect();
    for row in rows("docs/procore.md").iter().filter(|row| row.len() == 5) {
        assert!(row[3..].iter().all(|cell| !cell.is_empty()), "what if it is otherwise, and how to see it: {row:?}");
    }
    let left_out: Vec<&String> = known.difference(&told).collect();
    assert!(left_out.is_empty(), "not in docs/procore.md: {left_out:?}");
    let unknown: Vec<&String> = told.difference(&known).filter(|word| !is_known_beside_switches(word)).collect();
    assert!(unknown.is_empty(), "docs/procore.md tells of {unknown:?}");
}

/// Faults of requests and of deliveries, what people do in Procore, and options.
fn is_known_beside_switches(word: &str) -> bool {
    let fault = serde_json::from_value::<FaultKind>(json!({ "kind": word, "status": 500 })).is_ok();
    let delivery = serde_json::from_value::<DeliveryFaultKind>(json!({ "kind": word, "seconds": 1 })).is_ok();
    let action = serde_json::from_value::<WorldAction>(json!({ "action": word }));
    let action = action.err().is_some_and(|error| !error.to_string().contains("unknown variant"));
    fault || delivery || action || ["access_token_seconds", "after_seconds"].contains(&word)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/app is two deep").to_path_buf()
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && !matches!(name.as_ref(), "target" | "node_modules" | "tmp") {
            found.extend(documents(&path));
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
    found
}

/// The rows of all tables of a document, cell by cell.
fn rows(document: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join(document)).expect("the document is there");
    let cells = |line: &str| line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    text.lines().filter(|line| line.starts_with('|')).map(cells).collect()
}

/// The words between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
