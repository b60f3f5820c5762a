//! Logins, connections, mappings and what was read of Procore, on both databases.

use domain::{
    CompanyId, Currency, LoginId, OfficeId, PersonId, ProjectId,
    procore::{Amount, currency::KnownCurrency},
};
use jiff::{SignedDuration, Timestamp};
use store::{
    Store, StoreError, Tx, both_databases,
    repo::{
        change_event::EventRow,
        integration::{Integration, OfficeFacts},
        login::{Login, PendingSignIn, SealedPair},
        mapping::Mapping,
        reference::ReferenceRow,
    },
};
use uuid::Uuid;

const US: CompanyId = CompanyId(Uuid::from_u128(1));
const THEM: CompanyId = CompanyId(Uuid::from_u128(2));
const OFFICE: OfficeId = OfficeId(Uuid::from_u128(11));
const BRANCH: OfficeId = OfficeId(Uuid::from_u128(12));
const OWNER: PersonId = PersonId(Uuid::from_u128(21));
const MANAGER: PersonId = PersonId(Uuid::from_u128(22));
const ROVER: PersonId = PersonId(Uuid::from_u128(23));
const STRANGER: PersonId = PersonId(Uuid::from_u128(24));
const PROJECT: ProjectId = ProjectId(Uuid::from_u128(31));
const BRANCH_PROJECT: ProjectId = ProjectId(Uuid::from_u128(32));

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
}

/// Two companies; ours has two offices with a project each, an Account Owner, a Project Manager of the first office and
/// one who works on projects of both.
fn lay_out(tx: &mut Tx) -> Result<(), StoreError> {
    for (id, name) in [(US, "Whitfield"), (THEM, "Cascade")] {
        let sql = "INSERT INTO company (id, name, name_key, claimed, created_at) VALUES ($1, $2, $2, 1, 0)";
        tx.exec(sql, &[id.into(), name.into()])?;
    }
    for (id, name) in [(OFFICE, "Main"), (BRANCH, "Branch")] {
        let sql = "INSERT INTO office (id, company_id, name, created_at) VALUES ($1, $2, $3, 0)";
        tx.exec(sql, &[id.into(), US.into(), name.into()])?;
    }
    for (id, company, office, role) in [
        (OWNER, US, Some(OFFICE), "account_owner"),
        (MANAGER, US, Some(OFFICE), "project_manager"),
        (ROVER, US, Some(OFFICE), "project_manager"),
        (STRANGER, THEM, None, "account_owner"),
    ] {
        tx.exec(
            "INSERT INTO person (id, company_id, office_id, email, name, role, password_hash, created_at) \
             VALUES ($1, $2, $3, $4, $4, $5, '', 0)",
            &[id.into(), company.into(), office.into(), id.to_string().into(), role.into()],
        )?;
    }
    for (id, office) in [(PROJECT, OFFICE), (BRANCH_PROJECT, BRANCH)] {
        let sql = "INSERT INTO project (id, name, address, currency, time_zone, created_at) VALUES ($1, 'P', '', 'USD', 'America/New_York', 0)";
        tx.exec(sql, &[id.into()])?;
        tx.exec(
            "INSERT INTO project_company (project_id, company_id, office_id, job_number, created_at) \
             VALUES ($1, $2, $3, '', 0)",
            &[id.into(), US.into(), office.into()],
        )?;
        let sql = "INSERT INTO project_person (project_id, person_id) VALUES ($1, $2)";
        tx.exec(sql, &[id.into(), ROVER.into()])?;
    }
    Ok(())
}

fn new_login(id: u128, person: PersonId) -> Login {
    Login {
        id: LoginId(Uuid::from_u128(id)),
        person,
        procore_user_id: 562_949_953_508_586,
        procore_user: "r.calloway@whitfieldsons.example".to_owned(),
        access_token: vec![1],
        refresh_token: vec![2],
        expires_at: at(90),
        generation: 1,
        refreshing_since: None,
        lost_because: None,
        signed_in_at: at(0),
        refreshed_at: at(0),
    }
}

