//! Style, script, font and icon, embedded in the binary and served under paths that contain their hash.
//!
//! The content of a hashed path never changes, so browsers keep it for a year; a new build has new paths.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

/// One embedded file under its hashed path.
struct Asset {
    name: &'static str,
    path: String,
    mime: &'static str,
    body: Cow<'static, [u8]>,
}

/// The style sheet's parts, in the order of their layers: a later layer overrides an earlier one.
const STYLES: &[(&str, &str)] = &[
    ("tokens", include_str!("../../assets/css/tokens.css")),
    ("base", include_str!("../../assets/css/base.css")),
    ("layout", include_str!("../../assets/css/layout.css")),
    ("buttons", include_str!("../../assets/css/buttons.css")),
    ("forms", include_str!("../../assets/css/forms.css")),
    ("picker", include_str!("../../assets/css/picker.css")),
    ("pills", include_str!("../../assets/css/pills.css")),
    ("table", include_str!("../../assets/css/table.css")),
    ("panels", include_str!("../../assets/css/panels.css")),
    ("log", include_str!("../../assets/css/log.css")),
    ("cor", include_str!("../../assets/css/cor.css")),
    ("reconciliation", include_str!("../../assets/css/reconciliation.css")),
    ("wizard", include_str!("../../assets/css/wizard.css")),
    ("narrow", include_str!("../../assets/css/narrow.css")),
    ("phone", include_str!("../../assets/css/phone.css")),
    ("touch", include_str!("../../assets/css/touch.css")),
    ("print", include_str!("../../assets/css/print.css")),
];

const FONT: &[u8] = include_bytes!("../../assets/font/inter-latin.woff2");
const HTMX: &[u8] = include_bytes!("../../assets/vendor/htmx-4.0.1.min.js");
/// The script's parts: together one module, so that a page loads one file and functions know each other.
const SCRIPT: &str = concat!(
    include_str!("../../assets/js/boot.js"),
    include_str!("../../assets/js/picker.js"),
    include_str!("../../assets/js/unsent.js"),
    include_str!("../../assets/js/log.js"),
    include_str!("../../assets/js/wizard.js"),
    include_str!("../../assets/js/number.js"),
    include_str!("../../assets/js/cor.js"),
    include_str!("../../assets/js/popup.js"),
);
const ICON: &str = include_str!("../../assets/icon.svg");

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let font = asset("inter.woff2", "font/woff2", FONT.into());
    let style = stylesheet(&font.path);
    vec![
        asset("app.css", "text/css; charset=utf-8", style.into_bytes().into()),
        asset("app.js", "text/javascript; charset=utf-8", SCRIPT.as_bytes().into()),
        asset("htmx.js", "text/javascript; charset=utf-8", HTMX.into()),
        asset("icon.svg", "image/svg+xml", ICON.as_bytes().into()),
        font,
    ]
});

fn stylesheet(font_path: &str) -> String {
    let names: Vec<_> = STYLES.iter().map(|(name, _)| *name).collect();
    let mut sheet = format!("@layer {};\n", names.join(", "));
    for (name, css) in STYLES {
        // The font's hashed path is known only here.
        let css = css.replace("{font}", font_path);
        let _ = writeln!(sheet, "@layer {name} {{\n{css}}}");
    }
    sheet
}

fn asset(name: &'static str, mime: &'static str, body: Cow<'static, [u8]>) -> Asset {
    let hash = hex(&Sha256::digest(&body)[..8]);
    let (stem, extension) = name.rsplit_once('.').expect("every embedded file has an extension");
    Asset { name, path: format!("/assets/{stem}.{hash}.{extension}"), mime, body }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The path of an embedded file, for example `url("app.css")` is `/assets/app.3f….css`.
///
/// Panics if no such file is embedded; the test that renders every page would find that.
pub fn url(name: &str) -> &'static str {
    &embedded(name).path
}

fn embedded(name: &str) -> &'static Asset {
    let found = ASSETS.iter().find(|asset| asset.name == name);
    found.unwrap_or_else(|| panic!("no embedded file is called {name}"))
}

/// Every embedded file as (path, content), for copies of the pages outside the server.
pub fn all() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    ASSETS.iter().map(|asset| (asset.path.as_str(), asset.body.as_ref()))
}

/// Serves the embedded files; needs no state and no sign-in.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{file}", get(serve)).route("/favicon.ico", get(icon))
}

async fn icon() -> Response {
    embedded("icon.svg").kept("public, max-age=86400")
}

async fn serve(Path(file): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.path.strip_prefix("/assets/") == Some(file.as_str())) {
        Some(asset) => asset.kept("public, max-age=31536000, immutable"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Asset {
    fn kept(&'static self, cache: &'static str) -> Response {
        ([(header::CONTENT_TYPE, self.mime), (header::CACHE_CONTROL, cache)], self.body.as_ref()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendored_htmx_is_the_published_one() {
        assert_eq!(hex(&Sha256::digest(HTMX)), "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130");
    }

    #[test]
    fn the_style_sheet_names_the_font_by_its_hashed_path_and_closes_every_brace() {
        let sheet = stylesheet("/assets/inter.0123.woff2");
        assert!(sheet.contains("/assets/inter.0123.woff2"));
        assert!(!sheet.contains("{font}"));
        for (name, css) in STYLES {
            assert_eq!(css.matches('{').count(), css.matches('}').count(), "{name}.css is unbalanced");
        }
    }

    #[tokio::test]
    async fn a_hashed_file_may_be_kept_for_ever_and_another_hash_is_not_found() {
        let found = serve(Path(url("app.css").trim_start_matches("/assets/").to_owned())).await;
        assert_eq!(found.status(), StatusCode::OK);
        assert!(found.headers()[header::CACHE_CONTROL].to_str().is_ok_and(|cache| cache.contains("immutable")));
        let other = serve(Path("app.0000000000000000.css".to_owned())).await;
        assert_eq!(other.status(), StatusCode::NOT_FOUND);
    }
}
