//! What the report says while people push, edit, void and delete.

use domain::{
    Money,
    cor::Status,
    procore::{
        Amount, Side,
        reconciliation::{Category, Sum},
    },
    role::Role,
};
use ledgerboard::{
    Error,
    integration::map_project::{self, MapTo},
    reconciliation::{self, SignedScope},
};
use rust_decimal::Decimal;

use crate::{assert_adds_up, fixture::Fixture, numbers, read, side};

store::both_databases! {
    async fn nothing_was_pushed_and_all_of_procore_is_other_peoples(store: Store) {
        let fixture = Fixture::on(store).await;
        let report = read(&fixture).await;
        assert_adds_up(&fixture, &report).await;
        let received = side(&report, Side::Received);
        assert_eq!(received.sum(Category::Matched).count, 0);
        assert!(received.sum(Category::NotInProcore).count > 20);
        assert!(received.sum(Category::OnlyInProcore).there.money().unwrap() > Money::ZERO);
        let kept_out = received.of(Category::NotToPush).all(|cor| matches!(cor.status, Status::Draft | Status::Void));
        assert!(kept_out && received.sum(Category::NotToPush).gap.is_zero());
    }

    async fn each_cor_stands_in_one_category_and_the_sums_are_both_totals(store: Store) {
        let fixture = Fixture::on(store).await;
        // In an event with other people's lines; the second is changed afterwards.
        let pushed = fixture.mechanical(&[9, 10]);
        fixture.push(&pushed).into_event("002").line_items().finished().await;
        fixture.edit(pushed[1], |lines| lines.push(fixture.lump("One more damper", 12_345))).await;
        let report = read(&fixture).await;
        assert_adds_up(&fixture, &report).await;
        let received = side(&report, Side::Received);
        assert_eq!(received.of(Category::Matched).map(|cor| cor.cor).collect::<Vec<_>>(), [pushed[0]]);
        let differs: Vec<_> = received.of(Category::AmountDiffers).map(|cor| (cor.cor, cor.gap())).collect();
        assert_eq!(differs, [(pushed[1], Money::minor(12_345).into())]);
        let event = received.events.iter().find(|event| event.number == "002").unwrap();
        assert_eq!((event.cors, event.rest()), (2, event.amount - event.ours));
        assert!(!event.rest().is_zero(), "others have lines in it");

        // On its way: confirmed, and no worker yet.
        let waiting = fixture.mechanical(&[12]);
        fixture.push(&waiting).into_new_event().confirmed().await.unwrap();
        let report = read(&fixture).await;
        assert_adds_up(&fixture, &report).await;
        let received = side(&report, Side::Received);
        assert_eq!(received.of(Category::Waiting).map(|cor| cor.cor).collect::<Vec<_>>(), waiting);
        fixture.work().await;
        let report = read(&fixture).await;
        assert_adds_up(&fixture, &report).await;
        assert_eq!(side(&report, Side::Received).sum(Category::Waiting).count, 0);
    }

    async fn a_void_cor_that_is_in_procore_is_told_apart_until_it_is_out(store: Store) {
        let fixture = Fixture::on(store).await;
        let pushed = fixture.mechanical(&[9, 10]);
        fixture.push(&pushed).into_event("002").line_items().finished().await;
        let (void, now) = (fixture.cor(pushed[1]).await, fixture.app.now());
        let (by, total) = (void.sender.id, Amount::from(void.total()));
        fixture.app.store.write(move |tx| tx.of(by).set_cor_status(&void, Status::Void, now)).await.unwrap();
        let report = read(&fixture).await;
        assert_adds_up(&fixture, &report).await;
        let received = side(&report, Side::Received);
        assert_eq!(received.of(Category::ToTakeOut).map(|cor| cor.cor).collect::<Vec<_>>(), pushed[1..]);
        let sum = received.sum(Category::ToTakeOut);
        assert_eq!((sum.there, sum.gap), (total, -total));
        // On its way out it is there still.
        fixture.push(&pushed[1..]).confirmed().await.unwrap();
        let report = read(&fixture).await;
        assert_adds_up(&fixture, &report).await;
        assert_eq!(side(&report, Side::Received).sum(Category::ToTakeOut).gap, -total);
        fixture.work().await;
        let report = read(&fixture).await;
        assert_adds_up(&fixture, &report).await;
        let received = side(&report, Side::Received);
        assert_eq!(received.sum(Category::ToTakeOut).count, 0);
        assert!(received.of(Category::NotToPush).any(|cor| cor.cor == pushed[1] && cor.there.is_zero()));
    }

    async fn the_side_of_what_was_sent_is_compared_with_revenue(store: Store) {
        let fixture = Fixture::on(store).await;
        let sent = fixture.sent(2).await;
        fixture.push(&sent[..1]).sent().into_event("002").finished().await;
        let report = read(&fixture).await;
        assert_adds_up(&fixture, &report).await;
        let section = side(&report, Side::Sent);
        assert_eq!(section.of(Category::Matched).map(|cor| cor.cor).collect::<Vec<_>>(), sent[..1]);
        assert!(section.of(Category::NotInProcore).any(|cor| cor.cor == sent[1]));
    }

    async fn what_people_did_in_procore_moves_cors_out_of_the_forecast(store: Store) {
        let fixture = Fixture::on(store).await;
        let (one, other) = (fixture.mechanical(&[9]), fixture.mechanical(&[10]));
        fixture.push(&one).into_event("002").finished().await;
        fixture.push(&other).into_new_event().finished().await;
        let before = side(&read(&fixture).await, Side::Received).sum(Category::OnlyInProcore).there;
        fixture.world.procore.world(|w| {
            let harbor = w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id;
            let event = w.event_by_number(harbor, "002").unwrap().id;
            w.add_foreign_line(event, "Crane time", Decimal::new(250_075, 2)).unwrap();
        });
        let new = fixture.link(other[0]).await.event.unwrap();
        fixture.world.procore.world(|w| w.set_event_status(new, "void")).unwrap();
        let report = read(&fixture).await;
        assert_adds_up(&fixture, &report).await;
        let received = side(&report, Side::Received);
        assert_eq!(received.sum(Category::OnlyInProcore).there, before + Money::minor(250_075).into());
        let row = received.cors.iter().find(|cor| cor.cor == other[0]).unwrap();
        assert_eq!((row.category, row.there), (Category::NotInProcore, Amount::ZERO), "its event is void");
        assert_eq!(received.set_aside().filter(|event| event.id == new).count(), 1);
        assert!(numbers(received, Category::Matched).len() == 1);
    }

    async fn what_procore_keeps_in_another_currency_is_not_signed_off(store: Store) {
        let fixture = Fixture::on(store).await;
        let (app, actor, project) = (&fixture.app, fixture.actor(), fixture.made.project);
        fixture.push(&fixture.mechanical(&[9])).into_event("002").finished().await;
        fixture.world.procore.switches(|switches| switches.currency_named = true);
        let project_id = fixture.world.procore.world(|w| w.project_by_number(emulator::seed::HARBOR_POINT).unwrap().id);
        let cad = emulator::WorldAction::SetProjectCurrency { project_id, currency: "CAD".to_owned() };
        fixture.world.procore.world(|w| w.act(cad)).unwrap();
        map_project::unmap(app, actor, project).await.unwrap();
        let to = MapTo { asks_currency: true, ..MapTo::project(project_id) };
        map_project::map(app, actor, project, to).await.unwrap();
        let seen = read(&fixture).await;
        let received = seen.report.sections.iter().find(|section| section.side == Side::Received).unwrap();
        let reason = "kept in USD here and in CAD in Procore";
        assert_eq!(received.trouble().unwrap().reason(), reason);
        // Pushed or not, none counts as missing, and nothing stands for what nobody knows.
        let apart = received.sum(Category::NotComparable);
        let wanted = received.cors.iter().filter(|cor| cor.status.belongs_in_procore());
        assert_eq!(apart.count, wanted.clone().count());
        assert_eq!(apart.ours, wanted.map(|cor| cor.ours).sum::<Money>());
        for category in [Category::NotInProcore, Category::Matched, Category::AmountDiffers, Category::Waiting] {
            assert_eq!(received.sum(category), Sum::default(), "{category:?}");
        }
        let none = Amount::NotComparable;
        let others = received.sum(Category::OnlyInProcore);
        assert_eq!((others.count, others.there, others.gap), (0, none, none));
        assert_eq!((apart.there, apart.gap, received.events_total(), received.gap()), (none, none, none, none));
        let hindrance = seen.report.hindrance().unwrap();
        assert!(hindrance.contains("is kept in CAD and these amounts are in USD"), "{hindrance}");
        let typed = || reconciliation::NewSignature { figures: seen.figures.clone(), note: String::new() };
        let told = crate::fixture::sentence(reconciliation::sign_off(app, actor, SignedScope::Project(project), typed()).await);
        assert_eq!(told, hindrance);
        let (owner, office) = (&fixture.made.owner, fixture.made.offices[0]);
        let all = reconciliation::read(app, owner, SignedScope::Office(office)).await.unwrap();
        let typed = reconciliation::NewSignature { figures: all.figures, note: String::new() };
        let told = crate::fixture::sentence(reconciliation::sign_off(app, owner, SignedScope::Office(office), typed).await);
        assert_eq!(told, hindrance);
        // Mapped nowhere, nothing of them can be in Procore but what was pushed.
        map_project::unmap(app, actor, project).await.unwrap();
        let seen = reconciliation::read(app, actor, SignedScope::Project(project)).await.unwrap();
        let received = seen.report.sections.iter().find(|section| section.side == Side::Received).unwrap();
        assert!(received.sum(Category::NotInProcore).count > 0);
    }

    async fn an_office_is_all_its_projects_and_only_its_admins_see_it(store: Store) {
        let fixture = Fixture::on(store).await;
        let (app, made) = (&fixture.app, &fixture.made);
        let all = reconciliation::read(app, &made.owner, SignedScope::Office(made.offices[0])).await.unwrap();
        let own = reconciliation::read(app, &made.owner, SignedScope::Project(made.project)).await.unwrap();
        assert!(own.report.sections.iter().all(|section| all.report.sections.contains(section)));
        let denied = reconciliation::read(app, &made.manager, SignedScope::Office(made.offices[0])).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        let foreign = reconciliation::read(app, &made.subs[0], SignedScope::Office(made.offices[0])).await;
        assert!(matches!(foreign, Err(Error::NotFound)), "{foreign:?}");
        let mut field = made.manager.clone();
        field.role = Role::FieldUser;
        let denied = reconciliation::read(app, &field, SignedScope::Project(made.project)).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        let stranger = reconciliation::read(app, &made.subs[0], SignedScope::Project(domain::ProjectId(uuid::Uuid::nil()))).await;
        assert!(matches!(stranger, Err(Error::NotFound)), "{stranger:?}");
    }
}
