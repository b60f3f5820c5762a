//! Companies, people, projects, contracts, invitations and notifications, on both databases.

use crate::support::{World, at, uuid};
use domain::{
    ApiTokenId, ChangeNotificationId, CompanyId, ContractId, Currency, Money, OfficeId, PersonId, ProjectId,
    change_notification::Response,
    cor::Status,
    role::{Actor, Rights, Role},
};
use store::{
    StoreError, both_databases,
    repo::{
        api_token::NewApiToken,
        change_notification::{NewNotification, Reply},
        company::{NewCompany, Office},
        contract::{Counterparty, NewContract, Party},
        invitation::CannotConnect,
        person::NewPerson,
        posted_form::FormAnswer,
        project::ProjectDetails,
        session::NewSession,
        throttle::Tries,
        unsent_form::UnsentForm,
    },
};

fn company(n: u128, name: &str) -> NewCompany {
    let office = OfficeId(uuid(n + 100));
    NewCompany {
        id: CompanyId(uuid(n)),
        name: name.to_owned(),
        office,
        office_name: "Main".to_owned(),
        owner: person(n + 200, Role::AccountOwner, office),
        now: at(0),
    }
}

fn person(n: u128, role: Role, office: OfficeId) -> NewPerson {
    NewPerson {
        id: PersonId(uuid(n)),
        name: format!("Person {n}"),
        email: format!("person{n}@ledger.example"),
        role,
        office,
        password_hash: "a hash".to_owned(),
        now: at(0),
    }
}

fn actor(of: &NewPerson, company: CompanyId) -> Actor {
    Actor { person: of.id, company, role: of.role, office: Some(of.office), name: of.name.clone(), rights: Rights::All }
}

fn contract(n: u128, project: ProjectId, counterparty: Counterparty, invite: Option<u8>) -> NewContract {
    NewContract {
        id: ContractId(uuid(n)),
        project,
        party: Party::Customer,
        counterparty,
        name: format!("Contract {n}"),
        value: Money::minor(1),
        invite_hash: invite.map(|byte| [byte; 32]),
        now: at(0),
    }
}