fn connected(office: OfficeId, account: i64) -> Integration {
    Integration {
        office,
        procore_company_id: account,
        procore_company: "Whitfield & Sons".to_owned(),
        connected_by: OWNER,
        connected_by_name: OWNER.to_string(),
        connected_at: at(1),
    }
}

fn mapped(project: ProjectId, procore_project: i64) -> Mapping {
    Mapping {
        project,
        procore_company_id: 7,
        procore_project_id: procore_project,
        procore_project: "Harbor Point".to_owned(),
        procore_number: "24-118".to_owned(),
        mapped_by: OWNER,
        mapped_by_name: OWNER.to_string(),
        mapped_at: at(1),
    }
}

fn event(id: i64, number: &str) -> EventRow {
    EventRow {
        event_id: id,
        number: number.to_owned(),
        title: "Added isolation valves".to_owned(),
        status: "Open".to_owned(),
        mapped_status: "open".to_owned(),
        cost: "199.9999".parse().unwrap(),
        revenue: Amount::TooLarge,
        prime_contract_id: None,
        currency: "USD".into(),
        line_currencies: "CAD, EUR".into(),
        trouble: String::new(),
        markup: "12.3456".parse().unwrap(),
        markup_edited: true,
        following: "7.5".parse().unwrap(),
        gone: false,
        created_by: Some(77),
        lines: 3,
        cost_locked: 1,
        revenue_locked: 2,
    }
}

/// A push of `project` that waits in the outbox.
fn queue_push(tx: &mut Tx, id: u128, project: ProjectId, procore_project: i64, state: &str) -> Result<(), StoreError> {
    let id = Uuid::from_u128(id);
    tx.exec(
        "INSERT INTO push (id, company_id, project_id, person_id, procore_company_id, procore_project_id, queue, body, \
         batches, state, state_body, attempt, created_at) VALUES ($1, $2, $3, $4, 7, $5, $6, '', '', $7, '', 0, 0)",
        &[
            id.into(),
            US.into(),
            project.into(),
            OWNER.into(),
            procore_project.into(),
            id.to_string().into(),
            state.into(),
        ],
    )?;
    let parked = state == "parked";
    let sql = "INSERT INTO outbox (push_id, company_id, procore_company_id, queue, due_at, parked, claims, broken) \
         VALUES ($1, $2, 7, $3, 0, $4, 0, '')";
    tx.exec(sql, &[id.into(), US.into(), id.to_string().into(), parked.into()])?;
    Ok(())
}

fn parked(tx: &mut Tx) -> Result<Vec<bool>, StoreError> {
    tx.query("SELECT parked FROM outbox ORDER BY push_id", &[], |row| row.get(0))
}

async fn write<T: Send + 'static>(
    store: &Store,
    f: impl FnMut(&mut Tx) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.write(f).await.unwrap()
}

