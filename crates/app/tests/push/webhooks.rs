//! Procore tells of changes: hooks come and go with what they are for, and what is delivered, lost, doubled or out of
//! order leads to a look at the right event and to nothing else.

use axum::body::Body;
use domain::{Money, procore::push_state::ProcoreState};
use emulator::{Delivered, DeliveryFault, DeliveryFaultKind, Fault, FaultKind, webhooks};
use http::{Request, StatusCode};
use jiff::SignedDuration;
use ledgerboard::{
    App,
    integration::{connect, map_project},
    pages,
};
use store::testing::TestDb;
use sync::Listener;
use tower::ServiceExt as _;

use crate::fixture::{Fixture, OWNER};

const HOOKS: &str = "/webhooks/hooks";
const QUARTER: i64 = 15 * 60;

impl Fixture {
    fn listener(&self) -> Listener {
        Listener::new(&self.app)
    }

    /// Listens until nothing is due.
    pub async fn listen(&self) {
        self.listener().run_until_idle().await.unwrap();
    }

    /// Procore delivers what is due to the pages of this product.
    pub async fn deliver(&self) -> Delivered {
        self.world.procore.deliver(&webhooks::courier_into(pages::router(&self.app))).await
    }

    pub async fn listen_after(&self, time: SignedDuration) {
        self.world.clock.advance(time);
        self.listen().await;
    }

    /// What came of each delivery, oldest first.
    async fn heard(&self) -> Vec<String> {
        let heard = self.app.store.read(|tx| {
            tx.query("SELECT outcome FROM webhook_inbox ORDER BY received_at, delivery_id", &[], |row| row.get(0))
        });
        heard.await.unwrap()
    }

    /// The events to be read because something was delivered: those that are due within the minute.
    pub async fn watched(&self) -> Vec<i64> {
        let until = self.app.now() + SignedDuration::from_secs(10);
        let watched = self.app.store.read(move |tx| {
            let sql = "SELECT DISTINCT event_id FROM watch_event WHERE due_at <= $1 ORDER BY event_id";
            tx.query(sql, &[until.into()], |row| row.get(0))
        });
        watched.await.unwrap()
    }

    /// Whether everything of the project is to be read at once.
    async fn all_watched(&self) -> bool {
        let until = self.app.now() + SignedDuration::from_secs(10);
        let watched: Result<Vec<i64>, _> = self
            .app
            .store
            .read(move |tx| {
                tx.query("SELECT 1 FROM watch WHERE scheduled_at <= $1", &[until.into()], |row| {
                    row.get::<i32>(0).map(i64::from)
                })
            })
            .await;
        !watched.unwrap().is_empty()
    }

    async fn forget_watches(&self) {
        let far = self.app.now() + SignedDuration::from_hours(1000);
        let (company, project) = (self.actor().company, self.made.project);
        let forgotten = self.app.store.write(move |tx| {
            tx.of(company).watch_soon(project, None, far)?;
            tx.exec("DELETE FROM watch_event", &[])?;
            tx.exec("UPDATE watch SET due_at = $1, scheduled_at = $1", &[far.into()])?;
            tx.exec("DELETE FROM webhook_inbox", &[])
        });
        forgotten.await.unwrap();
    }

    /// A pushed COR, with Procore's deliveries about it heard and forgotten.
    pub async fn pushed(&self) -> i64 {
        self.listen().await;
        self.push(&self.mechanical(&[10])).into_event("002").line_items().finished().await;
        self.world.advance(600);
        self.deliver().await;
        self.listen().await;
        self.forget_watches().await;
        self.world.procore.clear_journal();
        self.event("002")
    }

    fn close(&self, event: i64, status: &str) {
        self.world.procore.world(|w| w.set_event_status(event, status)).unwrap();
    }
}

async fn bring(app: &App, hook: &str, authorization: Option<&str>, body: Vec<u8>) -> StatusCode {
    let mut request = Request::post(format!("/procore/webhooks/{hook}")).header("content-type", "application/json");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let Ok(answer) = pages::router(app).oneshot(request.body(Body::from(body)).unwrap()).await;
    answer.status()
}

