//! Rows that can't be read any more: each stops what it belongs to, is told to whoever looks after the installation and on the
//! page it concerns, and everything else goes on.

use axum::body::Body;
use domain::{ApiTokenId, ChangeNotificationId, CorId, cor::Status, procore::push_state::ProcoreState};
use http::Request;
use ledgerboard::{
    account::api_tokens,
    comparison,
    cor::{
        read_cor,
        set_status::{self, SetStatus},
    },
    error::UNREADABLE,
    integration::{change_events, deliveries, project_mapping},
    log::{query::LogQuery, read_log},
    notifications, push, reconciliation,
};
use store::{
    Dialect, StoreError, Val,
    repo::{api_token::NewApiToken, change_notification::NewNotification, damage::Damaged},
};

use sync::Listener;
use tower::ServiceExt as _;

use crate::fixture::{Fixture, sentence};
use crate::record_pages::Reader;

/// A statement on the database that the product never makes.
async fn sql(fixture: &Fixture, sql: &str, params: Vec<Val>) {
    let sql = sql.to_owned();
    let done: Result<u64, StoreError> = fixture.app.store.write(move |tx| tx.exec(&sql, &params)).await;
    assert!(done.unwrap() > 0, "something was damaged, or mended");
}

async fn damaged(fixture: &Fixture) -> Vec<Damaged> {
    fixture.app.store.read(store::Tx::damaged_rows).await.unwrap()
}

async fn seen_in_log(fixture: &Fixture) -> (usize, usize) {
    let side = domain::procore::Side::Received;
    let seen =
        read_log::log(&fixture.app, fixture.actor(), fixture.made.project, side, &LogQuery::default()).await.unwrap();
    (seen.page.rows.len(), seen.page.unreadable)
}

