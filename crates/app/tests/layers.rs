//! The rules of the house that no compiler knows: which crate may use which, and which layer may name what.
//! `ARCHITECTURE.md` explains them; here they are kept.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The workspace's own crates by their folder, and the crates of ours that each may use.
const DIRECTIONS: [(&str, &[&str]); 8] = [
    ("domain", &[]),
    ("store", &["domain"]),
    ("procore", &[]),
    ("emulator", &[]),
    ("sync", &["domain", "store", "procore"]),
    ("app", &["domain", "store", "procore", "sync", "emulator"]),
    ("bench", &["domain", "store"]),
    ("simulation", &["domain", "store", "procore", "sync", "emulator"]),
];

/// What only these crates may use. The bench measures the product against a bare endpoint of its own over SQLite.
const ONLY: [(&str, &[&str]); 5] = [
    ("rusqlite", &["store", "bench"]),
    ("tokio-postgres", &["store"]),
    ("tokio-postgres-rustls", &["store"]),
    ("reqwest", &["procore"]),
    ("thirtyfour", &["app"]),
];

#[test]
fn crates_depend_in_one_direction() {
    for (krate, allowed) in DIRECTIONS {
        let ours: BTreeSet<&str> = DIRECTIONS.iter().map(|(name, _)| *name).filter(|name| *name != krate).collect();
        for (section, name) in dependencies(krate) {
            assert!(
                !ours.contains(name.as_str()) || allowed.contains(&name.as_str()),
                "crates/{krate} must not use {name} ([{section}])"
            );
        }
    }
}

#[test]
fn drivers_and_clients_have_one_owner() {
    for (krate, _) in DIRECTIONS {
        for (section, name) in dependencies(krate) {
            let owners = ONLY.iter().find(|(only, _)| *only == name).map(|(_, owners)| *owners);
            assert!(
                owners.is_none_or(|owners| owners.contains(&krate)),
                "crates/{krate} must not use {name} ([{section}])"
            );
        }
    }
    let browsing = dependencies("app").into_iter().find(|(_, name)| name == "thirtyfour");
    assert!(browsing.is_none_or(|(section, _)| section == "dev-dependencies"), "a browser is for tests");
}

/// Pure means: the same arguments, the same answer. What could break that is not even within reach.
#[test]
fn the_domain_is_pure() {
    let allowed = ["jiff", "rust_decimal", "serde", "serde_json", "sha2", "thiserror", "uuid"];
    for (section, name) in dependencies("domain") {
        assert!(section != "dependencies" || allowed.contains(&name.as_str()), "domain must not use {name}");
    }
    forbid("crates/domain/src", &["async fn", ".await", "std::fs", "std::net", "std::env", "std::thread", "Mutex"]);
}

#[test]
fn pages_and_the_api_reach_the_world_through_actions() {
    for layer in ["crates/app/src/web", "crates/app/src/api"] {
        forbid_crates(layer, &["procore", "emulator"]);
        // Records are read as they come; units of work are the actions' business.
        forbid(layer, &["store.read(", "store.write(", "store::Tx", "CompanyTx"]);
    }
}

#[test]
fn actions_never_see_http() {
    forbid_crates("crates/app/src/actions", &["axum", "axum_extra", "http", "askama", "tower_http"]);
    forbid("crates/app/src/actions", &["crate::web", "crate::api", "crate::cli"]);
}

/// It doesn't know the product: [`crates_depend_in_one_direction`] keeps that. Nor does it serve anything.
#[test]
fn what_talks_to_procore_serves_no_page() {
    let serving = ["axum", "axum-extra", "http", "hyper", "askama", "tower-http", "utoipa", "clap"];
    for (section, name) in dependencies("sync") {
        assert!(!serving.contains(&name.as_str()), "crates/sync must not use {name} ([{section}])");
    }
}

#[test]
fn the_emulator_is_for_tests_and_the_demo() {
    for file in sources("crates/app/src") {
        let name = file.to_string_lossy().replace('\\', "/");
        if ["/cli/", "/demo_data/", "/testing.rs", "/testing/"].iter().any(|part| name.contains(part)) {
            continue;
        }
        assert_names_no_crate(&file, &["emulator"]);
    }
}

#[test]
fn sql_stays_in_the_store() {
    for layer in ["crates/app/src", "crates/sync/src", "crates/domain/src", "crates/procore/src"] {
        forbid(layer, &["SELECT ", "INSERT INTO", "DELETE FROM", "ON CONFLICT"]);
    }
}

#[test]
fn templates_are_read_line_by_line() {
    let templates = |krate: &str| text_files(&root().join("crates").join(krate).join("templates"));
    for file in ["app", "emulator"].into_iter().flat_map(templates) {
        let text = fs::read_to_string(&file).expect("a template");
        for (number, line) in text.lines().enumerate() {
            assert!(line.chars().count() <= 140, "{}:{} is too long to be read", file.display(), number + 1);
        }
    }
}

#[test]
fn no_file_knows_where_it_was_written() {
    let homes = ["/home/", "/Users/", "/root/", "/work/"];
    for file in text_files(&root()) {
        if file.ends_with("tests/layers.rs") {
            continue;
        }
        let Ok(text) = fs::read_to_string(&file) else { continue };
        for (number, line) in text.lines().enumerate() {
            let at_start = |home: &str| {
                line.match_indices(home)
                    .any(|(i, _)| !line[..i].ends_with(|c: char| c.is_alphanumeric() || "./-_}".contains(c)))
            };
            assert!(!homes.iter().any(|home| at_start(home)), "{}:{}: {line}", file.display(), number + 1);
        }
    }
}

