//! A token that only reads, and one that ends.

use std::{collections::BTreeMap, future::Future, pin::Pin};

use domain::{
    CorId, Currency, DraftId, OfficeId, ProjectId, PushId,
    cor::{Breakdown, Status},
    procore::{Side, push::Purpose},
    role::{Actor, Rights},
};
use http::Method;
use ledgerboard::{
    App, Error,
    account::api_tokens::{self, TokenInput},
    comparison,
    cor::{
        input::CorInput,
        set_status::{self, SetStatus},
        write::{self, EditCor},
    },
    integration::{currency, map_project},
    push, reconciliation,
};
use serde_json::json;
use uuid::Uuid;

use crate::caller::{Caller, DOCUMENT, Instance};
use crate::pushes::mapped;

/// Every operation that is no GET: its method, its path with ids that are nobody's, and its name.
fn deeds() -> Vec<(Method, String, String)> {
    let mut found = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(method, _)| *method != "get") {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            if operation["operationId"].is_null() {
                continue;
            }
            let parts =
                path.split('/').map(|part| if part.starts_with('{') { Uuid::nil().to_string() } else { part.into() });
            let path = parts.collect::<Vec<String>>().join("/");
            found.push((method, path, operation["operationId"].as_str().unwrap().to_owned()));
        }
    }
    found
}

async fn reader<'a>(instance: &'a Instance, actor: &Actor) -> Caller<'a> {
    let wanted = TokenInput { reads_only: true, ..TokenInput::called("A reader") };
    let token = api_tokens::make(&instance.world.app, actor, wanted).await.unwrap().token;
    Caller { world: &instance.world, token: Some(token) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_only_reads_may_ask_and_nothing_else() {
    let instance = Instance::furnished().await;
    let caller = reader(&instance, &instance.made.manager).await;
    let project = instance.made.project;
    for path in ["/projects".to_owned(), format!("/projects/{project}"), format!("/projects/{project}/log/received")] {
        caller.get(&path).await.expect(200);
    }
    for read in ["change-events", "reference"] {
        let said =
            caller.get(&format!("/projects/{project}/procore/{read}?refresh=true")).await.problem(403, "forbidden");
        assert!(said.contains("This API token only reads."), "{read}: {said}");
    }
    let deeds = deeds();
    assert!(deeds.len() > 25, "{deeds:?}");
    for (method, path, name) in deeds {
        let said = caller.call(method, &path, Some(json!({}))).await.problem(403, "forbidden");
        assert!(said.contains("This API token only reads."), "{name}: {said}");
    }
    let cors = caller.get(&format!("/projects/{project}/log/received")).await.expect(200).json;
    let cor = cors["rows"][0]["id"].as_str().unwrap();
    caller.put(&format!("/cors/{cor}/status"), json!({ "status": "void" })).await.problem(403, "forbidden");
    assert_eq!(caller.get(&format!("/projects/{project}/log/received")).await.json["totals"], cors["totals"]);
}

/// Days after everything was last read, its pages of Procore are still those.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_only_reads_asks_procore_nothing() {
    let instance = Instance::connected().await;
    let (world, project) = (&instance.world, instance.made.project);
    let manager = instance.manager().await;
    mapped(&instance, &manager).await;
    for list in ["change-events", "reference"] {
        manager.get(&format!("/projects/{project}/procore/{list}?refresh=true")).await.expect(200);
    }
    let rows = manager.get(&format!("/projects/{project}/log/received")).await.expect(200).json;
    let begin = json!({ "project_id": project, "side": "received", "cors": [rows["rows"][0]["id"]] });
    let drafts = manager.post("/push-drafts", begin).await.expect(201).json;
    let draft = drafts["drafts"][0]["id"].as_str().unwrap_or_else(|| panic!("{drafts}")).to_owned();
    let caller = reader(&instance, &instance.made.manager).await;
    world.advance(3 * 86_400);
    world.procore.clear_journal();
    for (path, status) in [
        (format!("/projects/{project}/procore/change-events"), 200),
        (format!("/projects/{project}/procore/reference"), 200),
        (format!("/push-drafts/{draft}"), 200),
        (format!("/projects/{project}/procore/projects"), 403),
    ] {
        let answer = caller.get(&path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.json);
    }
    let asked: Vec<String> = world.procore.journal().iter().map(|call| call.path.clone()).collect();
    assert_eq!(asked, [""; 0]);
}

type Verb<'a> = Pin<Box<dyn Future<Output = Option<Error>> + 'a>>;

