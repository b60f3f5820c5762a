//! Mapping a project to its Procore project.

use domain::Currency;
use emulator::seed::HARBOR_POINT;
use ledgerboard::{
    Error,
    integration::{
        map_project::{self, MapTo},
        project_mapping,
    },
};
use store::{StoreError, both_databases, testing::TestDb};
use uuid::Uuid;

use crate::cast::{Cast, STANDARD, sentence};

both_databases! {
    async fn a_project_is_mapped_changed_and_unmapped(store: Store) {
        let cast = Cast::connected(store).await;
        let (app, owner, project) = (&cast.world.app, &cast.owner, cast.project);
        let choices = project_mapping::choices(app, owner, emulator::seed::WHITFIELD).await.unwrap().choices;
        assert!(choices.len() >= 10 && choices.iter().any(|p| p.number == HARBOR_POINT));
        assert!(choices.is_sorted_by_key(|p| p.number.clone()), "{choices:?}");

        cast.map("24-102").await.unwrap();
        cast.map(HARBOR_POINT).await.unwrap();
        let page = project_mapping::look(app, owner, project).await.unwrap();
        let mapping = page.mapping.unwrap();
        assert_eq!(project_mapping::named(&mapping), "24-118 Harbor Point Medical Office");
        assert_eq!(mapping.mapped_by_name, "Renee Calloway");

        map_project::unmap(app, owner, project).await.unwrap();
        assert_eq!(project_mapping::look(app, owner, project).await.unwrap().mapping, None);
        assert!(matches!(map_project::unmap(app, owner, project).await, Err(Error::NotFound)));
    }

    async fn linked_cors_hold_their_project_to_its_mapping(store: Store) {
        let cast = Cast::mapped(store).await;
        let (app, owner, project) = (&cast.world.app, &cast.owner, cast.project);
        link_a_cor(&cast).await;
        let said = sentence(cast.map("24-102").await);
        assert!(said.starts_with("1 COR is linked to Change Events"), "{said}");
        cast.map(HARBOR_POINT).await.unwrap();
        // Removing it first is no way around.
        assert_eq!(project_mapping::look(app, owner, project).await.unwrap().links, 1);
        map_project::unmap(app, owner, project).await.unwrap();
        let said = sentence(cast.map("24-102").await);
        assert!(said.contains("or agree to unlink them"), "{said}");
        cast.map(HARBOR_POINT).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_projects_manager_maps_it_and_a_field_user_does_not() {
    let db = TestDb::sqlite().await;
    let cast = Cast::connected(db.store()).await;
    let app = &cast.world.app;
    let harbor = MapTo::project(cast.procore_project(HARBOR_POINT)).kept_in(Currency::Usd);
    let field_user = &cast.field_user;
    assert!(matches!(map_project::map(app, field_user, cast.project, harbor).await, Err(Error::Denied(_))));
    assert!(
        project_mapping::look(app, field_user, cast.project).await.unwrap().denied.contains("can map it to Procore")
    );

    let manager = &cast.manager;
    assert!(matches!(map_project::map(app, manager, cast.project, harbor).await, Err(Error::SignInToProcore(_))));
    cast.sign_in(manager, STANDARD).await;
    map_project::map(app, manager, cast.project, harbor).await.unwrap();
    let said = sentence(map_project::map(app, manager, cast.project, MapTo::project(1)).await);
    assert_eq!(said, "Choose a Procore project from the list.");
    let elsewhere = domain::ProjectId(Uuid::from_u128(99));
    assert!(matches!(map_project::map(app, manager, elsewhere, harbor).await, Err(Error::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_projects_are_offered() {
    let db = TestDb::sqlite().await;
    let cast = Cast::connected(db.store()).await;
    let action = emulator::WorldAction::AddProjects { company_id: emulator::seed::WHITFIELD, count: 400 };
    cast.world.procore.world(|world| world.act(action)).unwrap();
    cast.calls();
    let choices =
        project_mapping::choices(&cast.world.app, &cast.owner, emulator::seed::WHITFIELD).await.unwrap().choices;
    assert!(choices.len() > 400);
    assert_eq!(cast.calls(), ["GET /rest/v1.1/projects"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connected_office_there_is_nothing_to_map_to() {
    let db = TestDb::sqlite().await;
    let cast = Cast::on(db.store()).await;
    let said = sentence(cast.map(HARBOR_POINT).await);
    assert!(said.contains("is not connected to Procore"), "{said}");
}

/// A COR that was pushed into the mapped project.
async fn link_a_cor(cast: &Cast) {
    let (company, project) = (cast.owner.company, cast.project);
    let (person, harbor) = (cast.owner.person, cast.procore_project(HARBOR_POINT));
    let id = |n: u128| store::Val::Uuid(Uuid::from_u128(n));
    cast.world
        .app
        .store
        .write(move |tx| {
            let sub = id(2);
            tx.exec(
                "INSERT INTO company (id, name, name_key, claimed, created_at) VALUES ($1, 'Sub', 'sub', 0, 0)",
                std::slice::from_ref(&sub),
            )?;
            tx.exec(
                "INSERT INTO contract (id, project_id, customer_id, contractor_id, name, value, invited_by, created_at) \
                 VALUES ($1, $2, $3, $4, 'Mechanical', 0, $3, 0)",
                &[id(41), project.into(), company.into(), sub.clone()],
            )?;
            tx.exec(
                "INSERT INTO cor (id, project_id, contract_id, sender_id, receiver_id, number, number_key, title, \
                 description, customer_reference, status, currency, total, revision, priced, created_at, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, '1', '011', 'Valves', '', '', 'in_review', 'USD', 100, 1, 1, 0, 0)",
                &[id(51), project.into(), id(41), sub.clone(), company.into()],
            )?;
            tx.exec(
                "INSERT INTO push (id, company_id, project_id, person_id, procore_company_id, procore_project_id, queue, \
                 event_id, body, batches, state, state_body, attempt, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, 'x', 7, '', '', 'finished', '', 1, 0)",
                &[id(61), company.into(), project.into(), person.into(), emulator::seed::WHITFIELD.into(), harbor.into()],
            )?;
            tx.exec(
                "INSERT INTO link (id, company_id, cor_id, project_id, side, reference, event_id, breakdown, state, \
                 reason, pushed, pushed_amount) \
                 VALUES ($1, $2, $3, $4, 'received', 'r', 7, 'lump_sum', 'up_to_date', '', 1, '1')",
                &[id(71), company.into(), id(51), project.into()],
            )?;
            tx.exec(
                "INSERT INTO push_cor (push_id, position, cor_id, link_id, priced, previous, planned, outcome, why) \
                 VALUES ($1, 0, $2, $3, 1, '0', '1', 'written', '')",
                &[id(61), id(51), id(71)],
            )?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}
