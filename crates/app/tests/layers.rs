//! The rules of the house that no compiler knows: which crate may use which, and which layer may name what.
//! `ARCHITECTURE.md` explains them; here they are kept.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on stops where it stands")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

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
    // `utoipa` describes the types as `serde` writes them: data about data, with neither a server nor a clock in it.
    let allowed = [
        "icu_properties",
        "jiff",
        "rust_decimal",
        "serde",
        "serde_json",
        "sha2",
        "thiserror",
        "unicode-normalization",
        "unicode-segmentation",
        "utoipa",
        "uuid",
    ];
    for (section, name) in dependencies("domain") {
        assert!(section != "dependencies" || allowed.contains(&name.as_str()), "domain must not use {name}");
    }
    forbid("crates/domain/src", &["async fn", ".await", "std::fs", "std::net", "std::env", "std::thread", "Mutex"]);
}

/// The rooms of the product; what serves them lies in `serving`.
const ROOMS: [&str; 13] = [
    "account",
    "company",
    "comparison",
    "contracts",
    "cor",
    "integration",
    "log",
    "notifications",
    "projects",
    "push",
    "reconciliation",
    "record",
    "security",
];

/// What presents a room: its pages and its part of the API, and what they are made of.
const FRONT: [&str; 4] = ["pages", "api", "views", "samples"];

#[test]
fn pages_and_the_api_reach_the_world_through_verbs() {
    for (file, named) in rooms().filter(|(file, _)| is_front(file)) {
        for path in &named {
            let from_outside = ["procore", "emulator"].contains(&first(path));
            let unit =
                path.ends_with("::CompanyTx") || path == "store::Tx" || path == "store.read" || path == "store.write";
            // Records are read as they come; units of work are the verbs' business.
            assert!(!from_outside && !unit, "{} must not use {path}", file.display());
        }
    }
}

#[test]
fn verbs_never_see_http() {
    let http = ["axum", "axum_extra", "http", "askama", "tower_http"];
    for (file, named) in rooms().filter(|(file, _)| !is_front(file)) {
        for path in &named {
            let mut parts = path.split("::").skip_while(|part| ["crate", "super", "self"].contains(part));
            let (room, part) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let ours = path.starts_with("crate::") || path.starts_with("super::");
            let presents =
                ours && (["serving", "cli"].contains(&room) || FRONT.contains(&room) || FRONT.contains(&part));
            assert!(!http.contains(&first(path)) && !presents, "{} must not use {path}", file.display());
        }
    }
}