/// Whatever may come before it, a verb refuses by itself.
#[tokio::test(flavor = "multi_thread")]
async fn every_verb_that_a_program_can_call_refuses_who_only_reads() {
    let instance = Instance::furnished().await;
    let app: &App = &instance.world.app;
    let actor = &Actor { rights: Rights::Reading, ..instance.made.manager.clone() };
    let (cor, draft) = (CorId(Uuid::nil()), DraftId(Uuid::nil()));
    let (project, id) = (ProjectId(Uuid::nil()), PushId(Uuid::nil()));
    macro_rules! verbs {
        ($($name:literal: $call:expr,)+) => {
            BTreeMap::from([$(($name, Box::pin(async move { $call.await.err() }) as Verb<'_>),)+])
        };
    }
    let typed = CorInput::default;
    let mut verbs = verbs! {
        "create": write::create(app, actor, project, typed()),
        "edit": write::edit(app, actor, EditCor { cor, revision: 1, typed: typed(), without_price: false }),
        "delete": write::delete_draft(app, actor, cor),
        "send": set_status::send(app, actor, cor),
        "set_status": set_status::set(app, actor, cor, SetStatus::plain(None, Status::Void)),
        "read": comparison::read_now(app, actor, cor),
        "accept": comparison::accept(app, actor, cor, "", ""),
        "leave": comparison::leave(app, actor, cor, ""),
        "unlink": comparison::unlink(app, actor, cor, ""),
        "plan_removal": comparison::plan(app, actor, cor, Purpose::Unlink),
        "remove": comparison::remove(app, actor, cor, Purpose::Unlink, ""),
        "map": map_project::map(app, actor, project, map_project::MapTo::project(1)),
        "state_currency": currency::state(app, actor, project, Currency::Usd),
        "unmap": map_project::unmap(app, actor, project),
        "sign_project": reconciliation::sign_off(
            app,
            actor,
            reconciliation::SignedScope::Project(project),
            reconciliation::NewSignature::default(),
        ),
        "sign_office": reconciliation::sign_off(
            app,
            actor,
            reconciliation::SignedScope::Office(OfficeId(Uuid::nil())),
            reconciliation::NewSignature::default(),
        ),
        "begin": push::begin(app, actor, project, Side::Received, vec![cor]),
        "choose_event": push::choose_event(app, actor, draft, push::ChosenEvent::existing(1)),
        "choose_lines": push::choose_known_lines(app, actor, draft, push::ChosenLines::in_detail(Breakdown::LumpSum)),
        "answer": push::answer(app, actor, draft, BTreeMap::new()),
        "plan": push::plan(app, actor, draft),
        "confirm": push::confirm(app, actor, draft, None),
        "pause": push::pause(app, actor, draft),
        "resume": push::resume(app, actor, draft),
        "cancel": push::cancel(app, actor, draft),
        "try_again": push::try_again(app, actor, draft),
        "pause_push": push::pause(app, actor, id),
        "resume_push": push::resume(app, actor, id),
        "cancel_push": push::cancel(app, actor, id),
        "try_push_again": push::try_again(app, actor, id),
        "look_for_push_now": push::look_now(app, actor, id),
        "say_push_is_not_there": push::not_there(app, actor, id),
    };
    for (_, _, name) in deeds() {
        let verb = verbs.remove(name.as_str()).unwrap_or_else(|| panic!("{name} is not among the verbs here"));
        let refused = verb.await;
        assert!(matches!(&refused, Some(Error::Denied(_))), "{name}: {refused:?}");
    }
    let more = api_tokens::make(app, actor, TokenInput::called("More")).await.unwrap_err();
    assert!(matches!(more, Error::Denied(_)), "nor does it make another one that may");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_says_when_it_ends_and_ends() {
    const DAY: i64 = 24 * 3600;
    let instance = Instance::furnished().await;
    let (app, manager) = (&instance.world.app, &instance.made.manager);
    for days in ["0", "366", "-1", "", "soon"] {
        let wanted = TokenInput { days: days.into(), ..TokenInput::called("Forever") };
        assert!(api_tokens::make(app, manager, wanted).await.is_err(), "{days}");
    }
    let wanted = TokenInput { days: "30".into(), ..TokenInput::called("A month") };
    let token = api_tokens::make(app, manager, wanted).await.unwrap().token;
    let caller = Caller { world: &instance.world, token: Some(token) };
    for (path, status) in [("/projects", 200), ("/nowhere", 404)] {
        let answer = caller.get(path).await.expect(status);
        assert_eq!(answer.headers["ledgerboard-token-expires"], "2026-12-23T17:00:00Z", "{path}");
    }
    instance.world.advance(30 * DAY - 1);
    caller.get("/projects").await.expect(200);
    instance.world.advance(1);
    caller.get("/projects").await.problem(401, "unauthenticated");
}
