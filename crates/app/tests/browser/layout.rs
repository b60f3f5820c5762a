//! No page is wider than a phone's screen, than a desk's, or than what lies between them.

use crate::harness::{
    Person,
    stage::{DEMO_PASSWORD, OWNER, Stage},
};

/// Every page that can be reached by a link from the pages before, each kind once.
async fn every_kind_of_page(person: &Person) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    let mut kinds: Vec<String> = Vec::new();
    let mut ahead = vec!["/projects".to_owned()];
    while let Some(path) = ahead.pop() {
        let kind = kind(&path);
        if kinds.contains(&kind) {
            continue;
        }
        kinds.push(kind);
        person.open(&path).await;
        seen.push(path);
        let links = person
            .script(
                "return [...document.querySelectorAll('a[href]')].filter(a => a.origin === location.origin && !a.dataset.popup)
                    .map(a => a.pathname + a.search)",
                &[],
            )
            .await;
        let links = links.as_array().cloned().unwrap_or_default();
        ahead
            .extend(links.iter().filter_map(|l| l.as_str()).filter(|l| !l.starts_with("/procore/")).map(str::to_owned));
    }
    seen
}

/// A path without its ids and filters.
fn kind(path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let part = |part: &str| if part.len() == 36 { ":id".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

async fn nothing_is_wider(person: Person, least: usize) {
    let pages = every_kind_of_page(&person).await;
    assert!(pages.len() >= least, "only {} pages were found: {pages:?}", pages.len());
    let mut wide = Vec::new();
    for path in &pages {
        person.open(path).await;
        person.not_see("Something went wrong").await;
        let overflow = person.overflow().await;
        if overflow > 0 {
            person.picture(&kind(path).replace('/', "-")).await;
            wide.push(format!("{path}: {overflow} px"));
        }
    }
    assert!(wide.is_empty(), "wider than the screen: {wide:#?}");
    person.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_phone() {
    let stage = Stage::demo().await;
    let owner = stage.person_with_phone().await;
    owner.sign_in(OWNER, DEMO_PASSWORD).await;
    nothing_is_wider(owner, 15).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_desk_and_no_link_leads_nowhere() {
    let stage = Stage::demo().await;
    let owner = stage.signed_in(OWNER).await;
    nothing_is_wider(owner, 15).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_what_lies_between_and_titles_can_be_read() {
    let stage = Stage::demo().await;
    for width in [768, 1024] {
        let owner = stage.person_with_window(width).await;
        owner.sign_in(OWNER, DEMO_PASSWORD).await;
        for side in ["received", "sent"] {
            owner.open_log(if side == "sent" { "Sent" } else { "Received" }).await;
            let title = owner
                .script("return document.querySelector('.logtable td.title').getBoundingClientRect().width", &[])
                .await;
            assert!(title.as_f64() > Some(180.0), "at {width} a title in the log ({side}) has {title} px");
        }
        nothing_is_wider(owner, 15).await;
    }
}
