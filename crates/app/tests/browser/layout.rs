//! No page is wider than a phone's screen, than a desk's, or than what lies between them; and a finger finds what it taps.

use crate::{
    harness::{
        Person,
        stage::{DEMO_PASSWORD, MANAGER, MECHANICAL, OWNER, Stage},
    },
    push,
};

/// What is wrong on a page for somebody with a phone.
const FINGERS: &str = include_str!("fingers.js");

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
        ahead.extend(
            links
                .iter()
                .filter_map(|l| l.as_str())
                .filter(|l| !l.starts_with("/procore/") && !l.starts_with("/api/"))
                .map(str::to_owned),
        );
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

/// What a finger misses on the page that is open, under its name.
async fn missed(person: &Person, name: &str) -> Vec<String> {
    let found = person.script(FINGERS, &[]).await;
    let found: Vec<String> = found.as_str().unwrap_or_default().lines().map(|line| format!("{name}: {line}")).collect();
    if !found.is_empty() {
        person.picture(&name.replace('/', "-")).await;
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_phone_and_a_finger() {
    let stage = Stage::demo().await;
    let mut found = Vec::new();
    for email in [OWNER, MANAGER, MECHANICAL] {
        let person = stage.person_with_phone().await;
        person.open("/sign-in").await;
        found.extend(missed(&person, "/sign-in").await);
        person.sign_in(email, DEMO_PASSWORD).await;
        let pages = every_kind_of_page(&person).await;
        assert!(pages.len() >= 15, "only {} pages were found: {pages:?}", pages.len());
        for path in &pages {
            person.open(path).await;
            person.not_see("Something went wrong").await;
            found.extend(missed(&person, &kind(path)).await);
        }
        person.leave_content().await;
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_of_a_push_fits_a_phone_and_a_finger() {
    let stage = Stage::demo().await;
    let daniel = stage.person_with_phone().await;
    daniel.sign_in(MANAGER, DEMO_PASSWORD).await;
    daniel.open_log("Received").await;
    daniel.tick_row(&["Credit: delete VAV boxes"]).await;
    daniel.see("1 selected").await;
    let mut found = missed(&daniel, "selected").await;
    // The bar of the selection lies below the end of the page, not over it.
    let covered = "scrollTo(0, document.body.scrollHeight);
        const bar = document.querySelector('.selbar').getBoundingClientRect();
        return [...document.querySelectorAll('.pager *')].some(e => e.getBoundingClientRect().bottom > bar.top)";
    assert_eq!(daniel.script(covered, &[]).await, false, "the log's last row can't be read");
    daniel.click("+PROCORE").await;
    daniel.arrive("/push/").await;
    found.extend(missed(&daniel, "event").await);
    daniel.click("Create a new Change Event").await;
    daniel.script("document.querySelector('[name=new_title]').value = 'VAV credit\\u0007, ASI 022'", &[]).await;
    daniel.click("Next").await;
    daniel.see("isn’t text stands after “VAV credit”").await;
    found.extend(missed(&daniel, "event-refused").await);
    push::into_a_new_event(&daniel, "VAV credit, ASI 022").await;
    found.extend(missed(&daniel, "lines").await);
    push::with_one_code(&daniel, "Lump sum", "23-2113").await;
    daniel.click("Ready to push").await;
    daniel.see("Signed in as").await;
    found.extend(missed(&daniel, "review").await);
    push::push(&daniel).await;
    daniel.see("1 COR is in Procore").await;
    found.extend(missed(&daniel, "result").await);
    assert!(found.is_empty(), "{found:#?}");
    daniel.leave_content().await;
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
