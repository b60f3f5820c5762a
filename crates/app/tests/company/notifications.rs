//! A customer asks several contractors for a price; each answers its own way.

use axum::http::StatusCode;

use crate::{
    invitations::{begin, invite},
    projects::build,
    visitor::{Page, Site, Visitor},
};

struct Story {
    site: Site,
    owner: Visitor,
    mechanical: Visitor,
    electrical: Visitor,
    project: String,
    /// The notification's path.
    asked: String,
}

/// The contracts a new notification may ask, by their tick boxes.
fn boxes(page: &Page) -> Vec<String> {
    let parts = page.text.split("name=\"contract\" value=\"").skip(1);
    parts.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

async fn story() -> Story {
    let (site, owner) = Site::with_owner().await;
    let project = build(&owner, "Harbor Point").await;
    let link = invite(&owner, &project, "customer", "Cascade", "23A - Mechanical").await;
    let mechanical = begin(&site, &link, "Cascade Mechanical, Inc.", "luis@cascademech.example").await;
    let link = invite(&owner, &project, "customer", "Northline", "26A - Electrical").await;
    let electrical = begin(&site, &link, "Northline Electric LLC", "ana@northline.example").await;

    let new = format!("/change-notifications/new?project={project}");
    let past = owner.post(&new, &[("title", "Too late"), ("due", "2026-11-20")]).await;
    assert!(past.shows("This day is past."), "{}", past.text);
    let empty = owner.post(&new, &[("title", ""), ("due", "soon")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.shows("Choose at least one contract.") && empty.shows("Type the date as 2026-11-30."));
    let contracts = boxes(&empty);
    assert_eq!(contracts.len(), 2);
    let form = [
        ("title", "Added card readers"),
        ("description", "Level 2, four doors."),
        ("due", "2026-11-23"),
        ("reference", "PCO 24"),
        ("contract", contracts[0].as_str()),
        ("contract", contracts[1].as_str()),
    ];
    let page = owner.post(&new, &form).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    Story { site, owner, mechanical, electrical, project, asked: page.location }
}

/// Fills the COR editor for the notification and answers the new COR's path.
async fn price(contractor: &Visitor, create_url: &str, rate: &str) -> String {
    let page = contractor.get(create_url).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let notification = page.value_of_hidden("notification");
    let contract = page.chosen("contract");
    let form = [
        ("number", "033"),
        ("title", "Card readers"),
        ("contract", contract.as_str()),
        ("notification", notification.as_str()),
        ("line_section", "labor"),
        ("line_description", "Electrician"),
        ("line_quantity", "10"),
        ("line_unit", "h"),
        ("line_rate", rate),
    ];
    let page = contractor.post(create_url.split('?').next().unwrap(), &form).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    page.location.clone()
}

impl Page {
    fn value_of_hidden(&self, name: &str) -> String {
        let (_, rest) = self.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    fn chosen(&self, name: &str) -> String {
        let (_, select) = self.text.split_once(&format!("name=\"{name}\"")).unwrap();
        let (before, _) = select.split_once(" selected").unwrap();
        before.rsplit_once("value=\"").unwrap().1.split('"').next().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_contractor_sees_the_question_and_its_own_answer_only() {
    let Story { site, owner, mechanical, electrical, project, asked } = story().await;
    let list = format!("/change-notifications?project={project}");
    // By UTC the next day has begun. In New York, where the project is, it is the evening of the day it is due.
    site.world.advance(8 * 3_600);
    for who in [&owner, &mechanical, &electrical] {
        let page = who.get(&list).await;
        assert!(page.shows("Added card readers") && !page.shows("Overdue"), "{}", page.text);
    }
    site.world.advance(4 * 3_600);
    assert!(owner.get(&list).await.shows("0 of 2"));
    let page = mechanical.get(&list).await;
    assert!(page.shows("Added card readers") && page.shows("Overdue") && page.shows("Your answer"), "{}", page.text);
    assert!(mechanical.get(&asked).await.shows("Level 2, four doors."));

    let page = electrical.get(&asked).await;
    let respond = page.address(&format!("{asked}/respond"), "");
    let silent = electrical.post(&respond, &[("answer", "decline"), ("note", " ")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = electrical.post_and_go(&respond, &[("answer", "decline"), ("note", "Covered by the base scope.")]).await;
    assert!(page.shows("Declined"), "{}", page.text);

    let page = owner.get(&asked).await;
    assert!(page.shows("1 of 2 contractors responded") && page.shows("Covered by the base scope."), "{}", page.text);
    assert!(!mechanical.get(&asked).await.shows("Covered by the base scope."));
    assert_eq!(mechanical.post(&respond, &[("answer", "decline"), ("note", "no")]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.visitor().get(&asked).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_a_cor_shows_once_it_is_sent_and_leads_to_the_push() {
    let Story { owner, mechanical, project, asked, .. } = story().await;
    let page = mechanical.get(&asked).await;
    let create = page.address(&format!("/projects/{project}/cors/new?"), "").replace("&#38;", "&");
    let respond = page.address(&format!("{asked}/respond"), "");
    let cor = price(&mechanical, &create, "145.00").await;

    assert!(mechanical.get(&cor).await.shows("answered Change Notification 1 with this COR"));
    let page = owner.get(&asked).await;
    assert!(page.shows("Being priced") && !page.shows("COR 033"), "a Draft is its sender's alone: {}", page.text);
    let sent = mechanical.post(&format!("{cor}/send"), &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let page = owner.get(&asked).await;
    assert!(
        page.shows("COR 033") && page.shows("1,450.00") && page.shows("1 of 2 contractors responded"),
        "{}",
        page.text
    );
    let push = page.address(&format!("/push?project={project}"), "").replace("&#38;", "&");
    assert!(push.contains("side=received&notification="), "{push}");
    let page = owner.post(&push, &[("cor", cor.rsplit('/').next().unwrap())]).await;
    assert_ne!(page.status, StatusCode::NOT_FOUND, "the wizard of the log takes it");

    let answered = mechanical.get(&asked).await;
    // It isn't offered, and who had the page open from before loses no word.
    assert!(
        answered.shows("Set the COR to Void instead of declining.") && !answered.text.contains("value=\"decline\"")
    );
    let page = mechanical.post(&respond, &[("answer", "decline"), ("note", "Changed my mind")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(
        page.shows("Set the COR to Void instead of declining.") && page.shows("note: Changed my mind"),
        "{}",
        page.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_cor_of_the_same_contract_answers() {
    let Story { mechanical, electrical, project, asked, .. } = story().await;
    let page = mechanical.get(&asked).await;
    let create = page.address(&format!("/projects/{project}/cors/new?"), "").replace("&#38;", "&");
    let cor = price(&mechanical, &create, "145.00").await;
    let respond = electrical.get(&asked).await.address(&format!("{asked}/respond"), "");
    let others = [("answer", "choose"), ("cor", cor.rsplit('/').next().unwrap())];
    let page = electrical.post(&respond, &others).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.shows("Choose one of your CORs under this contract."), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cor_written_for_a_question_under_another_contract_is_kept_on_screen() {
    let Story { site, owner, mechanical, project, asked, .. } = story().await;
    let page = mechanical.get(&asked).await;
    let create = page.address(&format!("/projects/{project}/cors/new?"), "").replace("&#38;", "&");
    let notification = mechanical.get(&create).await.value_of_hidden("notification");
    let link = invite(&owner, &project, "customer", "Steel", "05A - Steel").await;
    let steel = begin(&site, &link, "Peninsula Steel", "pat@peninsula.example").await;
    let new = format!("/projects/{project}/cors/new");
    let blank = steel.get(&new).await;
    let (_, select) = blank.text.split_once("name=\"contract\"").unwrap();
    let contract = select.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = [
        ("number", "001"),
        ("title", "Angles at the opening"),
        ("contract", contract.as_str()),
        ("notification", notification.as_str()),
        ("line_section", "material"),
        ("line_description", "Angles"),
        ("line_amount", "900"),
    ];
    let refused = steel.post(&new, &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert!(refused.shows("ask under this contract") && refused.shows("Angles at the opening"), "{}", refused.text);
    assert!(!steel.get(&format!("/projects/{project}/log/sent")).await.shows("Angles at the opening"));
}