/// What serving needs of a room, such as who is signed in, `pages.rs` and `api.rs` hand to it.
#[test]
fn what_serves_knows_no_room() {
    for file in sources("crates/app/src/serving") {
        for path in named_in(&file) {
            let room = path.strip_prefix("crate::").map(first).filter(|room| ROOMS.contains(room));
            assert!(room.is_none(), "{} must not use {path}", file.display());
        }
    }
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
        for path in named_in(&file) {
            assert_ne!(first(&path), "emulator", "{} must not use {path}", file.display());
        }
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
    let html = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "html");
    for file in text_files(&root().join("crates")).into_iter().filter(html) {
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
    let names = |source: &str| named(&syn::parse_file(source).unwrap()).iter().any(|path| first(path) == "procore");
    assert!(names("use procore::Session;"));
    assert!(names("use {std::fs, procore::{Session, Error}};"));
    assert!(names("fn f() -> procore::Error { todo!() }"));
    assert!(names("fn f() { let x = ::procore::transport(); }"));
    assert!(names("fn f() { assert!(matches!(x, Err(procore::Error::Gone))); }"));
    assert!(names("fn f() {\n    procore\n        ::transport();\n}"));
    assert!(!names("use domain::procore::ProcoreState;"));
    assert!(!names("use domain::{cor::Status, procore::{ProcoreState, Side}};"));
    assert!(!names("use domain::procore::{self, Side};\nfn f() { let s = procore::Side::Sent; }"));
    assert!(!names("use domain::procore;\nfn f(side: procore::Side) {}"));
    assert!(!names("// procore::Session is not for us"));
    assert!(!names("fn f() { crate::procore::sign_in(); }"));
    let units = |source: &str| named(&syn::parse_file(source).unwrap()).contains("store.read");
    assert!(units("fn f() { app\n.store\n.read(|tx| tx.of(company)); }"));
    assert!(!units("fn f() { store.open(); line.read(); }"));
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

/// The source files of all rooms, with what each names.
fn rooms() -> impl Iterator<Item = (PathBuf, BTreeSet<String>)> {
    let files = ROOMS.into_iter().flat_map(|room| {
        let found = sources(&format!("crates/app/src/{room}"));
        assert!(!found.is_empty(), "the room {room} is empty");
        found
    });
    files.map(|file| {
        let named = named_in(&file);
        (file, named)
    })
}

/// Whether a file presents its room.
fn is_front(file: &Path) -> bool {
    let name = |part: &std::ffi::OsStr| part.to_string_lossy().trim_end_matches(".rs").to_owned();
    file.iter().map(name).any(|part| FRONT.contains(&part.as_str()))
}

fn first(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

fn named_in(file: &Path) -> BTreeSet<String> {
    let source = fs::read_to_string(file).expect("a source file");
    named(&syn::parse_file(&source).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
}

/// Every path that a file names, in full where a `use` says where it comes from, in macros too; and `store.read` for a call
/// of that method on something called so.
fn named(file: &syn::File) -> BTreeSet<String> {
    let mut seen = Named::default();
    seen.visit_file(file);
    let whole = |path: String| match path.split_once("::") {
        Some((head, rest)) if seen.uses.contains_key(head) => format!("{}::{rest}", seen.uses[head]),
        _ => path,
    };
    let uses = seen.uses.values().cloned();
    seen.paths.iter().cloned().map(whole).chain(uses).chain(seen.globs.iter().cloned()).collect()
}

#[derive(Default)]
struct Named {
    /// What each name stands for that a `use` brought in.
    uses: BTreeMap<String, String>,
    globs: Vec<String>,
    paths: Vec<String>,
}

impl Named {
    fn bring_in(&mut self, prefix: &str, tree: &syn::UseTree) {
        let under = |name: &syn::Ident| if prefix.is_empty() { name.to_string() } else { format!("{prefix}::{name}") };
        match tree {
            syn::UseTree::Path(path) => self.bring_in(&under(&path.ident), &path.tree),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.bring_in(prefix, tree)),
            syn::UseTree::Glob(_) => self.globs.push(prefix.to_owned()),
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.uses.insert(prefix.rsplit("::").next().unwrap_or(prefix).to_owned(), prefix.to_owned());
            }
            syn::UseTree::Name(name) => {
                self.uses.insert(name.ident.to_string(), under(&name.ident));
            }
            syn::UseTree::Rename(name) => {
                self.uses.insert(name.rename.to_string(), under(&name.ident));
            }
        }
    }

    /// The paths in the arguments of a macro, which is not parsed further.
    fn look_into(&mut self, tokens: TokenStream) {
        let mut path = String::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(name) if colons == 2 && !path.is_empty() => {
                    path = format!("{path}::{name}");
                    colons = 0;
                }
                other => {
                    self.paths.extend(Some(std::mem::take(&mut path)).filter(|path| path.contains("::")));
                    colons = 0;
                    match other {
                        TokenTree::Ident(name) => path = name.to_string(),
                        TokenTree::Group(group) => self.look_into(group.stream()),
                        _ => {}
                    }
                }
            }
        }
        self.paths.extend(Some(path).filter(|path| path.contains("::")));
    }
}

impl Visit<'_> for Named {
    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        self.bring_in("", &item.tree);
    }

    fn visit_path(&mut self, path: &syn::Path) {
        if path.segments.len() > 1 {
            let parts: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.paths.push(parts.join("::"));
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &syn::Macro) {
        self.look_into(call.tokens.clone());
    }

    fn visit_expr_method_call(&mut self, call: &syn::ExprMethodCall) {
        let on = match &*call.receiver {
            syn::Expr::Field(field) => match &field.member {
                syn::Member::Named(name) => name.to_string(),
                syn::Member::Unnamed(_) => String::new(),
            },
            syn::Expr::Path(path) => path.path.get_ident().map(ToString::to_string).unwrap_or_default(),
            _ => String::new(),
        };
        self.paths.push(format!("{on}.{}", call.method));
        visit::visit_expr_method_call(self, call);
    }
}

/// A source without its comment lines, for rules about words that may stand in any literal.
fn without_comments(source: &str) -> String {
    source.lines().filter(|line| !line.trim_start().starts_with("//")).fold(String::new(), |mut text, line| {
        text.push_str(line);
        text.push('\n');
        text
    })
}

/// What is made of long lines is read by nobody. A library that is carried along as published is not ours to lay out.
#[test]
fn styles_and_scripts_are_read_line_by_line() {
    let ours = |file: &PathBuf| {
        let published = file.parent().is_some_and(|folder| folder.ends_with("assets/vendor"));
        !published && file.extension().is_some_and(|kind| kind == "css" || kind == "js")
    };
    let files: Vec<PathBuf> = text_files(&root().join("crates")).into_iter().filter(ours).collect();
    for kind in ["css", "js"] {
        assert!(files.iter().any(|file| file.extension().is_some_and(|e| e == kind)), "where are the .{kind} files?");
    }
    for file in files {
        let text = fs::read_to_string(&file).expect("a style sheet or a script");
        for (number, line) in text.lines().enumerate() {
            let width = line.chars().count();
            assert!(width <= 140, "{}:{} is {width} characters wide: 140 at most", file.display(), number + 1);
        }
    }
}
