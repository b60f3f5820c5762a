//! Writes every sample page with its assets into a folder, to be looked at in a browser:
//! `cargo run -p ledgerboard --example gallery -- target/gallery` and then `target/gallery/index.html` over any file server.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets"))?;
    for (path, content) in ledgerboard::serving::assets::all() {
        fs::write(folder.join(path.trim_start_matches('/')), content)?;
    }
    let mut index = String::from("<!doctype html><title>Gallery</title><ul>");
    for (name, html) in ledgerboard::gallery::gallery() {
        fs::write(folder.join(format!("{name}.html")), html)?;
        index.extend(["<li><a href=\"", name, ".html\">", name, "</a></li>"]);
    }
    fs::write(folder.join("index.html"), index)
}
