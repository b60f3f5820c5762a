//! Two clicks, two windows, two workers: one effect.

use domain::procore::push_state::ProcoreState;
use ledgerboard::push;
use sync::Worker;

use crate::fixture::{Fixture, sentence};

store::both_databases! {
    async fn a_second_click_answers_the_same_push(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let (draft, _) = fixture.push(&cors).into_new_event().planned().await.unwrap();
        let click = || push::confirm(&fixture.app, fixture.actor(), draft, None);
        let (one, two) = tokio::join!(click(), click());
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one, two);
        fixture.work().await;
        assert_eq!(click().await.unwrap(), one);
        fixture.work().await;
        fixture.assert_once(&cors).await;
        fixture.assert_done().await;
    }

    async fn two_windows_cannot_both_push_a_cor(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        let (a, _) = fixture.push(&cors).into_new_event().planned().await.unwrap();
        let (b, _) = fixture.push(&cors).into_event("002").planned().await.unwrap();
        let events = fixture.events_in_procore();
        let other = fixture.world.another_process(3);
        let (one, two) = tokio::join!(
            push::confirm(&fixture.app, fixture.actor(), a, None),
            push::confirm(&other, fixture.actor(), b, None)
        );
        assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
        let won = one.is_ok();
        let why = sentence(if won { two } else { one });
        assert!(why.contains("is being pushed already") || why.contains("Look at the plan again"), "{why}");
        fixture.work().await;
        fixture.assert_once(&cors).await;
        assert_eq!(fixture.events_in_procore(), events + usize::from(won));
        fixture.assert_done().await;
    }

    async fn a_cor_in_flight_is_in_nobody_elses_hands(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_new_event().confirmed().await.unwrap();
        let why = sentence(fixture.push(&cors).into_event("002").planned().await);
        assert!(why.contains("is being pushed already (In progress)"), "{why}");
        fixture.work().await;
        fixture.assert_done().await;
    }

    async fn workers_of_two_processes_share_the_outbox(store: Store) {
        let fixture = Fixture::on(store).await;
        let events = fixture.events_in_procore();
        let cors = fixture.mechanical(&[7, 8, 9, 10, 11, 12]);
        // Three to the same event, three to events of their own.
        for (n, cor) in cors.iter().enumerate() {
            let wizard = fixture.push(std::slice::from_ref(cor)).line_items();
            let wizard = if n % 2 == 0 { wizard.into_event("002") } else { wizard.into_new_event() };
            wizard.confirmed().await.unwrap();
        }
        let workers = [2, 3, 4].map(|seed| Worker::new(&fixture.world.another_process(seed)));
        let [one, two, three] = &workers;
        let ran = tokio::join!(one.run_until_idle(), two.run_until_idle(), three.run_until_idle());
        ran.0.and(ran.1).and(ran.2).unwrap();
        fixture.work().await;
        fixture.assert_once(&cors).await;
        assert_eq!(fixture.events_in_procore(), events + 3);
        let writes = fixture.calls().iter().filter(|c| !c.starts_with("GET")).count();
        assert_eq!(writes, 6, "one request a push");
        fixture.assert_done().await;
    }

    async fn one_push_at_a_time_writes_to_an_event(store: Store) {
        let fixture = Fixture::on(store).await;
        let (one, two) = (fixture.mechanical(&[9]), fixture.mechanical(&[10]));
        fixture.push(&one).into_event("002").confirmed().await.unwrap();
        fixture.push(&two).into_event("002").confirmed().await.unwrap();
        let other = Worker::new(&fixture.world.another_process(3));
        let first = fixture.carry(&fixture.worker(), 2).await;
        assert!(other.claim().await.unwrap().is_none(), "the event has one writer");
        let mut first = Some(first);
        while let Some(pass) = first {
            first = pass.advance().await.unwrap();
        }
        assert!(other.step().await.unwrap());
        fixture.assert_once(&[one[0], two[0]]).await;
        fixture.assert_done().await;
    }

    async fn both_companies_of_a_cor_have_a_link_of_their_own(store: Store) {
        let fixture = Fixture::on(store).await;
        let cors = fixture.mechanical(&[9]);
        fixture.push(&cors).into_new_event().finished().await;
        let (cor, theirs) = (cors[0], fixture.made.subs[0].company);
        let link = fixture.app.store.read(move |tx| tx.of(theirs).link_of(cor)).await.unwrap();
        assert_eq!(link, None, "whether the customer pushed it is not the sender's to know");
        let feed = fixture.app.store.read(move |tx| tx.of(theirs).feed(cor)).await.unwrap();
        assert!(feed.iter().all(|e| !e.text.contains("Change Event")), "{feed:?}");
        assert_eq!(fixture.link(cor).await.state, ProcoreState::UpToDate);
    }
}