store::both_databases! {
    async fn a_hook_comes_with_the_mapping_and_goes_with_the_connection(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.listen().await;
        let hooks = fixture.world.procore.hooks();
        assert_eq!(hooks.len(), 1);
        let hook = &hooks[0];
        assert!(hook.destination_url.starts_with("http://127.0.0.1:8080/procore/webhooks/"), "{}", hook.destination_url);
        assert_eq!(hook.triggers.len(), 6);
        let secret = hook.authorization.as_deref().unwrap().strip_prefix("Bearer ").unwrap();
        assert_eq!(secret.len(), 43, "256 bits");
        let stored = fixture.app.store.read(|tx| tx.query("SELECT secret FROM webhook", &[], |row| row.get::<Vec<u8>>(0)));
        let stored = stored.await.unwrap();
        assert!(!String::from_utf8_lossy(&stored[0]).contains(&secret[..8]), "the secret is sealed");
        let office = fixture.made.offices[0];
        let shown = connect::look(&fixture.app, &fixture.made.owner, office).await.unwrap();
        assert!(matches!(shown.hooks, Some(hooks) if (hooks.live, hooks.wanted) == (1, 0)));
        fixture.calls();
        fixture.listen().await;
        assert_eq!(fixture.calls(), Vec::<String>::new(), "what is as it should be costs nothing until tomorrow");

        // Mapped elsewhere: another hook. Disconnected: none.
        map_project::unmap(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        fixture.listen().await;
        assert_eq!(fixture.world.procore.hooks().len(), 0);
        let harbor = fixture.world.procore.world(|w| w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id);
        let to = map_project::MapTo::project(harbor).kept_in(domain::Currency::Usd);
        map_project::map(&fixture.app, fixture.actor(), fixture.made.project, to).await.unwrap();
        fixture.listen().await;
        let again = fixture.world.procore.hooks();
        assert_ne!(again[0].authorization, hook.authorization, "each hook has a secret of its own");
        connect::disconnect(&fixture.app, &fixture.made.owner, office).await.unwrap();
        assert_eq!(fixture.world.procore.hooks().len(), 0, "gone before the sign-ins are");
        fixture.listen().await;
        fixture.assert_wire();
    }

    async fn a_hook_is_made_once_however_its_request_ends(store: Store) {
        let kinds = [
            FaultKind::Refuse,
            FaultKind::DropAfter,
            FaultKind::CutBody,
            FaultKind::Status { status: 502, retry_after: None, executed: true },
            FaultKind::Status { status: 500, retry_after: None, executed: false },
            FaultKind::ExecuteLate { after_seconds: 60, silence: emulator::Silence::Close },
        ];
        let fixture = Fixture::on(store).await;
        for path in [HOOKS, "/triggers/bulk"] {
            for kind in &kinds {
                fixture.world.procore.fault(Fault::next("POST", path, kind.clone()));
                fixture.listen().await;
                fixture.listen_after(SignedDuration::from_mins(3)).await;
                let hooks = fixture.world.procore.hooks();
                assert_eq!(hooks.len(), 1, "{kind:?}");
                assert_eq!(hooks[0].triggers.len(), 6, "{kind:?}");
                assert!(fixture.world.procore.faults().is_empty(), "{kind:?} was met");
                map_project::unmap(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
                fixture.listen().await;
                assert_eq!(fixture.world.procore.hooks().len(), 0);
                let harbor = fixture.world.procore.world(|w| w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id);
                let to = map_project::MapTo::project(harbor).kept_in(domain::Currency::Usd);
                map_project::map(&fixture.app, fixture.actor(), fixture.made.project, to).await.unwrap();
            }
        }
    }

    async fn a_request_executed_after_all_hope_leaves_no_second_hook(store: Store) {
        let fixture = Fixture::on(store).await;
        let late = FaultKind::ExecuteLate { after_seconds: 9999, silence: emulator::Silence::Close };
        fixture.world.procore.fault(Fault::next("POST", HOOKS, late));
        fixture.listen().await;
        fixture.listen_after(SignedDuration::from_mins(3)).await;
        assert_eq!(fixture.world.procore.hooks().len(), 1);
        fixture.world.procore.run_late();
        assert_eq!(fixture.world.procore.hooks().len(), 2);
        fixture.listen_after(SignedDuration::from_hours(25)).await;
        let hooks = fixture.world.procore.hooks();
        assert_eq!((hooks.len(), hooks[0].triggers.len()), (1, 6));
    }

    async fn a_hook_that_somebody_removed_in_procore_is_made_again_and_the_gap_is_read(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.pushed().await;
        let hook = fixture.world.procore.hooks()[0].id;
        fixture.world.procore.remove_hook(hook);
        fixture.listen_after(SignedDuration::from_hours(25)).await;
        let hooks = fixture.world.procore.hooks();
        assert_eq!((hooks.len(), hooks[0].triggers.len()), (1, 6));
        assert!(fixture.all_watched().await, "nobody told what happened meanwhile");
    }

    async fn our_own_pushes_are_recognised_and_what_others_do_is_read_once(store: Store) {
        let fixture = Fixture::on(store).await;
        fixture.listen().await;
        for (named, cor) in [(true, 10), (false, 11)] {
            fixture.world.procore.switches(|s| s.deliveries_name_their_source = named);
            fixture.push(&fixture.mechanical(&[cor])).into_event("002").line_items().finished().await;
            let brought = fixture.deliver().await;
            assert!(brought.accepted > 2 && brought.failed == 0, "{brought:?}");
            fixture.listen().await;
            let heard = fixture.heard().await;
            assert!(heard.iter().all(|outcome| outcome == "ours"), "named {named}: {heard:?}");
            fixture.world.advance(600);
            fixture.forget_watches().await;

            let event = fixture.event("002");
            let lines = fixture.lines_of(fixture.mechanical(&[cor])[0]).await;
            fixture.close(event, if named { "pending" } else { "open" });
            fixture.world.procore.world(|w| w.delete_line(lines[0].1.id)).unwrap();
            fixture.deliver().await;
            fixture.listen().await;
            assert_eq!(fixture.heard().await, ["looked at", "looked at"], "the event, and the line that we know");
            assert_eq!(fixture.watched().await, [event]);
            assert!(!fixture.all_watched().await);
            fixture.forget_watches().await;
            fixture.world.advance(600);
            fixture.assert_wire();
        }
    }

    async fn deliveries_come_twice_and_in_any_order_and_are_stored_once(store: Store) {
        let fixture = Fixture::on(store).await;
        let event = fixture.pushed().await;
        for kind in [DeliveryFaultKind::Double, DeliveryFaultKind::Reorder, DeliveryFaultKind::Delay { seconds: 30 }] {
            fixture.world.procore.delivery_fault(DeliveryFault::any(1, kind));
            for status in ["pending", "closed", "open"] {
                fixture.close(event, status);
            }
            let first = fixture.deliver().await;
            fixture.world.advance(31);
            let second = fixture.deliver().await;
            let doubled = usize::from(kind == DeliveryFaultKind::Double);
            assert_eq!(first.accepted + second.accepted, 3 + doubled, "{kind:?}");
            fixture.listen().await;
            assert_eq!(fixture.heard().await.len(), 3, "{kind:?}");
            assert_eq!(fixture.watched().await, [event], "{kind:?}");
            fixture.forget_watches().await;
        }
    }

    async fn what_is_stored_survives_the_process_that_stored_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let event = fixture.pushed().await;
        fixture.close(event, "closed");
        fixture.deliver().await;
        // The process dies here. Another one finds it.
        let other = Listener::new(&fixture.world.another_process(7));
        other.run_until_idle().await.unwrap();
        assert_eq!(fixture.heard().await, ["looked at"]);
        assert_eq!(fixture.watched().await, [event]);
        fixture.listen_after(SignedDuration::from_hours(24 * 6)).await;
        other.prune().await.unwrap();
        assert_eq!(fixture.heard().await.len(), 1, "it may come again for twelve hours");
        fixture.listen_after(SignedDuration::from_hours(24 * 2)).await;
        other.prune().await.unwrap();
        assert_eq!(fixture.heard().await, Vec::<String>::new());
    }

    async fn a_line_of_somebody_elses_has_everything_read_unless_its_event_is_named(store: Store) {
        let fixture = Fixture::on(store).await;
        let event = fixture.pushed().await;
        let add = |event: i64| {
            let added = fixture.world.procore.world(|w| w.add_foreign_line(event, "Theirs", 100.into()));
            added.unwrap();
        };
        add(event);
        fixture.deliver().await;
        fixture.listen().await;
        assert!(fixture.all_watched().await);
        fixture.forget_watches().await;
        fixture.world.procore.switches(|s| s.line_change_updates_event = true);
        add(fixture.event("003"));
        fixture.deliver().await;
        fixture.listen().await;
        let heard = fixture.heard().await;
        assert!(heard.contains(&"not linked".to_owned()), "an event that no COR is linked to: {heard:?}");
        assert_eq!(fixture.watched().await, Vec::<i64>::new());
    }

    async fn a_disconnect_without_procore_leaves_the_hook_to_be_removed_later(store: Store) {
        let fixture = Fixture::on(store).await;
        let event = fixture.pushed().await;
        let office = fixture.made.offices[0];
        fixture.world.procore.fault(Fault::next("GET", HOOKS, FaultKind::Refuse).times(2));
        connect::disconnect(&fixture.app, &fixture.made.owner, office).await.unwrap();
        fixture.world.procore.clear_faults();
        assert_eq!(fixture.world.procore.hooks().len(), 1);
        fixture.listen().await;
        fixture.close(event, "closed");
        assert_eq!(fixture.deliver().await, Delivered { accepted: 0, failed: 1 }, "nobody listens to it any more");
        assert_eq!(fixture.heard().await, Vec::<String>::new());
        // Somebody signs in again, for whatever reason.
        fixture.world.sign_in_to_procore(&fixture.app, &fixture.made.owner, OWNER).await.unwrap();
        fixture.listen_after(SignedDuration::from_hours(2)).await;
        assert_eq!(fixture.world.procore.hooks().len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_procore_is_believed() {
    let db = TestDb::sqlite().await;
    let fixture = Fixture::on(db.store()).await;
    let event = fixture.pushed().await;
    let hook = fixture.world.procore.hooks()[0].clone();
    let id = hook.destination_url.rsplit('/').next().unwrap().to_owned();
    let secret = hook.authorization.unwrap();
    fixture.close(event, "closed");
    let body = fixture.world.procore.deliveries().last().unwrap().payload.to_string().into_bytes();

    let stranger = uuid::Uuid::from_u128(77).to_string();
    let longer = format!("{secret}0");
    let wrong = format!("{}x", &secret[..secret.len() - 1]);
    let dummy = format!("Bearer {}", "0".repeat(43));
    for (id, authorization) in [
        (id.as_str(), None),
        (id.as_str(), Some("")),
        (id.as_str(), Some(wrong.as_str())),
        (id.as_str(), Some(longer.as_str())),
        (id.as_str(), Some("Bearer ")),
        (id.as_str(), Some(dummy.as_str())),
        (stranger.as_str(), Some(secret.as_str())),
        (stranger.as_str(), Some(dummy.as_str())),
        ("nonsense", Some(secret.as_str())),
    ] {
        assert_eq!(
            bring(&fixture.app, id, authorization, body.clone()).await,
            StatusCode::UNAUTHORIZED,
            "{authorization:?}"
        );
    }
    let huge = vec![b' '; 65 << 10];
    assert_eq!(bring(&fixture.app, &id, Some(&secret), huge).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(fixture.heard().await, Vec::<String>::new());

    assert_eq!(bring(&fixture.app, &id, Some(&secret), body.clone()).await, StatusCode::NO_CONTENT);
    // It was seen to come with and without the word before it.
    let bare = &secret["Bearer ".len()..];
    for authorization in [secret.as_str(), bare, &format!("bearer {bare}")] {
        assert_eq!(
            bring(&fixture.app, &id, Some(authorization), body.clone()).await,
            StatusCode::NO_CONTENT,
            "again is fine"
        );
    }
    assert_eq!(fixture.heard().await, ["waiting"]);
    fixture.listen().await;
    assert_eq!(fixture.watched().await, [event]);

    // What can't be read is no reason to make Procore stop; everything is read instead.
    fixture.forget_watches().await;
    assert_eq!(bring(&fixture.app, &id, Some(&secret), b"<html>".to_vec()).await, StatusCode::NO_CONTENT);
    fixture.listen().await;
    assert!(fixture.all_watched().await);
    fixture.forget_watches().await;
    for other in [
        r#"{"id":1,"resource_name":"Budgets","resource_id":5,"event_type":"update"}"#,
        r#"{"id":1,"resource_name":"Change Events","resource_id":5,"event_type":"update","project_id":1}"#,
    ] {
        assert_eq!(bring(&fixture.app, &id, Some(&secret), other.as_bytes().to_vec()).await, StatusCode::NO_CONTENT);
    }
    assert_eq!(fixture.heard().await, Vec::<String>::new(), "what it did not ask for is dropped");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_that_procore_gave_up_are_made_up_for_by_reading() {
    let db = TestDb::sqlite().await;
    let fixture = Fixture::on(db.store()).await;
    let event = fixture.pushed().await;
    // The instance is down: nothing is answered for thirteen hours.
    let down = webhooks::courier_into(tower::service_fn(|_: Request<Body>| async {
        let mut answer = http::Response::new(Body::empty());
        *answer.status_mut() = StatusCode::BAD_GATEWAY;
        Ok::<_, std::convert::Infallible>(answer)
    }));
    fixture.close(event, "closed");
    for _ in 0..30 {
        fixture.world.procore.deliver(&down).await;
        fixture.world.advance(1600);
    }
    assert_eq!(fixture.deliver().await, Delivered::default(), "it was thrown away");
    fixture.listen_after(SignedDuration::from_hours(24)).await;
    assert!(fixture.all_watched().await);
    let office = connect::look(&fixture.app, &fixture.made.owner, fixture.made.offices[0]).await.unwrap();
    assert!(matches!(&office.hooks, Some(hooks) if hooks.failing == 1), "{:?}", office.hooks);
    // A lost one that nobody knows of is left to the reading on schedule.
    fixture.forget_watches().await;
    fixture.world.procore.delivery_fault(DeliveryFault::any(1, DeliveryFaultKind::Lose));
    fixture.close(event, "open");
    assert_eq!(fixture.deliver().await, Delivered::default());
    fixture.listen().await;
    assert_eq!(fixture.watched().await, Vec::<i64>::new());
}

/// The delivery brings it within seconds; the schedule brings what was not delivered.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_seen_at_once_where_it_is_delivered_and_on_schedule_where_it_is_lost() {
    let db = TestDb::sqlite().await;
    let fixture = Fixture::on(db.store()).await;
    let cor = fixture.mechanical(&[10])[0];
    fixture.listen().await;
    fixture.push(&[cor]).into_event("002").finished().await;
    fixture.deliver().await;
    fixture.listen().await;
    fixture.later(200).await;
    fixture.later(QUARTER).await;
    let line = fixture.ids(cor).await[0];
    let edit = |amount: i64| fixture.in_procore(|w| w.edit_line(line, |l| l.cost.amount = amount.into()).unwrap());
    for (lost, amount) in [(true, 111), (false, 222)] {
        if lost {
            fixture.world.procore.delivery_fault(DeliveryFault::any(1, DeliveryFaultKind::Lose));
        }
        edit(amount);
        fixture.deliver().await;
        fixture.listen().await;
        fixture.later(10).await;
        let seen = fixture.link(cor).await.pushed_amount == Money::minor(amount * 100);
        assert_eq!(seen, !lost, "within seconds");
        fixture.later(QUARTER).await;
        assert_eq!(fixture.link(cor).await.pushed_amount, Money::minor(amount * 100), "lost {lost}");
    }
    assert_eq!(fixture.state(cor).await, ProcoreState::LineChanged);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_procore_refuses_is_told_and_tried_again() {
    let db = TestDb::sqlite().await;
    let fixture = Fixture::on(db.store()).await;
    fixture.world.procore.switches(|s| s.line_triggers_refused = true);
    fixture.listen().await;
    let told = || async {
        let shown = connect::look(&fixture.app, &fixture.made.owner, fixture.made.offices[0]).await.unwrap();
        let Some(hooks) = shown.hooks else { panic!("it is asked to tell") };
        hooks
    };
    let hooks = told().await;
    assert_eq!((hooks.live, hooks.wanted), (0, 1));
    assert!(hooks.trouble.contains("did not take every trigger"), "{hooks:?}");
    fixture.world.procore.switches(|s| s.line_triggers_refused = false);
    fixture.listen_after(SignedDuration::from_mins(61)).await;
    let hooks = told().await;
    assert_eq!((hooks.live, hooks.trouble.as_str()), (1, ""));
    assert_eq!((fixture.world.procore.hooks().len(), fixture.world.procore.hooks()[0].triggers.len()), (1, 6));

    // A Procore that does not echo the secret is not believed.
    fixture.world.procore.switches(|s| s.authorization_echoed = false);
    fixture.close(fixture.event("002"), "closed");
    assert_eq!(fixture.deliver().await, Delivered { accepted: 0, failed: 1 });
    assert_eq!(fixture.heard().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_procore_cannot_reach_has_no_hooks() {
    let db = TestDb::sqlite().await;
    let fixture = Fixture::on(db.store()).await;
    fixture.listen().await;
    assert_eq!(fixture.world.procore.hooks().len(), 1);
    let settings = ledgerboard::Settings { webhooks: false, ..(*fixture.app.settings).clone() };
    let mut off = fixture.app.clone();
    off.context.settings = std::sync::Arc::new(settings);
    Listener::new(&off).run_until_idle().await.unwrap();
    assert_eq!(fixture.world.procore.hooks().len(), 0, "the setting was turned off");
    let shown = connect::look(&off, &fixture.made.owner, fixture.made.offices[0]).await.unwrap();
    assert_eq!(shown.hooks, None);
}
