//! What a page or a transition costs doesn't grow with the CORs in it: as many statements for thirty as for three.

use domain::{CorId, procore::Side};
use ledgerboard::{
    log::{query::LogQuery, read_log},
    push,
};

use crate::{fixture::Fixture, record_pages::Reader};

/// The statements of each step of a push of these CORs into a new event.
async fn counted(fixture: &Fixture, cors: &[CorId]) -> Vec<(String, u64)> {
    let mut counts = Vec::new();
    let mut before = fixture.app.store.statements();
    let mut count = |step: &str| {
        let now = fixture.app.store.statements();
        counts.push((step.to_owned(), now - before));
        before = now;
    };
    let reader = Reader::of(fixture, fixture.actor()).await;
    count("(signed in)");
    let wizard = fixture.push(cors).sent().into_new_event().line_items();
    let draft = wizard.drafts().await.unwrap()[0];
    count("begin");
    for page in ["event"] {
        let (status, text) = reader.read(&format!("/push/{draft}/{page}")).await;
        assert_eq!(status, 200, "{text}");
        count(page);
    }
    wizard.planned_in(draft).await.unwrap();
    count("choices and plan");
    for page in ["event", "lines", "review"] {
        let (status, text) = reader.read(&format!("/push/{draft}/{page}")).await;
        assert_eq!(status, 200, "{text}");
        count(page);
    }
    push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
    count("confirm");
    fixture.world.clock.advance(jiff::SignedDuration::from_millis(1));
    let worker = fixture.worker();
    let mut pass = worker.claim().await.unwrap().expect("a push is due");
    count("claim");
    let mut n = 0;
    while let Some(next) = pass.advance().await.unwrap() {
        pass = next;
        n += 1;
        count(&format!("transition {n}"));
    }
    let (status, text) = reader.read(&format!("/push/{draft}/result")).await;
    assert_eq!(status, 200, "{text}");
    count("result");
    read_log::log(&fixture.app, fixture.actor(), fixture.made.project, Side::Sent, &LogQuery::default()).await.unwrap();
    count("log");
    counts
}

store::both_databases! {
    async fn what_a_step_costs_does_not_grow_with_its_cors(store: Store) {
        let fixture = Fixture::on(store).await;
        let (few, many) = (fixture.sent(3).await, fixture.sent(30).await);
        counted(&fixture, &fixture.sent(2).await).await;
        let (few, many) = (counted(&fixture, &few).await, counted(&fixture, &many).await);
        let grown: Vec<String> = few
            .iter()
            .zip(&many)
            .filter(|((_, few), (_, many))| many > few)
            .map(|((step, few), (_, many))| format!("{step}: {few} for 3 CORs, {many} for 30"))
            .collect();
        assert!(grown.is_empty(), "{}", grown.join("\n"));
    }
}
