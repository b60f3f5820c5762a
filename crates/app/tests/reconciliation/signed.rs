//! What was signed off stays as it was, and is compared with what came after.

use domain::procore::reconciliation::{Category, compare::Became};
use ledgerboard::{
    Error,
    reconciliation::{self, NewSignature, SignedScope},
};
use store::StoreError;

use crate::{
    fixture::{Fixture, sentence},
    read,
};

fn typed(figures: &str) -> NewSignature {
    NewSignature { figures: figures.to_owned(), note: "October, agreed with Ruth".to_owned() }
}

store::both_databases! {
    async fn nobody_signs_what_they_did_not_see(store: Store) {
        let fixture = Fixture::on(store).await;
        let (app, actor, project) = (&fixture.app, fixture.actor(), fixture.made.project);
        let seen = read(&fixture).await;
        fixture.edit(fixture.mechanical(&[9])[0], |lines| lines.push(fixture.lump("One more", 1))).await;
        let why = sentence(reconciliation::sign_off(app, actor, SignedScope::Project(project), typed(&seen.figures)).await);
        assert!(why.contains("The figures changed"), "{why}");
        let long = NewSignature { note: "x".repeat(501), ..typed(&seen.figures) };
        assert!(matches!(reconciliation::sign_off(app, actor, SignedScope::Project(project), long).await, Err(Error::Invalid(_))));
        // Read again without a change in between, they are the same figures.
        let seen = read(&fixture).await;
        fixture.world.advance(600);
        let again = read(&fixture).await;
        assert_ne!(seen.report, again.report, "the time of reading differs");
        let mut field = actor.clone();
        field.role = domain::role::Role::FieldUser;
        let denied = reconciliation::sign_off(app, &field, SignedScope::Project(project), typed(&seen.figures)).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        reconciliation::sign_off(app, actor, SignedScope::Project(project), typed(&seen.figures)).await.unwrap();
        assert_eq!(read(&fixture).await.signed.len(), 1);
    }

    async fn a_signature_stays_and_tampering_shows(store: Store) {
        let fixture = Fixture::on(store).await;
        let (app, actor, project) = (&fixture.app, fixture.actor(), fixture.made.project);
        // A real clock is finer than what is stored of it.
        fixture.world.clock.advance(jiff::SignedDuration::from_nanos(1_234_567));
        let seen = read(&fixture).await;
        let id = reconciliation::sign_off(app, actor, SignedScope::Project(project), typed(&seen.figures)).await.unwrap();
        fixture.push(&fixture.mechanical(&[9])).into_event("002").finished().await;
        let kept = reconciliation::signed(app, actor, id).await.unwrap();
        assert_eq!((kept.report, kept.intact), (seen.report, true));
        assert_eq!((kept.signature.signed_by, kept.signature.note), (actor.name.clone(), "October, agreed with Ruth".into()));
        let stranger = reconciliation::signed(app, &fixture.made.subs[0], id).await;
        assert!(matches!(stranger, Err(Error::NotFound)), "{stranger:?}");
        let tampered: Result<_, StoreError> = app
            .store
            .write(move |tx| {
                tx.exec("UPDATE reconciliation SET body = replace(body, 'not_to_push', 'matched')", &[])
            })
            .await;
        assert_eq!(tampered.unwrap(), 1);
        assert!(!reconciliation::signed(app, actor, id).await.unwrap().intact);
    }

    async fn the_next_month_tells_what_moved(store: Store) {
        let fixture = Fixture::on(store).await;
        let (app, actor, project) = (&fixture.app, fixture.actor(), fixture.made.project);
        let pushed = fixture.mechanical(&[9, 10]);
        fixture.push(&pushed[..1]).into_event("002").finished().await;
        let october = read(&fixture).await;
        let october = reconciliation::sign_off(app, actor, SignedScope::Project(project), typed(&october.figures)).await.unwrap();
        fixture.world.advance(30 * 86_400);
        fixture.push(&pushed[1..]).into_event("002").finished().await;
        fixture.edit(pushed[0], |lines| lines.push(fixture.lump("One more damper", 500))).await;
        let november = read(&fixture).await;
        let november = reconciliation::sign_off(app, actor, SignedScope::Project(project), typed(&november.figures)).await.unwrap();
        for (from, to) in [(october, Some(november)), (november, Some(october)), (october, None)] {
            let told = reconciliation::compare(app, actor, from, to).await.unwrap();
            assert_eq!(told.before.id, october, "the earlier one first, whichever was named first");
            let section = &told.sections[0];
            let moved: Vec<_> = section.changes.iter().map(|c| (c.cor.unwrap(), c.became)).collect();
            assert_eq!(moved, [(pushed[0], Became::Moved), (pushed[1], Became::Moved)]);
            let stood = |n: usize| section.changes[n].before.zip(section.changes[n].after).unwrap();
            assert_eq!(stood(0).1.category, Category::AmountDiffers);
            assert_eq!((stood(1).0.category, stood(1).1.category), (Category::NotInProcore, Category::Matched));
        }
        let office = reconciliation::read(app, &fixture.made.owner, SignedScope::Office(fixture.made.offices[0])).await.unwrap();
        let figures = typed(&office.figures);
        let of_office = reconciliation::sign_off(app, &fixture.made.owner, SignedScope::Office(fixture.made.offices[0]), figures).await.unwrap();
        let why = sentence(reconciliation::compare(app, &fixture.made.owner, october, Some(of_office)).await);
        assert!(why.contains("same project or office"), "{why}");
        let hidden = reconciliation::signed(app, actor, of_office).await;
        assert!(matches!(hidden, Err(Error::Denied(_))), "{hidden:?}");
    }
}
