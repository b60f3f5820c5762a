//! Tokens, connections and limits while a push is on its way.

use domain::{
    procore::{
        Side,
        push_state::{ProcoreState, PushState},
    },
    role::Actor,
};
use emulator::{Fault, FaultKind, RateLimits, Silence, WorldAction};
use ledgerboard::{
    cor::read_cor,
    integration::connect,
    log::{query::LogQuery, read_log},
    push::{self, Remedy},
};

use crate::fixture::{EVENTS, Fixture, MANAGER, OWNER, sentence};

store::both_databases! {
    async fn an_expired_token_is_renewed_once_whichever_request_meets_it(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, method, new) in [(9, "POST", true), (10, "PATCH", false), (11, "GET", false)] {
            let cors = fixture.mechanical(&[cor]);
            let wizard = fixture.push(&cors);
            let wizard = if new { wizard.into_new_event() } else { wizard.into_event("002") };
            wizard.confirmed().await.unwrap();
            fixture.fault(method, FaultKind::ExpireTokens);
            fixture.work().await;
            let calls = fixture.calls();
            assert_eq!(calls.iter().filter(|c| *c == "POST /oauth/token").count(), 1, "{method}: {calls:?}");
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn a_token_may_expire_in_every_part_of_a_long_push(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.world.procore.switches(|s| s.max_lines_per_call = Some(1));
        let cors = fixture.mechanical(&[9, 10, 11, 12, 13]);
        fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        fixture.world.procore.fault(Fault::next("PATCH", EVENTS, FaultKind::ExpireTokens).after(1));
        fixture.world.procore.fault(Fault::next("PATCH", EVENTS, FaultKind::ExpireTokens).after(2));
        fixture.work().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_revoked_sign_in_parks_the_push_until_its_person_signs_in(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, stages, new) in [(9, 0, true), (10, 2, true), (11, 0, false), (12, 2, false)] {
            let cors = fixture.mechanical(&[cor]);
            let wizard = fixture.push(&cors);
            let wizard = if new { wizard.into_new_event() } else { wizard.into_event("002") };
            let push = wizard.confirmed().await.unwrap();
            let worker = fixture.worker();
            let mut pass = Some(fixture.carry(&worker, stages).await);
            fixture.world.procore.revoke_tokens();
            while let Some(on) = pass {
                pass = on.advance().await.unwrap();
            }
            fixture.work_through().await;
            assert!(matches!(fixture.stored(push).await.state, PushState::Parked { uncertain: false, .. }));
            let link = fixture.link(cors[0]).await;
            assert_eq!(link.state, ProcoreState::WaitingForSignIn);
            assert!(link.reason.contains("Sign in to Procore again"), "{}", link.reason);
            assert!(fixture.lines_of(cors[0]).await.is_empty());
            fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), MANAGER).await.unwrap();
            fixture.work().await;
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn somebody_elses_login_is_refused_while_a_push_waits_and_leaves_no_token(store: Store) {
        const OTHER: &str = "m.ortiz@whitfieldsons.example";
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let (draft, _) = fixture.push(&cors).into_event("002").planned().await.unwrap();
        let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.world.procore.revoke_tokens();
        fixture.work_through().await;
        assert_eq!(fixture.stored(push).await.state.code(), "parked");

        let refused = fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), OTHER).await;
        let why = sentence(refused);
        assert!(why.contains("1 push is under way") && why.contains(MANAGER) && why.contains(OTHER), "{why}");
        assert_eq!(fixture.stored(push).await.state.code(), "parked", "it is not pushed in another's name");
        fixture.work_through().await;
        assert!(fixture.lines_of(cors[0]).await.is_empty());

        fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), MANAGER).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        // With nothing under way a person may work as another Procore user.
        fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), OTHER).await.unwrap();
        fixture.assert_done().await;
    }

    async fn a_disconnect_forgets_the_login_but_not_as_whom_a_push_was_confirmed(store: Store) {
        const OTHER: &str = "m.ortiz@whitfieldsons.example";
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_event("002").confirmed().await.unwrap();
        let (owner, office) = (&fixture.made.owner, fixture.made.offices[0]);
        connect::disconnect(&fixture.app, owner, office).await.unwrap();
        let refused = async || sentence(fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), OTHER).await);
        let why = refused().await;
        assert!(why.contains("1 push is under way") && why.contains(MANAGER) && why.contains(OTHER), "{why}");
        fixture.world.sign_in_to_procore(&fixture.app, owner, OWNER).await.unwrap();
        connect::connect(&fixture.app, owner, office, emulator::seed::WHITFIELD).await.unwrap();
        fixture.work_through().await;
        assert_eq!(refused().await, why, "connected again, it is still that person's");
        fixture.work_through().await;
        assert!(fixture.lines_of(cors[0]).await.is_empty(), "nothing goes out in another's name");
        assert_eq!(fixture.stored(push).await.state.code(), "parked");

        fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), MANAGER).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), OTHER).await.unwrap();
        fixture.assert_done().await;
    }

    async fn a_push_confirmed_without_a_sign_in_is_theirs_whom_its_person_signs_in_as_first(store: Store) {
        const OTHER: &str = "m.ortiz@whitfieldsons.example";
        let fixture = Fixture::on(store).await;
        let (owner, office) = (&fixture.made.owner, fixture.made.offices[0]);
        let (draft, _) = fixture.push(&fixture.mechanical(&[9])).into_event("002").planned().await.unwrap();
        connect::disconnect(&fixture.app, owner, office).await.unwrap();
        fixture.world.sign_in_to_procore(&fixture.app, owner, OWNER).await.unwrap();
        connect::connect(&fixture.app, owner, office, emulator::seed::WHITFIELD).await.unwrap();
        let push = push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
        fixture.work().await;
        assert_eq!(fixture.stored(push).await.state.code(), "parked");
        fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), OTHER).await.unwrap();
        assert_eq!(fixture.stored(push).await.state.code(), "queued");
        let why = sentence(fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), MANAGER).await);
        assert!(why.contains(&format!("1 push is under way in Procore as {OTHER}")), "{why}");
    }

    async fn a_login_that_left_the_account_where_a_push_waits_is_refused_whichever_office_its_person_belongs_to(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_event("002").confirmed().await.unwrap();
        fixture.world.procore.revoke_tokens();
        fixture.work_through().await;
        let belongs = |there: bool| fixture.world.procore.world(|w| {
            let user = w.users.values_mut().find(|user| user.login == MANAGER).unwrap();
            if there { user.companies.insert(emulator::seed::WHITFIELD) } else { user.companies.remove(&emulator::seed::WHITFIELD) };
        });
        belongs(false);
        // Their own office is connected to nothing; the push is of another office's project.
        let elsewhere = Actor { office: Some(fixture.made.offices[1]), ..fixture.actor().clone() };
        let why = sentence(fixture.world.sign_in_to_procore(&fixture.app, &elsewhere, MANAGER).await);
        assert!(why.contains("1 push is under way in the account Whitfield") && why.contains("is not in the account"), "{why}");
        belongs(true);
        fixture.world.sign_in_to_procore(&fixture.app, &elsewhere, MANAGER).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_login_outside_of_the_offices_account_is_refused_with_its_name(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.calls();
        let refused = fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), "owner@cascademech.example").await;
        let why = sentence(refused);
        assert!(why.contains("Whitfield") && why.contains("is not in the account"), "{why}");
        let revoked = fixture.calls().iter().any(|call| call.ends_with("/oauth/revoke"));
        assert!(revoked, "nobody keeps a token that nobody may use");
        // The former sign-in stands, and what it does goes on.
        let cors = fixture.mechanical(&[10]);
        fixture.push(&cors).into_event("002").finished().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_revoked_sign_in_before_the_look_leaves_the_push_in_question(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, method, kind) in [(9, "POST", FaultKind::DropAfter), (10, "PATCH", FaultKind::HangBefore)] {
            let cors = fixture.mechanical(&[cor]);
            let wizard = fixture.push(&cors);
            let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
            let push = wizard.confirmed().await.unwrap();
            fixture.fault(method, kind);
            fixture.work().await;
            fixture.world.procore.revoke_tokens();
            fixture.work_through().await;
            assert!(matches!(fixture.stored(push).await.state, PushState::Parked { uncertain: true, .. }));
            assert_eq!(fixture.link(cors[0]).await.state, ProcoreState::Checking);
            fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), MANAGER).await.unwrap();
            fixture.work_through().await;
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn where_the_app_is_not_installed_the_push_waits_for_the_office_to_be_connected(store: Store) {
        let fixture = Fixture::on(store).await;
        let install = |connected| {
            let company_id = emulator::seed::WHITFIELD;
            fixture.world.procore.world(|w| w.act(WorldAction::ConnectApp { company_id, connected })).unwrap();
        };
        for (cor, new) in [(9, true), (10, false)] {
            let cors = fixture.mechanical(&[cor]);
            let wizard = fixture.push(&cors);
            let wizard = if new { wizard.into_new_event() } else { wizard.into_event("002") };
            let push = wizard.confirmed().await.unwrap();
            install(false);
            fixture.work().await;
            assert!(matches!(fixture.stored(push).await.state, PushState::Parked { .. }));
            assert!(fixture.link(cors[0]).await.reason.contains("not connected to this company"));
            install(true);
            connect::connect(&fixture.app, &fixture.made.owner, fixture.made.offices[0], emulator::seed::WHITFIELD).await.unwrap();
            fixture.work().await;
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn a_disconnected_office_holds_its_pushes_back(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        let parked = connect::disconnect(&fixture.app, &fixture.made.owner, fixture.made.offices[0]).await.unwrap().parked;
        assert_eq!(parked, 1);
        let link = fixture.link(cors[0]).await;
        assert_eq!(link.state, ProcoreState::WaitingForSignIn);
        assert!(link.reason.contains("office was disconnected"), "{}", link.reason);
        fixture.calls();
        fixture.work_through().await;
        assert_eq!(fixture.calls(), [""; 0], "nothing is asked of a disconnected account");

        // Connected again by another person: the one who pushes has no sign-in any more.
        fixture.world.sign_in_to_procore(&fixture.app, &fixture.made.owner, OWNER).await.unwrap();
        connect::connect(&fixture.app, &fixture.made.owner, fixture.made.offices[0], emulator::seed::WHITFIELD).await.unwrap();
        fixture.work().await;
        assert_eq!(fixture.link(cors[0]).await.state, ProcoreState::WaitingForSignIn);
        fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), MANAGER).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_parked_push_says_what_it_waits_for_and_who_can_do_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        let draft = fixture.stored(push).await.draft.unwrap();
        let standing = async |actor: &Actor| push::standing(&fixture.app, actor, draft).await.unwrap().remedy;
        let (manager, owner, office) = (fixture.actor(), &fixture.made.owner, fixture.made.offices[0]);
        assert_eq!(standing(manager).await, None, "it is under way");

        fixture.world.procore.revoke_tokens();
        fixture.work().await;
        assert_eq!(standing(manager).await, Some(Remedy::SignIn));
        let named = Remedy::SomebodySignsIn { name: manager.name.clone() };
        assert_eq!(standing(owner).await, Some(named), "it goes on as who asked for it");

        connect::disconnect(&fixture.app, owner, office).await.unwrap();
        assert_eq!(standing(owner).await, Some(Remedy::ConnectOffice { office, may: Ok(()) }));
        assert!(
            matches!(standing(manager).await, Some(Remedy::ConnectOffice { may: Err(denied), .. }) if denied.to_string().contains("Admin")),
            "signing in would not help"
        );

        let install = |connected| {
            let company_id = emulator::seed::WHITFIELD;
            fixture.world.procore.world(|w| w.act(WorldAction::ConnectApp { company_id, connected })).unwrap();
        };
        fixture.world.sign_in_to_procore(&fixture.app, owner, OWNER).await.unwrap();
        connect::connect(&fixture.app, owner, office, emulator::seed::WHITFIELD).await.unwrap();
        install(false);
        fixture.world.sign_in_to_procore(&fixture.app, manager, MANAGER).await.unwrap();
        fixture.work().await;
        assert_eq!(standing(owner).await, Some(Remedy::CheckConnection { office, may: Ok(()) }));
        install(true);
        connect::check(&fixture.app, owner, office).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        assert_eq!(standing(manager).await, None);
    }

    async fn the_log_and_the_cor_know_the_push_that_holds_a_cor(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        fixture.fault("POST", FaultKind::DropAfter);
        fixture.work().await;
        let query = LogQuery::parse("");
        let log = async || {
            read_log::log(&fixture.app, fixture.actor(), fixture.made.project, Side::Received, &query).await.unwrap().in_procore.under_way
        };
        let held = log().await;
        assert_eq!(held.keys().collect::<Vec<_>>(), cors.iter().collect::<Vec<_>>());
        let stored = fixture.stored(push).await;
        let way = &held[&cors[0]];
        assert_eq!((way.draft, &way.state, way.asked_at), (stored.draft, &stored.state, stored.created_at));
        assert!(matches!(way.state, PushState::Uncertain { .. }), "{way:?}");
        let seen = read_cor::cor(&fixture.app, fixture.actor(), cors[0]).await.unwrap();
        assert_eq!(seen.in_procore.under_way.get(&cors[0]), Some(way));
        fixture.work_through().await;
        assert!(log().await.is_empty());
        assert!(read_cor::cor(&fixture.app, fixture.actor(), cors[0]).await.unwrap().in_procore.under_way.is_empty());
    }

    async fn a_push_that_waits_for_sign_in_does_not_pass_a_disconnected_office(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let push = fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        fixture.world.procore.revoke_tokens();
        fixture.work().await;
        assert_eq!(fixture.stored(push).await.state.code(), "parked");
        connect::disconnect(&fixture.app, &fixture.made.owner, fixture.made.offices[0]).await.unwrap();
        fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), MANAGER).await.unwrap();
        fixture.calls();
        fixture.work_through().await;
        assert_eq!(fixture.calls(), [""; 0], "its office is not connected");

        fixture.world.sign_in_to_procore(&fixture.app, &fixture.made.owner, OWNER).await.unwrap();
        connect::connect(&fixture.app, &fixture.made.owner, fixture.made.offices[0], emulator::seed::WHITFIELD).await.unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn a_disconnect_does_not_shorten_the_quarantine(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, method) in [(9, "POST"), (10, "PATCH")] {
            let cors = fixture.mechanical(&[cor]);
            let wizard = fixture.push(&cors);
            let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
            wizard.confirmed().await.unwrap();
            fixture.fault(method, FaultKind::ExecuteLate { after_seconds: 115, silence: Silence::Close });
            fixture.work().await;
            connect::disconnect(&fixture.app, &fixture.made.owner, fixture.made.offices[0]).await.unwrap();
            fixture.world.sign_in_to_procore(&fixture.app, &fixture.made.owner, OWNER).await.unwrap();
            fixture.world.sign_in_to_procore(&fixture.app, fixture.actor(), MANAGER).await.unwrap();
            connect::connect(&fixture.app, &fixture.made.owner, fixture.made.offices[0], emulator::seed::WHITFIELD).await.unwrap();
            fixture.calls();
            fixture.work().await;
            assert_eq!(fixture.calls(), [""; 0], "the request may still be executed");
            fixture.work_through().await;
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn a_refusal_for_rate_waits_as_told(store: Store) {
        let fixture = Fixture::on(store).await;
        for (cor, method) in [(9, "POST"), (10, "PATCH"), (11, "GET")] {
            let cors = fixture.mechanical(&[cor]);
            let wizard = fixture.push(&cors);
            let wizard = if method == "POST" { wizard.into_new_event() } else { wizard.into_event("002") };
            wizard.confirmed().await.unwrap();
            fixture.fault(method, FaultKind::Status { status: 429, retry_after: Some(40), executed: false });
            fixture.work().await;
            fixture.world.advance(39);
            fixture.calls();
            fixture.work().await;
            assert_eq!(fixture.calls(), [""; 0]);
            fixture.world.advance(1);
            fixture.work().await;
            fixture.assert_once(&cors).await;
        }
        fixture.assert_done().await;
    }

    async fn a_used_up_limit_is_waited_for_and_never_overrun(store: Store) {
        let fixture = Fixture::on(store).await;
        // Fresh windows, few calls in each.
        fixture.world.advance(3700);
        fixture.world.procore.set_limits(RateLimits { hourly: 1_000, spike: 3, spike_seconds: 600 });
        let cors = fixture.mechanical(&[9, 10, 11, 12]);
        for cor in &cors {
            let wizard = fixture.push(std::slice::from_ref(cor)).into_event("002");
            // The wizard's own reading waits for its window too.
            loop {
                match wizard.planned().await {
                    Ok((draft, _)) => {
                        ledgerboard::push::confirm(&fixture.app, fixture.actor(), draft, None).await.unwrap();
                        break;
                    }
                    Err(error) => {
                        assert!(error.sentence().contains("limit of requests"), "{}", error.sentence());
                        fixture.world.advance(60);
                    }
                }
            }
            fixture.work_through().await;
        }
        fixture.assert_once(&cors).await;
        assert_eq!(fixture.refused_for_rate(), 0, "no refusal of our own making");
        fixture.assert_done().await;
    }
}