/// What the operator's monitoring reads.
async fn healthz(fixture: &Fixture) -> String {
    // It is asked once a second at the most.
    fixture.world.advance(1);
    let request = Request::get("/healthz").body(Body::empty()).unwrap();
    let Ok(answer) = ledgerboard::pages::router(&fixture.app).oneshot(request).await;
    assert_eq!(answer.status(), 200);
    let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

/// What is damaged of one COR's push, and how it is mended.
struct Damage {
    table: &'static str,
    column: &'static str,
    /// Which row, by the push, the COR or the link, which are `$1` to `$3`.
    row: &'static str,
    value: &'static str,
}

const DAMAGES: [Damage; 7] = [
    Damage { table: "push", column: "batches", row: "id = $1", value: "[" },
    Damage { table: "push", column: "state_body", row: "id = $1", value: "{\"state\":\"soaring\"}" },
    Damage { table: "push", column: "requested_action", row: "id = $1", value: "more" },
    Damage { table: "push_cor", column: "outcome", row: "push_id = $1 AND cor_id = $2", value: "splendid" },
    Damage { table: "link", column: "breakdown", row: "id = $3", value: "crumbs" },
    Damage { table: "link_line", column: "line_key", row: "link_id = $3", value: "nothing of ours" },
    Damage { table: "observation", column: "found", row: "link_id = $3", value: "{" },
];

store::both_databases! {
    async fn a_push_that_needs_a_damaged_row_is_set_aside_and_the_others_go_on(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors).into_event("002").finished().await;
        let before = seen_in_log(&fixture).await;
        assert_eq!(healthz(&fixture).await, "ok\n");
        for damage in DAMAGES {
            let what = format!("{}.{}", damage.table, damage.column);
            let mut pushes = Vec::new();
            for cor in &cors {
                fixture.edit(*cor, |lines| lines.push(fixture.lump("More", 12_300))).await;
                pushes.push(fixture.push(&[*cor]).into_event("002").confirmed().await.unwrap());
            }
            let (push, link) = (pushes[0], fixture.link(cors[0]).await.id);
            let keys: [Val; 3] = [push.into(), cors[0].into(), link.into()];
            let (of_push, of_cor) = (damage.row.contains("$1"), damage.row.contains("$2"));
            // Each statement names the parameters that it is given, from $1 on.
            let row = damage.row.replace("$3", "$1");
            let keys = match (of_push, of_cor) {
                (true, true) => vec![keys[0].clone(), keys[1].clone()],
                (true, false) => vec![keys[0].clone()],
                _ => vec![keys[2].clone()],
            };
            let (column, table) = (damage.column, damage.table);
            let good: Option<String> = {
                let (sql, keys) = (format!("SELECT {column} FROM {table} WHERE {row}"), keys.clone());
                let read: Result<_, StoreError> = fixture.app.store.read(move |tx| tx.one(&sql, &keys, |row| row.get(0))).await;
                read.unwrap().unwrap()
            };
            let next = keys.len() + 1;
            let set = format!("UPDATE {table} SET {column} = ${next} WHERE {row}");
            sql(&fixture, &set, [keys.clone(), vec![damage.value.into()]].concat()).await;

            fixture.work().await;
            let (fine, aside) = (fixture.link(cors[1]).await, fixture.app.store.read(store::Tx::set_asides).await.unwrap());
            assert_eq!(fine.state, ProcoreState::UpToDate, "{what}");
            fixture.assert_once(&cors[1..]).await;
            assert!(aside.len() == 1 && aside[0].id == push.to_string(), "{what}: {aside:?}");
            let found = damaged(&fixture).await;
            assert!(found.iter().any(|row| row.table == table && !row.because.is_empty()), "{what}: {found:?}");
            let told = healthz(&fixture).await;
            assert!(told.starts_with("degraded: ") && told.contains("1 × push"), "{what}: {told}");
            assert_eq!(seen_in_log(&fixture).await, before, "{what}: the log is shown");
            change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
            fixture.world.advance(200);
            while fixture.worker().observe().await.unwrap() {}
            assert_eq!(fixture.link(cors[1]).await.state, ProcoreState::UpToDate, "{what}: the others are compared");

            sql(&fixture, &set, [keys, vec![good.into()]].concat()).await;
            let back: Result<bool, StoreError> = fixture.app.store.write(move |tx| tx.put_back(&push.to_string())).await;
            assert!(back.unwrap(), "{what}");
            assert_eq!(damaged(&fixture).await, [], "{what}");
            fixture.work_through().await;
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn a_damaged_draft_stops_its_own_wizard_alone(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        let (broken, _) = fixture.push(&cors[..1]).into_event("002").planned().await.unwrap();
        sql(&fixture, "UPDATE push_draft SET body = '{' WHERE id = $1", vec![broken.into()]).await;
        for said in [
            sentence(push::open(&fixture.app, fixture.actor(), broken).await),
            sentence(push::confirm(&fixture.app, fixture.actor(), broken, None).await),
            sentence(push::standing(&fixture.app, fixture.actor(), broken).await),
        ] {
            assert!(said.contains("Begin again from the log"), "{said}");
        }
        fixture.push(&cors).into_event("002").finished().await;
        fixture.assert_once(&cors).await;
    }

    async fn a_damaged_draft_of_a_selection_leaves_the_others_to_be_pushed(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors[..1]).into_event("002").finished().await;
        // One is tied to its event and one is not, so the selection becomes two drafts.
        let drafts = fixture.push(&cors).drafts().await.unwrap();
        assert_eq!(drafts.len(), 2);
        let reader = Reader::of(&fixture, fixture.actor()).await;
        let page = format!("/push/{}/event", drafts[1]);
        assert!(reader.read(&page).await.1.contains(&format!("/push/{}", drafts[0])));
        sql(&fixture, "UPDATE push_draft SET body = '{' WHERE id = $1", vec![drafts[0].into()]).await;
        let (status, text) = reader.read(&page).await;
        assert!(status == 200 && !text.contains(&format!("/push/{}", drafts[0])), "{status} {text}");
    }

    async fn what_is_damaged_of_one_company_keeps_the_other_from_no_status(store: Store) {
        let fixture = Fixture::on(store).await;
        let mut cors = fixture.mechanical(&[9, 10, 11, 12, 13, 14]).into_iter();
        let cor = loop {
            let cor = cors.next().unwrap();
            if fixture.cor(cor).await.status == Status::InReview {
                break cor;
            }
        };
        fixture.push(&[cor]).into_event("002").finished().await;
        let link = fixture.link(cor).await.id;
        let sent = fixture.cor(cor).await.sender.id;
        let sender = fixture.made.subs.iter().find(|sub| sub.company == sent).unwrap().clone();
        for (damage, status) in [
            ("UPDATE observation SET found = '{' WHERE link_id = $1", Status::Void),
            ("UPDATE link SET breakdown = 'crumbs' WHERE id = $1", Status::InReview),
        ] {
            sql(&fixture, damage, vec![link.into()]).await;
            let set = set_status::set(&fixture.app, &sender, cor, SetStatus::plain(None, status)).await;
            assert_eq!(set.unwrap().status, status, "{damage}");
        }
    }

    async fn stored_reference_data_that_is_damaged_is_read_anew(store: Store) {
        let fixture = Fixture::on(store).await;
        for damage in ["{", "[{\"id\": 1}]", "[7]", ""] {
            sql(&fixture, "UPDATE procore_reference SET body = $1", vec![damage.into()]).await;
            let data = ledgerboard::integration::reference::get(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
            assert_eq!(data.budget_codes, fixture.data.budget_codes, "{damage}");
        }
    }

    async fn a_damaged_row_of_the_log_hides_no_other(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors: Vec<CorId> = fixture.mechanical(&[9]);
        let (shown, unreadable) = seen_in_log(&fixture).await;
        assert_eq!(unreadable, 0);
        sql(&fixture, "UPDATE log_row SET procore_key = 99 WHERE cor_id = $1", vec![cors[0].into()]).await;
        // Where the page is full, the next row takes its place.
        let (now, unreadable) = seen_in_log(&fixture).await;
        assert!(unreadable == 1 && (now == shown || now + 1 == shown), "{now} of {shown}");
        assert!(damaged(&fixture).await.iter().any(|row| row.table == "log_row" && row.id == cors[0].to_string()));
    }

    async fn a_reading_that_needs_a_damaged_row_is_set_aside_and_told(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_event("002").finished().await;
        fixture.world.advance(1000);
        sql(&fixture, "UPDATE project SET currency = 'shells' WHERE id = $1", vec![fixture.made.project.into()]).await;
        while fixture.worker().observe().await.unwrap() {}
        let listed = ledgerboard::projects::list(&fixture.app, fixture.actor()).await.unwrap();
        assert!(listed.iter().all(|summary| summary.project.id != fixture.made.project), "it is left out of a list alone");
        assert!(damaged(&fixture).await.iter().any(|row| row.table == "project"));
        let aside = fixture.app.store.read(store::Tx::set_asides).await.unwrap();
        assert!(aside.len() == 1 && aside[0].id == fixture.made.project.to_string(), "{aside:?}");
        sql(&fixture, "UPDATE project SET currency = 'USD' WHERE id = $1", vec![fixture.made.project.into()]).await;
        let page = project_mapping::look(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        assert!(page.watch.unwrap().set_aside);
        let project = fixture.made.project.to_string();
        let back: Result<bool, StoreError> = fixture.app.store.write(move |tx| tx.put_back(&project)).await;
        assert!(back.unwrap());
        assert!(fixture.worker().observe().await.unwrap(), "it is read again");
        assert_eq!(fixture.app.store.read(store::Tx::set_asides).await.unwrap(), []);
    }

    async fn a_damaged_event_is_told_as_one_that_could_not_be_read_and_the_next_reading_mends_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_event("002").finished().await;
        let (app, project, event) = (fixture.app.clone(), fixture.made.project, fixture.event("002"));
        let before = change_events::list(&app, fixture.actor(), project).await.unwrap();
        for column in ["cost", "revenue"] {
            let damage = format!("UPDATE change_event SET {column} = 'abc' WHERE event_id = $1");
            sql(&fixture, &damage, vec![event.into()]).await;
            assert!(damaged(&fixture).await.iter().any(|row| row.table == "change_event"), "{column}");
            let now = change_events::list(&app, fixture.actor(), project).await.unwrap();
            assert_eq!(now.events.len(), before.events.len(), "{column}: it stands in the list");
            let odd = now.events.iter().find(|row| row.event_id == event).unwrap();
            assert!(odd.number == "002" && odd.trouble.contains("damaged") && !odd.cost.is_readable(), "{odd:?}");
            assert_eq!(seen_in_log(&fixture).await.1, 0, "{column}: the log is shown");
            reconciliation::read(&app, fixture.actor(), reconciliation::SignedScope::Project(project)).await.unwrap();
            read_cor::cor(&app, fixture.actor(), cors[0]).await.unwrap();
            assert!(healthz(&fixture).await.starts_with("degraded: "), "{column}");
            change_events::refresh(&app, fixture.actor(), project).await.unwrap();
            assert_eq!(damaged(&fixture).await, [], "{column}: it is mended");
            let mended = change_events::list(&app, fixture.actor(), project).await.unwrap();
            assert_eq!(mended.events, before.events, "{column}");
        }
    }

    async fn a_damaged_observation_leaves_its_page_readable_and_decides_nothing(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9, 10]);
        fixture.push(&cors).into_event("002").finished().await;
        let link = fixture.link(cors[0]).await.id;
        let damage = "UPDATE observation SET found = '{', seen = '{', seen_at = baseline_at WHERE link_id = $1";
        sql(&fixture, damage, vec![link.into()]).await;
        let seen = comparison::known_now(&fixture.app, fixture.actor(), cors[0]).await.unwrap();
        assert!(seen.unreadable && seen.observation.is_none());
        let refused = comparison::leave(&fixture.app, fixture.actor(), cors[0], &seen.version()).await.unwrap_err();
        assert_eq!(refused.sentence(), UNREADABLE);
        assert!(!comparison::known_now(&fixture.app, fixture.actor(), cors[1]).await.unwrap().unreadable);
        let report = reconciliation::read(&fixture.app, fixture.actor(), reconciliation::SignedScope::Project(fixture.made.project)).await.unwrap();
        let there: Vec<_> = report.report.sections.iter().flat_map(|section| &section.cors).collect();
        let of = |cor: CorId| there.iter().find(|read| read.cor == cor).unwrap().there;
        assert!(!of(cors[0]).is_readable() && of(cors[1]).is_readable(), "{there:?}");
    }

    async fn a_damaged_row_is_left_out_of_its_list_alone(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, project, company) = (fixture.mechanical(&[9])[0], fixture.made.project, fixture.actor().company);
        fixture.push(&[cor]).into_event("002").finished().await;
        let (person, now) = (fixture.actor().person, fixture.app.now());
        let notification = |n: u128| NewNotification {
            id: ChangeNotificationId(uuid::Uuid::from_u128(n)),
            project,
            title: "Roof drains".to_owned(),
            description: String::new(),
            due_on: None,
            reference: String::new(),
            contracts: Vec::new(),
            person,
            now,
        };
        let token = |n: u128| NewApiToken {
            id: ApiTokenId(uuid::Uuid::from_u128(n)),
            name: format!("Number {n}"),
            hash: [u8::try_from(n).unwrap(); 32],
            now,
            expires_at: now + jiff::SignedDuration::from_hours(24),
            reads_only: false,
        };
        let (asked, tokens) = ([notification(1), notification(2)], [token(1), token(2)]);
        let stored: Result<(), StoreError> = fixture.app.store.write(move |tx| {
            let mut us = tx.of(company);
            for one in &asked {
                us.add_notification(one)?;
            }
            tokens.iter().try_for_each(|one| us.add_api_token(person, one))
        }).await;
        stored.unwrap();
        let feed = async || fixture.app.store.read(move |tx| tx.of(company).feed(cor)).await.unwrap().len();
        let whole = feed().await;
        assert!(whole > 0);
        let one = || vec![Val::from(uuid::Uuid::from_u128(1))];
        sql(&fixture, "UPDATE change_notification SET due_on = 'soon' WHERE id = $1", one()).await;
        sql(&fixture, "UPDATE api_token SET reads_only = 7 WHERE id = $1", one()).await;
        let last = "UPDATE activity SET kind = 'odd' WHERE id = (SELECT MAX(id) FROM activity WHERE cor_id = $1)";
        let last = if fixture.app.store.dialect() == Dialect::Postgres { last.replace("MAX(id)", "MAX(id::text)::uuid") } else { last.to_owned() };
        sql(&fixture, &last, vec![cor.into()]).await;

        let sent = notifications::list(&fixture.app, fixture.actor(), project, Some(domain::procore::Side::Sent)).await.unwrap().rows;
        assert_eq!(sent.iter().filter(|one| one.notification.title == "Roof drains").count(), 1);
        let tokens = api_tokens::live(&fixture.app, fixture.actor()).await.unwrap();
        assert_eq!(tokens.iter().filter(|one| one.name.starts_with("Number")).count(), 1);
        assert_eq!(feed().await, whole - 1);
        read_cor::cor(&fixture.app, fixture.actor(), cor).await.unwrap();
        let told: Vec<&str> = damaged(&fixture).await.iter().map(|row| row.table).collect();
        assert_eq!(told, ["activity", "api_token", "change_notification"]);
        assert!(healthz(&fixture).await.contains("rows that can't be read"));
    }

    async fn a_damaged_delivery_is_set_aside_and_the_others_are_heard(store: Store) {
        // Texts that are none can be stored in SQLite only.
        if store.dialect() == Dialect::Postgres {
            return;
        }
        let fixture = Fixture::on(store).await;
        let listener = Listener::new(&fixture.app);
        listener.run_until_idle().await.unwrap();
        for (delivery, application) in [("fine", "''"), ("broken", "CAST(x'ff' AS TEXT)")] {
            let insert = format!(
                "INSERT INTO webhook_inbox (webhook_id, delivery_id, company_id, project_id, application, received_at, outcome) \
                 SELECT id, '{delivery}', company_id, project_id, {application}, 1, 'waiting' FROM webhook LIMIT 1"
            );
            sql(&fixture, &insert, vec![]).await;
        }
        listener.run_until_idle().await.unwrap();
        let aside = fixture.app.store.read(store::Tx::set_asides).await.unwrap();
        assert!(aside.len() == 1 && aside[0].id == "broken" && aside[0].what.name() == "delivery", "{aside:?}");
        let waiting = fixture.app.store.read(store::Tx::waiting_deliveries).await.unwrap();
        assert_eq!(waiting, store::repo::webhook_inbox::Waiting::default(), "the other was handled");
        assert!(damaged(&fixture).await.iter().any(|row| row.table == "webhook_inbox" && row.id == "broken"));
    }

    async fn a_hook_whose_secret_is_garbled_is_replaced(store: Store) {
        let fixture = Fixture::on(store).await;
        let listener = Listener::new(&fixture.app);
        listener.run_until_idle().await.unwrap();
        let hooks = async || {
            let read = |tx: &mut store::Tx| tx.query("SELECT id FROM webhook WHERE state = 'live'", &[], |row| row.get::<domain::WebhookId>(0));
            fixture.app.store.read(read).await.unwrap()
        };
        let before = hooks().await;
        sql(&fixture, "UPDATE webhook SET secret = $1", vec![[1u8, 2].as_slice().into()]).await;
        let received = deliveries::receive(&fixture.app, Some(before[0]), b"anything", b"{}").await.unwrap();
        assert_eq!(received, deliveries::DeliveryOutcome::Refused);
        listener.run_until_idle().await.unwrap();
        let after = hooks().await;
        assert!(after.len() == 1 && after != before, "{before:?} {after:?}");
        sql(&fixture, "UPDATE webhook SET secret = $1, due_at = 0", vec![[1u8, 2].as_slice().into()]).await;
        listener.run_until_idle().await.unwrap();
        assert!(hooks().await.len() == 1 && hooks().await != after, "nor does it wait for a delivery");
    }

    async fn a_damaged_hook_is_set_aside(store: Store) {
        // Texts that are none can be stored in SQLite only.
        if store.dialect() == Dialect::Postgres {
            return;
        }
        let fixture = Fixture::on(store).await;
        let listener = Listener::new(&fixture.app);
        listener.run_until_idle().await.unwrap();
        sql(&fixture, "UPDATE webhook SET base = CAST(x'ff' AS TEXT), due_at = 0", vec![]).await;
        listener.step().await.unwrap();
        let aside = fixture.app.store.read(store::Tx::set_asides).await.unwrap();
        assert!(aside.iter().any(|row| row.what.name() == "webhook"), "{aside:?}");
        assert!(healthz(&fixture).await.contains("1 × webhook"));
        listener.run_until_idle().await.unwrap();
    }
}

#[test]
fn what_is_said_of_damage_says_what_to_do() {
    assert!(UNREADABLE.contains("ledgerboard doctor"));
}
