//! No page is wider than a phone's screen, than a desktop, than what lies between them, or than paper; a finger and a mouse find
//! what they press; and an amount is seen whole in its box.

use crate::{
    harness::{
        Person, Screen,
        stage::{DEMO_PASSWORD, MANAGER, MECHANICAL, OWNER, Stage},
    },
    push,
};

/// What is wrong on a page for somebody with a phone; with a number, for somebody who needs that many pixels to hit.
const FINGERS: &str = include_str!("fingers.js");
/// The least of WCAG 2.5.8.
const MOUSE: u8 = 24;
/// What paper cuts off.
const PAPER: &str = include_str!("paper.js");
/// Which boxes are too narrow for an amount.
const BOXES: &str = include_str!("boxes.js");
/// Which menus run off the screen.
const MENUS: &str = include_str!("menus.js");

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
    daniel.see("There is an invisible character after “VAV credit”").await;
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

/// What is wrong on the page that is open for somebody with a mouse and for a printer, and how many boxes for amounts it has.
async fn missed_at_a_desktop(person: &Person, name: &str) -> (usize, Vec<String>) {
    let mut found = Vec::new();
    let mut boxes = 0;
    let lines = |what: &str, text: &serde_json::Value| -> Vec<String> {
        let text = text.as_str().unwrap_or("the script answers nothing");
        text.lines().map(|line| format!("{name}, {what}: {line}")).collect()
    };
    for width in [1440, 768, 390] {
        person.widen(width).await;
        let at = format!("{width} wide");
        found.extend(lines(&at, &person.script(FINGERS, &[MOUSE.into()]).await));
        let amounts = person.script(BOXES, &[]).await;
        boxes += usize::try_from(amounts[0].as_u64().unwrap_or_default()).unwrap_or_default();
        found.extend(lines(&at, &amounts[1]));
        found.extend(lines(&at, &person.script(MENUS, &[]).await));
    }
    person.hold_as_paper().await;
    found.extend(lines("printed", &person.script(PAPER, &[]).await));
    if !found.is_empty() {
        person.picture(&name.replace('/', "-")).await;
    }
    person.widen(1440).await;
    (boxes, found)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_whole_on_paper_and_on_every_screen_for_a_mouse() {
    let stage = Stage::demo().await;
    let (mut boxes, mut found) = (0, Vec::new());
    for email in [OWNER, MANAGER, MECHANICAL] {
        let person = stage.signed_in(email).await;
        for path in every_kind_of_page(&person).await {
            person.open(&path).await;
            let (amounts, missed) = missed_at_a_desktop(&person, &kind(&path)).await;
            boxes += amounts;
            found.extend(missed);
        }
    }
    // Of each kind the walk meets one, which may be an empty one.
    let renee = stage.signed_in(OWNER).await;
    renee.open_log("Received").await;
    renee.click("Reconciliation").await;
    renee.see("The gap excludes").await;
    found.extend(missed_at_a_desktop(&renee, "reconciliation").await.1);
    renee.click("Whole office").await;
    renee.see("Draft or Void").await;
    found.extend(missed_at_a_desktop(&renee, "office").await.1);
    assert!(boxes >= 20, "only {boxes} boxes for amounts were found");
    assert!(found.is_empty(), "{found:#?}");
}

/// The samples show what the demo doesn't come to: every step of a push, columns that are rare, names that are long.
#[tokio::test(flavor = "multi_thread")]
async fn every_sample_is_whole_on_paper_and_on_every_screen_for_a_finger_and_a_mouse() {
    let pages = ledgerboard::gallery::gallery();
    let names: Vec<String> = pages.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut site = ledgerboard::serving::assets::router::<()>();
    for (name, html) in pages {
        site = site.route(&format!("/samples/{name}"), axum::routing::get(async move || axum::response::Html(html)));
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let home = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, site).await });
    let (at_a_desktop, with_a_phone) =
        (Person::at(&home, Screen::Desktop).await, Person::at(&home, Screen::Phone).await);
    let mut found = Vec::new();
    for name in &names {
        for person in [&at_a_desktop, &with_a_phone] {
            person.open(&format!("/samples/{name}")).await;
        }
        found.extend(missed_at_a_desktop(&at_a_desktop, name).await.1);
        found.extend(missed(&with_a_phone, name).await);
    }
    assert!(names.len() > 80, "{names:?}");
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_desktop_and_no_link_leads_nowhere() {
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

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_shows_where_one_is_and_a_selection_in_one_row() {
    let stage = Stage::demo().await;
    let daniel = stage.person_with_phone().await;
    daniel.sign_in(MANAGER, DEMO_PASSWORD).await;
    daniel.open_log("Received").await;
    let log = daniel.path().await;
    daniel.script("document.querySelector('[data-row] input[name=cor]').click(); return true", &[]).await;
    daniel.see("1 selected").await;
    let row = daniel
        .script(
            "const boxes = ['.said', '.all', '[data-pick-none]', '[data-push]']
                .map(part => document.querySelector('.selbar ' + part).getBoundingClientRect());
            return boxes.every(box => box.width > 0 && box.left >= 0 && box.right <= innerWidth
                && box.top < boxes[3].bottom && box.bottom > boxes[3].top)",
            &[],
        )
        .await;
    assert_eq!(row, true, "how many, all, Clear and +PROCORE lie beside each other");
    daniel.open(&log.replace("/log/received", "/settings")).await;
    let here = daniel
        .script(
            "const nav = document.querySelector('.side nav');
            const here = nav.querySelector('[aria-current]').getBoundingClientRect();
            return [here.left >= 0 && here.right <= innerWidth, nav.matches('.before')]",
            &[],
        )
        .await;
    assert_eq!(here, serde_json::json!([true, true]), "the active item is in sight, and the navigation begins before");
    daniel.leave_content().await;
}