#[test]
fn the_rules_can_fail() {
    let names = |source: &str| names_crate(source, "procore");
    assert!(names("use procore::Session;"));
    assert!(names("use {std::fs, procore::{Session, Error}};"));
    assert!(names("fn f() -> procore::Error { todo!() }"));
    assert!(names("let x = ::procore::transport();"));
    assert!(!names("use domain::procore::ProcoreState;"));
    assert!(!names("use domain::{cor::Status, procore::{ProcoreState, Side}};"));
    assert!(!names("use domain::procore::{self, Side};\nlet s = procore::Side::Sent;"));
    assert!(!names("use domain::procore;\nfn f(side: procore::Side) {}"));
    assert!(!names("// procore::Session is not for us"));
    assert!(!names("crate::actions::procore::sign_in()"));
}

// What the rules read.

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/app is two deep").to_path_buf()
}

/// The dependencies a crate's manifest names: (section, name).
fn dependencies(krate: &str) -> Vec<(String, String)> {
    let manifest = root().join("crates").join(krate).join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap_or_else(|error| panic!("{}: {error}", manifest.display()));
    let mut section = String::new();
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(head) = line.strip_prefix('[') {
            head.trim_end_matches(']').clone_into(&mut section);
        } else if section.ends_with("dependencies") && !line.starts_with('#') {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            if !name.is_empty() {
                found.push((section.clone(), name.trim_matches('"').to_owned()));
            }
        }
    }
    assert!(!found.is_empty(), "{} names no dependency: is it read rightly?", manifest.display());
    found
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let folder = root().join(folder);
    if !folder.exists() {
        return Vec::new();
    }
    text_files(&folder).into_iter().filter(|file| file.extension().is_some_and(|e| e == "rs")).collect()
}

fn text_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the workspace").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if path.is_dir() {
            if !matches!(name.as_ref(), ".git" | "target" | "node_modules" | "tmp") {
                found.extend(text_files(&path));
            }
        } else if !name.ends_with(".png") && !name.ends_with(".woff2") && name != "Cargo.lock" {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn forbid(folder: &str, phrases: &[&str]) {
    for file in sources(folder) {
        let source = without_comments(&fs::read_to_string(&file).expect("a source file"));
        for phrase in phrases {
            assert!(!source.contains(phrase), "{} must not say `{phrase}`", file.display());
        }
    }
}

fn forbid_crates(folder: &str, crates: &[&str]) {
    for file in sources(folder) {
        assert_names_no_crate(&file, crates);
    }
}

fn assert_names_no_crate(file: &Path, crates: &[&str]) {
    let source = fs::read_to_string(file).expect("a source file");
    for name in crates {
        assert!(!names_crate(&source, name), "{} must not use the crate {name}", file.display());
    }
}

/// Whether `source` names the crate `name`: in a path that begins with it, unless a `use` gave another module that name.
fn names_crate(source: &str, name: &str) -> bool {
    let source = without_comments(source);
    let (uses, rest) = split_uses(&source);
    let begins = |path: &str| path.trim_start_matches("::").split("::").next() == Some(name);
    if uses.iter().any(|path| begins(path)) {
        return true;
    }
    // Another module of that name, such as `domain::procore`.
    if uses.iter().any(|path| path.rsplit("::").next() == Some(name)) {
        return false;
    }
    let needle = format!("{name}::");
    rest.match_indices(&needle).any(|(at, _)| {
        let before = rest[..at].trim_end_matches("::");
        let rooted = before.len() == at || !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>');
        rooted && !rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
    })
}

/// The full paths of all `use` items, and the source without them.
fn split_uses(source: &str) -> (Vec<String>, String) {
    let (mut paths, mut rest) = (Vec::new(), String::new());
    let mut remaining = source;
    while let Some(at) = remaining.find("use ") {
        let is_item = remaining[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || c == '}');
        let end = remaining[at..].find(';').map(|end| at + end);
        match end {
            Some(end) if is_item => {
                rest.push_str(&remaining[..at]);
                flatten("", &remaining[at + 4..end], &mut paths);
                remaining = &remaining[end + 1..];
            }
            _ => {
                rest.push_str(&remaining[..at + 4]);
                remaining = &remaining[at + 4..];
            }
        }
    }
    rest.push_str(remaining);
    (paths, rest)
}

/// Takes a use tree such as `a::{b, c::{d, e as f}}` apart into `a::b`, `a::c::d`, `a::c::e`.
fn flatten(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let (mut depth, mut start) = (0_usize, 0);
    let mut branches = Vec::new();
    for (i, c) in tree.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                branches.push(&tree[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    branches.push(&tree[start..]);
    for branch in branches.into_iter().map(str::trim).filter(|branch| !branch.is_empty()) {
        if let Some((head, inner)) = branch.split_once('{') {
            let inner = inner.trim_end().strip_suffix('}').unwrap_or(inner);
            flatten(&format!("{prefix}{}", head.trim()), inner, paths);
        } else {
            let path = branch.split(" as ").next().unwrap_or(branch).trim();
            paths.push(format!("{prefix}{path}").trim_end_matches("::self").to_owned());
        }
    }
}

fn without_comments(source: &str) -> String {
    source.lines().filter(|line| !line.trim_start().starts_with("//")).fold(String::new(), |mut text, line| {
        text.push_str(line);
        text.push('\n');
        text
    })
}