both_databases! {
    async fn only_an_empty_instance_is_empty(store: Store) {
        let new = company(1, "Whitfield");
        let (before, after) = store.write(move |tx| {
            let before = tx.is_empty()?;
            tx.found_company(&new)?;
            Ok::<_, StoreError>((before, tx.is_empty()?))
        }).await.unwrap();
        assert!(before && !after);
    }

    async fn a_session_lives_while_it_is_used_and_its_person_may(store: Store) {
        let new = company(1, "Whitfield");
        let owner = new.owner.id;
        let session = NewSession { token_hash: [7; 32], person: owner, now: at(0), expires_at: at(1000) };
        store.write(move |tx| { tx.found_company(&new)?; tx.begin_session(&session, 50) }).await.unwrap();
        let live = |now: i64, idle: i64| {
            let store = store.clone();
            async move { store.read(move |tx| tx.session(&[7; 32], at(now), at(idle))).await.unwrap() }
        };
        let session = live(10, -10).await.unwrap();
        assert_eq!((session.actor.person, session.company_name.as_str(), session.office_name.as_str()), (owner, "Whitfield", "Main"));
        assert!(live(1000, -10).await.is_none(), "expired");
        assert!(live(10, 0).await.is_none(), "idle");
        store.write(|tx| tx.touch_session(&[7; 32], at(500))).await.unwrap();
        assert!(live(510, 400).await.is_some());
        let us = CompanyId(uuid(1));
        store.write(move |tx| tx.of(us).set_disabled(owner, Some(at(600)))).await.unwrap();
        assert!(live(510, 400).await.is_none());
    }

    async fn a_form_is_claimed_once_by_each_person(store: Store) {
        let (new, us) = (company(1, "Whitfield"), CompanyId(uuid(1)));
        let owner = new.owner.id;
        store.write(move |tx| tx.found_company(&new)).await.unwrap();
        let answer = FormAnswer { location: "/projects/1".into(), notice: "It is created.".into() };
        let kept = answer.clone();
        let claimed = store.write(move |tx| {
            let mut us = tx.of(us);
            let first = us.claim_form(owner, &[1; 32], at(0))?;
            us.keep_form(owner, &[1; 32], &kept)?;
            Ok::<_, StoreError>((first, us.claim_form(owner, &[1; 32], at(5))?, us.claim_form(owner, &[2; 32], at(5))?))
        });
        assert_eq!(claimed.await.unwrap(), (None, Some(answer), None));
        let swept = store.write(move |tx| {
            tx.of(us).sweep_forms(at(1))?;
            tx.of(us).claim_form(owner, &[1; 32], at(9))
        });
        assert_eq!(swept.await.unwrap(), None, "forgotten");
        let stranger = store.write(move |tx| tx.of(us).claim_form(PersonId(uuid(77)), &[3; 32], at(9))).await;
        assert_eq!(stranger.unwrap(), None, "nobody of the company, and nothing is kept");
    }

    async fn failures_are_counted_in_a_window(store: Store) {
        let (of, tries) = ([7; 32], Tries { failures: 2, next_at: at(30), window_until: at(900) });
        let (first, counted, fewer, later) = store.write(move |tx| {
            let first = tx.tries(&of, at(0))?;
            tx.keep_tries(&of, &Tries { failures: 1, ..tries })?;
            tx.keep_tries(&of, &tries)?;
            let counted = tx.tries(&of, at(20))?;
            tx.take_try_back(&of)?;
            let fewer = tx.tries(&of, at(20))?;
            Ok::<_, StoreError>((first, counted, fewer, tx.tries(&of, at(900))?))
        }).await.unwrap();
        assert_eq!((first, counted, later), (None, Some(tries), None));
        assert_eq!(fewer.unwrap().failures, 1);
    }

    async fn a_count_that_would_never_end_was_stored_by_a_wrong_clock_and_counts_as_none(store: Store) {
        let (years, day) = (10 * 365 * 24 * 3600, 24 * 3600);
        let (of, far) = ([7; 32], Tries { failures: 8, next_at: at(years), window_until: at(years) });
        let (wrong, whole, left) = store.write(move |tx| {
            tx.keep_tries(&of, &far)?;
            let wrong = tx.tries(&of, at(0))?;
            tx.keep_tries(&[8; 32], &Tries { failures: 3, next_at: at(5), window_until: at(day) })?;
            tx.exec("UPDATE sign_in_throttle SET failures = -1 WHERE window_until = $1", &[at(day).into()])?;
            let whole = tx.tries(&[8; 32], at(0))?;
            tx.sweep_tries(at(0), 100)?;
            let left = tx.query("SELECT failures FROM sign_in_throttle", &[], |row| row.get::<i64>(0))?;
            Ok::<_, StoreError>((wrong, whole, left))
        }).await.unwrap();
        assert_eq!(wrong, None);
        assert_eq!(whole.unwrap().failures, 0, "less than none is none");
        assert_eq!(left, [-1], "and it is swept out");
    }

    async fn a_browser_is_known_for_each_who_signed_in_with_it(store: Store) {
        let (one, two) = (company(1, "Whitfield"), company(2, "Cascade"));
        let (ruth, ines) = (one.owner.id, two.owner.id);
        let known = store.write(move |tx| {
            tx.found_company(&one)?;
            tx.found_company(&two)?;
            tx.remember_browser(None, &[1; 32], ruth, at(0), 20)?;
            // The browser gets another cookie each time, under which both are known; the former one is worth nothing.
            tx.remember_browser(Some(&[1; 32]), &[2; 32], ines, at(10), 20)?;
            let mut known = Vec::new();
            for (cookie, person) in [([1; 32], ruth), ([2; 32], ruth), ([2; 32], ines)] {
                known.push(tx.knows_browser(&cookie, person, at(-1))?);
            }
            tx.sweep_browsers(at(5))?;
            known.push(tx.knows_browser(&[2; 32], ruth, at(-1))?);
            tx.reset_password(ines, "another hash", at(20))?;
            known.push(tx.knows_browser(&[2; 32], ines, at(-1))?);
            Ok::<_, StoreError>(known)
        }).await.unwrap();
        assert_eq!(known, [false, true, true, false, false]);
    }

    async fn what_an_ended_session_left_unsent_is_kept_for_its_person_alone(store: Store) {
        let (one, two) = (company(1, "Whitfield"), company(2, "Cascade"));
        let (ruth, ines) = (one.owner.id, two.owner.id);
        let form = move |until: i64| UnsentForm {
            person: ruth,
            page: "/projects/new".into(),
            url: "/projects/new?x=1".into(),
            fields: "[[\"name\",\"Harbor\"]]".into(),
            kept_until: at(until),
        };
        store.write(move |tx| {
            tx.found_company(&one)?;
            tx.found_company(&two)?;
            let session = |n: u8, person| NewSession { token_hash: [n; 32], person, now: at(0), expires_at: at(5) };
            tx.begin_session(&session(1, ines), 50)?;
            tx.remember_browser(None, &[9; 32], ines, at(0), 20)?;
            tx.remember_browser(Some(&[9; 32]), &[9; 32], ruth, at(10), 20)?;
            // The session itself knows best; else it was whoever signed in last.
            assert_eq!(tx.whose_session(Some(&[1; 32]), Some(&[9; 32]))?, Some(ines));
            assert_eq!(tx.whose_session(Some(&[2; 32]), Some(&[9; 32]))?, Some(ruth));
            assert_eq!(tx.whose_session(Some(&[2; 32]), None)?, None);
            assert_eq!(tx.whose_session(None, Some(&[8; 32]))?, None);

            tx.keep_unsent(&[3; 32], &form(100), at(20), 2)?;
            assert_eq!(tx.unsent(&[3; 32], ruth, at(99))?, Some(form(100)));
            assert_eq!(tx.unsent(&[3; 32], ruth, at(100))?, None, "its time is over");
            assert_eq!(tx.unsent(&[3; 32], ines, at(99))?, None, "it is somebody else's");
            tx.forget_unsent(&[3; 32], ines)?;
            assert!(tx.unsent(&[3; 32], ruth, at(99))?.is_some());
            tx.keep_unsent(&[4; 32], &form(200), at(30), 2)?;
            tx.keep_unsent(&[5; 32], &form(300), at(40), 2)?;
            assert_eq!(tx.unsent(&[3; 32], ruth, at(50))?, None, "two are the most");
            tx.keep_unsent(&[6; 32], &form(400), at(250), 2)?;
            assert_eq!(tx.unsent(&[4; 32], ruth, at(50))?, None, "swept");
            tx.forget_unsent(&[5; 32], ruth)?;
            assert_eq!(tx.unsent(&[5; 32], ruth, at(250))?, None);
            Ok::<_, StoreError>(())
        }).await.unwrap();
    }

    async fn an_email_signs_in_one_person_of_the_instance(store: Store) {
        let (one, two) = (company(1, "Whitfield"), company(2, "Cascade"));
        let twin = NewPerson { id: PersonId(uuid(99)), ..one.owner.clone() };
        store.write(move |tx| { tx.found_company(&one)?; tx.found_company(&two) }).await.unwrap();
        let taken = store.write(move |tx| tx.of(CompanyId(uuid(2))).add_person(&twin)).await;
        assert!(matches!(&taken, Err(StoreError::Conflict { constraint }) if constraint == "person.email"), "{taken:?}");
    }

    async fn somebody_elses_things_are_not_found(store: Store) {
        let (one, two) = (company(1, "Whitfield"), company(2, "Cascade"));
        let (us, them) = (one.id, two.id);
        let (office, owner) = (one.office, one.owner.id);
        let (project, token) = (ProjectId(uuid(10)), ApiTokenId(uuid(11)));
        store.write(move |tx| {
            tx.found_company(&one)?;
            tx.found_company(&two)?;
            let mut ours = tx.of(us);
            ours.add_project(project, &details("Harbor Point", office), at(0))?;
            ours.assign(project, owner)?;
            ours.add_api_token(
                owner,
                &NewApiToken { id: token, name: "t".into(), hash: [1; 32], now: at(0), expires_at: at(900), reads_only: false },
            )
        }).await.unwrap();
        store.read(move |tx| {
            let mut theirs = tx.of(them);
            assert!(theirs.office(office)?.is_none());
            assert!(theirs.person(owner)?.is_none());
            assert!(theirs.project(project, owner)?.is_none());
            assert!(theirs.api_tokens(at(-1))?.is_empty() && theirs.assignments(owner)?.is_empty());
            assert!(theirs.project_people(project)?.is_empty() && theirs.contracts(project)?.is_empty());
            Ok::<_, StoreError>(())
        }).await.unwrap();
        let refused = store.write(move |tx| tx.of(them).revoke_api_token(token, at(1))).await;
        assert!(matches!(refused, Err(StoreError::Expected1Row { changed: 0 })), "{refused:?}");
        let refused = store.write(move |tx| tx.of(them).rename_office(office, "Theirs")).await;
        assert!(matches!(refused, Err(StoreError::Expected1Row { changed: 0 })), "{refused:?}");
        let refused = store.write(move |tx| tx.of(them).set_disabled(owner, Some(at(1)))).await;
        assert!(matches!(refused, Err(StoreError::Expected1Row { changed: 0 })), "{refused:?}");
        let refused = store.write(move |tx| tx.of(them).change_project(project, &details("Theirs", office))).await;
        assert!(matches!(refused, Err(StoreError::Expected1Row { changed: 0 })), "{refused:?}");
        store.write(move |tx| tx.of(them).unassign(project, owner)).await.unwrap();
        let still = store.read(move |tx| tx.of(us).assignments(owner)).await.unwrap();
        assert_eq!(still, [project]);
    }

    async fn the_list_shows_what_each_role_sees(store: Store) {
        let new = company(1, "Whitfield");
        let (us, main, branch) = (new.id, new.office, OfficeId(uuid(102)));
        let [here, there] = [ProjectId(uuid(10)), ProjectId(uuid(11))];
        let owner = actor(&new.owner, us);
        let people = [(31, Role::Admin, main), (32, Role::ProjectManager, main), (33, Role::FieldUser, branch)]
            .map(|(n, role, office)| person(n, role, office));
        let actors = people.clone().map(|person| actor(&person, us));
        store.write(move |tx| {
            tx.found_company(&new)?;
            let mut ours = tx.of(us);
            ours.add_office(&Office { id: branch, name: "Branch".to_owned() }, at(0))?;
            for person in &people {
                ours.add_person(person)?;
            }
            ours.add_project(here, &details("B here", main), at(0))?;
            ours.add_project(there, &details("A there", branch), at(0))?;
            ours.assign(there, people[1].id)
        }).await.unwrap();
        let [admin, manager, field] = actors;
        for (who, expected) in [(owner, vec![there, here]), (admin, vec![here]), (manager, vec![there]), (field, vec![])] {
            let role = who.role;
            let list = store.read(move |tx| tx.of(us).projects(&who)).await.unwrap();
            let seen: Vec<_> = list.into_iter().map(|summary| summary.project.id).collect();
            assert_eq!(seen, expected, "{role:?}");
        }
    }

    async fn an_invitation_is_found_by_its_secret_and_once(store: Store) {
        let (one, two) = (company(1, "Whitfield"), company(2, "Cascade Mechanical"));
        let (us, project) = (one.id, ProjectId(uuid(10)));
        let office = one.office;
        let placeholder = CompanyId(uuid(50));
        let found = store.write(move |tx| {
            tx.found_company(&one)?;
            tx.of(us).add_project(project, &details("Harbor Point", office), at(0))?;
            let new = Counterparty::New(placeholder, "Cascade".to_owned());
            tx.of(us).add_contract(&contract(20, project, new, Some(9)))?;
            let known = Counterparty::Known(placeholder);
            tx.of(us).add_contract(&contract(21, project, known, Some(8)))?;
            assert!(tx.invitation(&[7; 32])?.is_none());
            let found = tx.invitation(&[9; 32])?.expect("invited");
            assert_eq!((found.inviter.id, found.invited.id, found.party), (us, placeholder, Party::Contractor));
            Ok::<_, StoreError>(found)
        }).await.unwrap();
        let claimed = NewCompany { id: placeholder, ..two };
        store.write(move |tx| tx.accept_as_new_company(&found, &claimed, "7-31")).await.unwrap();
        store.read(move |tx| {
            assert!(tx.invitation(&[9; 32])?.is_none() && tx.invitation(&[8; 32])?.is_none(), "both contracts have both parties");
            let contracts = tx.of(us).contracts(project)?;
            assert!(contracts.iter().all(|contract| contract.contractor.name == "Cascade Mechanical" && !contract.invited));
            let theirs = tx.of(placeholder).project(project, PersonId(uuid(202)))?.expect("on the project");
            assert_eq!((theirs.job_number.as_str(), theirs.assigned), ("7-31", true));
            Ok::<_, StoreError>(())
        }).await.unwrap();
        let other = company(3, "Somebody");
        let refused = store.write(move |tx| {
            let mut invitation = None;
            tx.found_company(&other)?;
            for contract in tx.of(us).contracts(project)? {
                invitation = Some(contract.id);
            }
            Ok::<_, StoreError>(invitation)
        }).await.unwrap();
        let renewed = store.write(move |tx| tx.of(us).renew_invitation(refused.unwrap(), &[5; 32])).await;
        assert!(matches!(renewed, Err(StoreError::Expected1Row { changed: 0 })), "accepted for good: {renewed:?}");
    }

    async fn an_own_password_ends_the_other_sessions_only(store: Store) {
        let founded = company(1, "Whitfield & Sons Construction");
        let owner = founded.owner.id;
        store.write(move |tx| {
            tx.found_company(&founded)?;
            for token_hash in [[1; 32], [2; 32]] {
                tx.begin_session(&NewSession { token_hash, person: owner, now: at(0), expires_at: at(9000) }, 50)?;
            }
            tx.ask_for_own_password(owner)
        }).await.unwrap();
        let kept = store.read(|tx| tx.session(&[1; 32], at(1), at(-1))).await.unwrap().expect("a session");
        assert!(kept.password_temporary);
        store.write(move |tx| tx.set_own_password(owner, "another hash", &[1; 32])).await.unwrap();
        let kept = store.read(|tx| tx.session(&[1; 32], at(1), at(-1))).await.unwrap().expect("this one stays");
        assert!(!kept.password_temporary, "it is their own now");
        assert!(store.read(|tx| tx.session(&[2; 32], at(1), at(-1))).await.unwrap().is_none());
    }

    async fn an_invitation_says_whom_it_is_for_and_until_when(store: Store) {
        let world = World::make(&store).await;
        let (us, project) = (world.gc, world.project);
        let found = store.write(move |tx| {
            let new = contract(70, project, Counterparty::New(CompanyId(uuid(71)), "Bearings Co".to_owned()), Some(7));
            tx.of(us).add_contract(&new)?;
            tx.of(us).address_invitation(new.id, "mara@bearings.example", at(100))?;
            Ok::<_, StoreError>((tx.invitation(&[7; 32])?, tx.of(us).contract(new.id)?))
        }).await.unwrap();
        let (invitation, contract) = (found.0.expect("an invitation"), found.1.expect("a contract"));
        assert_eq!((invitation.email.as_str(), invitation.until), ("mara@bearings.example", Some(at(100))));
        assert_eq!((contract.invite_email.as_str(), contract.invite_until), ("mara@bearings.example", Some(at(100))));
        let stranger = world.electrical;
        let refused = store
            .write(move |tx| tx.of(stranger).address_invitation(ContractId(uuid(70)), "eve@x.example", at(1)))
            .await;
        assert!(refused.is_err(), "another company's invitation is not theirs to send");
    }

    async fn a_company_takes_over_what_its_placeholder_received(store: Store) {
        // Here the mechanical sub sends to a placeholder: the owner of the building, who is not here yet.
        let world = World::make(&store).await;
        let (sender, project) = (world.mechanical, world.project);
        let owner = CompanyId(uuid(60));
        let new = NewContract { party: Party::Contractor, ..contract(61, project, Counterparty::New(owner, "Providence".to_owned()), Some(9)) };
        store.write(move |tx| tx.of(sender).add_contract(&new)).await.unwrap();
        let mut draft = world.draft(1, Some("7"), "Card readers", 14_500);
        draft.contract = ContractId(uuid(61));
        let sent: Result<_, StoreError> = store.write(move |tx| {
            let mut ours = tx.of(sender);
            let cor = ours.create_cor(&draft)?.expect("a free number");
            ours.set_cor_status(&cor, Status::InReview, at(5))?;
            Ok(cor.id)
        }).await;
        let cor = sent.unwrap();
        // The building's owner is here already, under another name and on another project.
        let health = company(70, "Providence Health System");
        let (health_id, office) = (health.id, health.office);
        let taken = store.write(move |tx| {
            tx.found_company(&health)?;
            let invitation = tx.invitation(&[9; 32])?.expect("open");
            let own = tx.accept_as_company(&invitation, sender, OfficeId(uuid(102)), "", at(9))?;
            assert_eq!(own, Err(CannotConnect::OwnInvitation));
            tx.accept_as_company(&invitation, health_id, office, "PH-1", at(9))
        }).await.unwrap();
        assert_eq!(taken, Ok(()));
        store.read(move |tx| {
            let theirs = tx.of(health_id).cor(cor)?.expect("received");
            assert_eq!(theirs.receiver.id, health_id);
            assert!(tx.of(owner).cor(cor)?.is_none(), "the placeholder holds nothing any more");
            let totals = tx.one(
                "SELECT CAST(SUM(t.cors) AS BIGINT), CAST(SUM(t.amount) AS BIGINT) FROM log l JOIN log_total t ON t.log_id = l.id \
                 WHERE l.company_id = $1 AND l.side = 'received'",
                &[health_id.into()],
                |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)),
            )?;
            assert_eq!(totals, Some((1, 14_500)));
            let named = tx.query(
                "SELECT r.counterparty_key FROM log_row r JOIN log l ON l.id = r.log_id WHERE l.company_id = $1",
                &[sender.into()],
                |row| row.get::<String>(0),
            )?;
            assert_eq!(named, ["providence health system"]);
            Ok::<_, StoreError>(())
        }).await.unwrap();
    }

    async fn a_notification_is_asked_and_answered_by_the_right_companies(store: Store) {
        let world = World::make(&store).await;
        let (gc, mechanical, electrical, project) = (world.gc, world.mechanical, world.electrical, world.project);
        let asker = person(300, Role::ProjectManager, OfficeId(uuid(101)));
        let id = ChangeNotificationId(uuid(400));
        let new = NewNotification {
            id,
            project,
            title: "Added card readers".to_owned(),
            description: String::new(),
            due_on: Some("2026-11-30".parse().unwrap()),
            reference: "PCO 24".to_owned(),
            contracts: vec![world.mechanical_contract, world.electrical_contract],
            person: asker.id,
            now: at(0),
        };
        let theirs = NewNotification { id: ChangeNotificationId(uuid(401)), ..new.clone() };
        let second = NewNotification { id: ChangeNotificationId(uuid(402)), ..new.clone() };
        let numbers = store.write(move |tx| {
            tx.of(gc).add_person(&asker)?;
            Ok::<_, StoreError>((tx.of(gc).add_notification(&new)?, tx.of(gc).add_notification(&second)?))
        }).await.unwrap();
        assert_eq!(numbers, (1, 2));
        let wrong = store.write(move |tx| tx.of(mechanical).add_notification(&theirs)).await;
        assert!(matches!(wrong, Err(StoreError::MissingReference)), "only the customer asks: {wrong:?}");

        let cor = world.make_draft(&store, 1, Some("7"), "Card readers", 14_500).await.id;
        let (ours, others) = (world.mechanical_contract, world.electrical_contract);
        for (company, contract, reply) in [
            (electrical, others, Reply::Cor(cor)),
            (electrical, ours, Reply::Declined("no".to_owned())),
            (gc, ours, Reply::Declined("no".to_owned())),
        ] {
            let refused = store.write(move |tx| tx.of(company).answer_notification(id, contract, &reply, at(1))).await;
            assert!(matches!(refused, Err(StoreError::Expected1Row { changed: 0 })), "{refused:?}");
        }
        store.write(move |tx| {
            assert_eq!(tx.of(mechanical).notifications_waiting(project)?, 2);
            assert_eq!(tx.of(mechanical).cors_to_answer_with(ours)?.len(), 1);
            tx.of(mechanical).answer_notification(id, ours, &Reply::Cor(cor), at(1))?;
            tx.of(electrical).answer_notification(id, others, &Reply::Declined("in the base scope".to_owned()), at(2))
        }).await.unwrap();
        store.read(move |tx| {
            assert!(tx.of(mechanical).cors_to_answer_with(ours)?.is_empty() && tx.of(mechanical).answers_a_notification(cor)?);
            let seen = tx.of(gc).notification_responses(id)?;
            assert_eq!(seen.iter().map(|r| r.response).collect::<Vec<_>>(), [Response::Answered, Response::Declined]);
            assert!(seen[0].cor.is_none(), "a Draft is its sender's alone");
            let own = tx.of(mechanical).notification_responses(id)?;
            assert_eq!((own.len(), own[0].cor.as_ref().map(|cor| cor.id)), (1, Some(cor)));
            assert_eq!(tx.of(gc).notification(id)?.map(|n| (n.asked, n.responded)), Some((2, 2)));
            assert!(tx.of(CompanyId(uuid(77))).notification(id)?.is_none());
            Ok::<_, StoreError>(())
        }).await.unwrap();
    }
}

fn details(name: &str, office: OfficeId) -> ProjectDetails {
    ProjectDetails {
        name: name.to_owned(),
        address: String::new(),
        currency: Currency::Usd,
        time_zone: domain::Zone::default(),
        office,
        job_number: String::new(),
    }
}