both_databases! {
    async fn a_token_pair_is_refreshed_by_one_and_stored_over_its_predecessor_only(store: Store) {
        let pair = |access: u8| SealedPair { access: vec![access], refresh: vec![access + 1], expires_at: at(180) };
        write(&store, |tx| {
            lay_out(tx)?;
            tx.of(US).replace_login(&new_login(1, MANAGER))?;
            Ok(())
        }).await;
        let id = new_login(1, MANAGER).id;
        let claims = claims_at_once(&store, id).await;
        assert_eq!(claims.iter().filter(|claimed| **claimed).count(), 1, "{claims:?}");

        let first = pair(3);
        assert!(write(&store, move |tx| tx.of(US).finish_refresh(id, 1, &first, at(91))).await);
        let late = pair(9);
        assert!(!write(&store, move |tx| tx.of(US).finish_refresh(id, 1, &late, at(92))).await, "an old pair came late");
        let login = write(&store, |tx| tx.of(US).login_of(MANAGER)).await.unwrap();
        assert_eq!((login.access_token, login.refresh_token, login.generation), (vec![3], vec![4], 2));
        assert_eq!(login.refreshing_since, None);
    }

    async fn a_lost_login_is_not_refreshed_again_but_lives_when_its_pair_does_come(store: Store) {
        let id = new_login(1, MANAGER).id;
        write(&store, move |tx| {
            lay_out(tx)?;
            let mut us = tx.of(US);
            us.replace_login(&new_login(1, MANAGER))?;
            assert!(us.begin_refresh(id, 1, at(90))?);
            us.lose_login(id, 1, "A refresh was cut off.")?;
            us.lose_login(id, 1, "Something later.")?;
            assert!(!us.begin_refresh(id, 1, at(95))?);
            assert_eq!(us.login_of(MANAGER)?.unwrap().lost_because.as_deref(), Some("A refresh was cut off."));
            let pair = SealedPair { access: vec![5], refresh: vec![6], expires_at: at(190) };
            assert!(us.finish_refresh(id, 1, &pair, at(96))?);
            assert_eq!(us.login_of(MANAGER)?.unwrap().lost_because, None);
            Ok(())
        }).await;
    }

    async fn a_new_sign_in_takes_the_place_of_the_former_and_of_its_refresh(store: Store) {
        write(&store, |tx| {
            lay_out(tx)?;
            let mut us = tx.of(US);
            assert_eq!(us.replace_login(&new_login(1, MANAGER))?, None);
            assert!(us.begin_refresh(new_login(1, MANAGER).id, 1, at(90))?);
            let former = us.replace_login(&new_login(2, MANAGER))?.unwrap();
            assert_eq!(former.id, new_login(1, MANAGER).id);
            let pair = SealedPair { access: vec![8], refresh: vec![8], expires_at: at(180) };
            assert!(!us.finish_refresh(former.id, 1, &pair, at(91))?);
            assert_eq!(us.login_of(MANAGER)?.unwrap().access_token, vec![1]);
            assert_eq!(tx.of(THEM).login_of(MANAGER)?, None, "somebody else's login is not found");
            Ok(())
        }).await;
    }

    async fn a_sign_in_is_ended_once_by_who_began_it_and_in_time(store: Store) {
        write(&store, |tx| {
            lay_out(tx)?;
            let attempt = |state: u8| PendingSignIn {
                state_hash: vec![state],
                person: MANAGER,
                verifier: vec![9],
                return_to: "/projects".to_owned(),
                popup: true,
                expires_at: at(10),
            };
            let mut us = tx.of(US);
            us.begin_procore_sign_in(&attempt(1), at(0), 5)?;
            us.begin_procore_sign_in(&attempt(2), at(0), 5)?;
            assert_eq!(us.take_procore_sign_in(&[1], OWNER, at(1))?, None, "another person");
            assert_eq!(us.take_procore_sign_in(&[7], MANAGER, at(1))?, None, "another state");
            assert_eq!(us.take_procore_sign_in(&[1], MANAGER, at(1))?, Some(attempt(1)));
            assert_eq!(us.take_procore_sign_in(&[1], MANAGER, at(1))?, None, "a second time");
            assert_eq!(us.take_procore_sign_in(&[2], MANAGER, at(10))?, None, "too late");
            Ok(())
        }).await;
    }

    async fn of_many_sign_ins_that_somebody_begins_the_last_ones_count(store: Store) {
        write(&store, |tx| {
            lay_out(tx)?;
            let attempt = |state: u8, person: PersonId| PendingSignIn {
                state_hash: vec![state],
                person,
                verifier: vec![9],
                return_to: "/projects".to_owned(),
                popup: false,
                expires_at: at(600 + i64::from(state)),
            };
            let mut us = tx.of(US);
            us.begin_procore_sign_in(&attempt(200, OWNER), at(0), 5)?;
            for state in 0..100 {
                us.begin_procore_sign_in(&attempt(state, MANAGER), at(0), 5)?;
            }
            assert_eq!(us.take_procore_sign_in(&[94], MANAGER, at(1))?, None);
            assert!(us.take_procore_sign_in(&[95], MANAGER, at(1))?.is_some());
            assert!(us.take_procore_sign_in(&[200], OWNER, at(1))?.is_some(), "another's is left alone");
            let left = tx.one("SELECT COUNT(*) FROM procore_sign_in", &[], |row| row.get::<i64>(0))?;
            assert_eq!(left, Some(4));
            Ok(())
        }).await;
    }

    async fn a_disconnected_office_revokes_only_logins_no_other_office_uses(store: Store) {
        let only_for = |tx: &mut Tx| -> Result<Vec<PersonId>, StoreError> {
            Ok(tx.of(US).logins_only_for(OFFICE)?.into_iter().map(|login| login.person).collect())
        };
        write(&store, move |tx| {
            lay_out(tx)?;
            let mut us = tx.of(US);
            us.set_integration(&connected(OFFICE, 7))?;
            for (id, person) in [(1, OWNER), (2, MANAGER), (3, ROVER)] {
                us.replace_login(&new_login(id, person))?;
            }
            assert_eq!(only_for(tx)?, [OWNER, MANAGER, ROVER], "no other office is connected");
            tx.of(US).set_integration(&connected(BRANCH, 8))?;
            assert_eq!(only_for(tx)?, [MANAGER]);
            assert!(tx.of(THEM).logins_only_for(OFFICE)?.is_empty());
            Ok(())
        }).await;
    }

    async fn a_connection_belongs_to_its_company(store: Store) {
        write(&store, |tx| {
            lay_out(tx)?;
            let mut us = tx.of(US);
            us.set_integration(&connected(OFFICE, 7))?;
            us.set_integration(&connected(OFFICE, 8))?;
            assert_eq!(us.integrations()?, [connected(OFFICE, 8)]);
            assert_eq!(tx.of(THEM).integration(OFFICE)?, None);
            assert!(!tx.of(THEM).remove_integration(OFFICE)?);
            assert!(tx.of(US).remove_integration(OFFICE)?);
            assert_eq!(tx.of(US).integration(OFFICE)?, None);
            Ok(())
        }).await;
        let stolen = store.write(|tx| tx.of(THEM).set_integration(&connected(OFFICE, 9))).await;
        assert!(matches!(stolen, Err(StoreError::Expected1Row { changed: 0 })), "{stolen:?}");
    }

    async fn disconnecting_parks_the_queue_of_that_office_alone(store: Store) {
        write(&store, |tx| {
            lay_out(tx)?;
            queue_push(tx, 1, PROJECT, 70, "queued")?;
            queue_push(tx, 2, BRANCH_PROJECT, 71, "queued")?;
            queue_push(tx, 3, PROJECT, 70, "parked")?;
            assert_eq!(tx.of(US).park_office_queue(OFFICE, 7)?, 1);
            assert_eq!(parked(tx)?, [true, false, true]);
            assert_eq!(tx.of(US).unpark_office_queue(OFFICE, 7)?, 1);
            assert_eq!(parked(tx)?, [false, false, true], "one waits for its person's sign-in");
            assert_eq!(tx.of(US).park_office_queue(OFFICE, 8)?, 0, "another account");
            assert_eq!(tx.of(THEM).park_office_queue(OFFICE, 7)?, 0);
            Ok(())
        }).await;
    }

    async fn an_offices_page_counts_what_hangs_on_its_connection(store: Store) {
        write(&store, |tx| {
            lay_out(tx)?;
            tx.of(US).set_mapping(&mapped(PROJECT, 70))?;
            tx.of(US).set_mapping(&mapped(BRANCH_PROJECT, 71))?;
            queue_push(tx, 1, PROJECT, 70, "queued")?;
            queue_push(tx, 2, BRANCH_PROJECT, 71, "queued")?;
            assert_eq!(
                tx.of(US).office_facts(OFFICE, 7)?,
                OfficeFacts { projects: 1, mapped: 1, links: 0, waiting: 1 }
            );
            let elsewhere = tx.of(US).office_facts(OFFICE, 8)?;
            assert_eq!((elsewhere.projects, elsewhere.mapped, elsewhere.waiting), (1, 0, 0), "another account");
            assert_eq!(tx.of(US).pushes_under_way(PROJECT)?, 1);
            assert_eq!(tx.of(THEM).pushes_under_way(PROJECT)?, 0);
            assert_eq!(tx.of(THEM).office_facts(OFFICE, 7)?, OfficeFacts::default());
            Ok(())
        }).await;
    }

    async fn a_mapping_forgets_what_was_read_of_another_project(store: Store) {
        write(&store, |tx| {
            lay_out(tx)?;
            let mut us = tx.of(US);
            us.set_mapping(&mapped(PROJECT, 70))?;
            let codes = ReferenceRow { kind: "budget_codes".into(), body: "[1]".into(), fetched_at: at(2) };
            assert!(us.store_reference(PROJECT, 70, &codes)?);
            assert!(us.store_change_events(PROJECT, 70, &[event(1, "001")], &[], at(2))?);
            us.set_mapping(&mapped(PROJECT, 70))?;
            assert_eq!(us.reference(PROJECT)?.len(), 2, "the same project again");
            assert_eq!(us.change_events(PROJECT)?, [event(1, "001")], "as it was stored");
            us.set_mapping(&mapped(PROJECT, 71))?;
            assert_eq!(us.reference(PROJECT)?, []);
            assert_eq!(us.change_events(PROJECT)?, []);
            assert!(!us.store_reference(PROJECT, 70, &codes)?, "an answer about the former project comes late");
            assert!(!us.store_change_events(PROJECT, 70, &[event(1, "001")], &[], at(3))?);
            assert_eq!(us.change_events(PROJECT)?, []);
            assert_eq!(us.mapping(PROJECT)?, Some(mapped(PROJECT, 71)));
            assert_eq!(tx.of(THEM).mapping(PROJECT)?, None);
            Ok(())
        }).await;
        let stolen = store.write(|tx| tx.of(THEM).set_mapping(&mapped(PROJECT, 1))).await;
        assert!(matches!(stolen, Err(StoreError::Expected1Row { changed: 0 })), "{stolen:?}");
    }

    async fn the_currency_of_a_procore_project_is_what_is_named_and_stated(store: Store) {
        write(&store, |tx| {
            lay_out(tx)?;
            let mut us = tx.of(US);
            us.set_mapping(&mapped(PROJECT, 70))?;
            assert_eq!(us.known_currency(PROJECT)?, KnownCurrency::default());
            us.set_named_currency(PROJECT, "")?;
            us.set_stated_currency(PROJECT, Currency::Usd, MANAGER, at(3))?;
            let stated = us.procore_currency(PROJECT)?.stated.unwrap();
            assert_eq!((stated.currency, stated.by, stated.at), (Currency::Usd, MANAGER, at(3)));
            us.set_named_currency(PROJECT, "USD")?;
            assert_eq!(us.procore_currency(PROJECT)?.stated, Some(stated), "each is kept beside the other");
            // Events name their own; what a line is kept in is its contract's.
            let named = |code: &str, id| EventRow { currency: code.into(), ..event(id, "001") };
            let gone = EventRow { gone: true, ..named("EUR", 3) };
            for event in [named("", 2), gone] {
                us.store_change_event(PROJECT, &event, at(4))?;
            }
            assert_eq!(us.known_currency(PROJECT)?.named, ["USD"], "by the settings");
            us.set_named_currency(PROJECT, "")?;
            assert_eq!(us.known_currency(PROJECT)?.named, [""; 0], "a line names none for the project");
            for event in [named("USD", 1), named("", 2)] {
                us.store_change_event(PROJECT, &event, at(4))?;
            }
            let known = us.known_currency(PROJECT)?;
            assert_eq!((known.named, known.stated), (vec!["USD".to_owned()], Some(Currency::Usd)));
            us.store_change_event(PROJECT, &named("CAD", 2), at(5))?;
            assert_eq!(us.known_currency(PROJECT)?.named, ["CAD", "USD"]);
            // Another project is another currency; the same one again is not.
            us.set_mapping(&mapped(PROJECT, 70))?;
            assert!(us.procore_currency(PROJECT)?.stated.is_some());
            us.set_mapping(&mapped(PROJECT, 71))?;
            assert_eq!(us.known_currency(PROJECT)?, KnownCurrency::default());
            assert_eq!(tx.of(THEM).known_currency(PROJECT)?, KnownCurrency::default());
            Ok(())
        }).await;
        let stolen = store.write(|tx| tx.of(THEM).set_named_currency(PROJECT, "CAD")).await;
        assert!(matches!(stolen, Err(StoreError::Expected1Row { changed: 0 })), "{stolen:?}");
    }

    async fn an_older_list_changes_nothing_and_a_newer_one_marks_what_is_gone(store: Store) {
        write(&store, |tx| {
            lay_out(tx)?;
            let mut us = tx.of(US);
            us.set_mapping(&mapped(PROJECT, 70))?;
            us.store_change_events(PROJECT, 70, &[event(1, "CE 9"), event(2, "CE 10")], &[], at(5))?;
            let numbers = |us: &mut store::CompanyTx| -> Result<Vec<String>, StoreError> {
                Ok(us.change_events(PROJECT)?.into_iter().map(|event| event.number).collect())
            };
            assert_eq!(numbers(&mut us)?, ["CE 10", "CE 9"], "in natural order, the newest first");
            assert!(!us.store_change_events(PROJECT, 70, &[], &[], at(4))?);
            assert_eq!(numbers(&mut us)?.len(), 2);

            // A push makes event 3 while a list is on its way that does not know it yet.
            us.store_change_event(PROJECT, &event(3, "CE 11"), at(8))?;
            us.store_change_events(PROJECT, 70, &[event(1, "CE 9b")], &[], at(7))?;
            assert_eq!(numbers(&mut us)?, ["CE 11", "CE 9b"]);
            assert!(us.change_event(PROJECT, 2)?.unwrap().gone);
            us.store_change_event(PROJECT, &event(3, "CE 0"), at(6))?;
            assert_eq!(us.change_event(PROJECT, 3)?.unwrap().number, "CE 11", "an older reading");
            us.store_change_events(PROJECT, 70, &[event(2, "CE 10")], &[], at(9))?;
            assert_eq!(numbers(&mut us)?, ["CE 10"], "back from the recycle bin");
            assert_eq!(us.change_events_read_at(PROJECT)?, Some(at(9)));
            // A record without an id may be any of them.
            us.store_change_events(PROJECT, 70, &[event(1, "CE 9")], &["It could not be read".into()], at(10))?;
            assert_eq!((numbers(&mut us)?.len(), us.change_events_nameless(PROJECT)?.len()), (2, 1));
            us.store_change_events(PROJECT, 70, &[event(1, "CE 9")], &[], at(11))?;
            assert_eq!((numbers(&mut us)?.len(), us.change_events_nameless(PROJECT)?.len()), (1, 0));
            assert_eq!(tx.of(THEM).change_events(PROJECT)?, []);
            Ok(())
        }).await;
    }
}

/// Eight units that claim the same refresh at the same time.
async fn claims_at_once(store: &Store, id: LoginId) -> Vec<bool> {
    let claims: Vec<_> = (0..8)
        .map(|n| {
            let store = store.clone();
            let now = at(90) + SignedDuration::from_secs(n);
            tokio::spawn(async move { store.write(move |tx| tx.of(US).begin_refresh(id, 1, now)).await })
        })
        .collect();
    let mut answers = Vec::new();
    for claim in claims {
        answers.push(claim.await.unwrap().unwrap());
    }
    answers
}
