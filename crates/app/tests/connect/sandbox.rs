//! The check of a sandbox: the emulator is the sandbox, and each switch is an answer that the report has to tell.

use std::time::Duration;

use emulator::{
    Switches,
    seed::{HARBOR_POINT, WHITFIELD},
};
use ledgerboard::{
    procore_check::{CheckReport, CheckSubject, Held, Stopped, run},
    testing::{World, callback},
};
use procore::model::{CompanyId, ProjectId};
use store::sqlite_only;

/// Turns one switch.
type Turn = fn(&mut Switches);

const NAME: &str = "Harbor Point Medical Office";

async fn check(world: &World, write_into: Option<&str>) -> Result<CheckReport, Stopped> {
    let procore = &world.app.procore;
    let authorize = procore.authorize_url("state", &procore::pkce_challenge("v"));
    let back = world.allow(&authorize, "r.calloway@whitfieldsons.example").await;
    let token = procore.exchange_code(&callback(&back).code, "v").await.unwrap().access;
    let (company, project) =
        (CompanyId(WHITFIELD), world.procore.world(|at| at.project_by_number(HARBOR_POINT).unwrap().id));
    let session = procore.acting(token, Some(company));
    run(CheckSubject { session, company, project: ProjectId(project), patience: Duration::ZERO }, write_into).await
}

fn events(world: &World) -> usize {
    world.procore.world(|at| at.change_events.values().filter(|event| event.deleted_at.is_none()).count())
}

fn written(world: &World) -> usize {
    world.procore.journal().iter().filter(|one| one.method != "GET" && one.path.starts_with("/rest")).count()
}

sqlite_only! {
    async fn reading_alone_writes_nothing_and_names_nobody(store: Store) {
        let world = World::on(store);
        let report = check(&world, None).await.unwrap();
        assert_eq!(written(&world), 0);
        assert!((18..=25).contains(&report.requests), "{}", report.requests);
        let text = report.to_string();
        assert!(report.findings.len() > 20, "{text}");
        for secret in ["Harbor", "Whitfield", "Cascade", "598134325", "38,115", "38115", "VAV"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert_eq!(report.of("lists_say_their_length").unwrap().held, Held::AsExpected);
        world.procore.switches(|s| s.lists_say_their_length = false);
        assert_eq!(check(&world, None).await.unwrap().of("lists_say_their_length").unwrap().held, Held::Otherwise);
    }

    async fn writing_tells_each_switch_both_ways_and_leaves_nothing_behind(store: Store) {
        let world = World::on(store);
        let before = events(&world);
        let turned: [(&str, Turn); 7] = [
            ("unlisted_lines_dropped", |s| s.unlisted_lines_dropped = true),
            ("refusal_is_atomic", |s| s.refusal_is_atomic = false),
            ("deleted_lines_shown", |s| s.deleted_lines_shown = false),
            ("closed_events_refuse_edits", |s| s.closed_events_refuse_edits = true),
            ("idempotency_honoured", |s| s.idempotency_honoured = true),
            ("fields_filled_in", |s| s.fields_filled_in = true),
            ("cost_wants_numbers", |s| s.cost_wants_numbers = true),
        ];
        let report = check(&world, Some(NAME)).await.unwrap();
        for (switch, _) in turned {
            let found = report.findings.iter().rfind(|finding| finding.switch == Some(switch)).unwrap();
            assert_eq!(found.held, Held::AsExpected, "{found:?}");
        }
        assert_eq!((report.left, events(&world)), (0, before));
        for (switch, turn) in turned {
            let former = world.procore.switches(|s| { let former = s.clone(); turn(s); former });
            let report = check(&world, Some(NAME)).await.unwrap();
            let found = report.findings.iter().rfind(|finding| finding.switch == Some(switch)).unwrap();
            assert_eq!(found.held, Held::Otherwise, "{found:?}");
            assert_eq!((report.left, events(&world)), (0, before), "{switch}");
            world.procore.switches(|s| *s = former);
        }
    }

    async fn nothing_is_written_into_a_project_of_another_name(store: Store) {
        let world = World::on(store);
        let stopped = check(&world, Some("Harbor Point")).await.unwrap_err();
        assert!(stopped.to_string().contains("Nothing was written"), "{stopped}");
        assert_eq!(written(&world), 0);
    }
}
