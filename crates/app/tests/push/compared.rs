//! What the log, a COR's page and its comparison with Procore say of the same thing is the same.

use domain::{
    Money,
    procore::{Amount, push_state::ProcoreState},
};
use ledgerboard::{
    comparison,
    integration::{change_events, currency},
    push,
};
use serde_json::json;

use crate::{
    fixture::Fixture,
    record_pages::{Program, Reader},
};

impl Fixture {
    async fn page(&self, path: &str) -> String {
        let (status, page) = Reader::of(self, self.actor()).await.read(path).await;
        assert_eq!(status, 200, "{page}");
        page.replace("&#39;", "'")
    }
}

store::sqlite_only! {
    async fn a_deleted_event_is_called_that_and_unlinking_says_what_it_does(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.mechanical(&[9])[0];
        fixture.push(&[cor]).into_new_event().finished().await;
        let event = fixture.link(cor).await.event.unwrap();
        let live = fixture.page(&format!("/cors/{cor}/drift")).await;
        assert!(live.contains("Unlink, keep the lines") && live.contains("counts twice"), "{live}");
        fixture.world.advance(60);
        fixture.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        comparison::read_now(&fixture.app, fixture.actor(), cor).await.unwrap();
        assert_eq!(fixture.state(cor).await, ProcoreState::EventDeleted);
        let page = fixture.page(&format!("/cors/{cor}/drift")).await;
        // Open it was when it was pushed, and nowhere else on the page.
        assert_eq!(page.matches(">Open<").count(), 1, "{page}");
        assert!(!page.contains("· Open") && page.contains("· Deleted, or not shown any more"), "{page}");
        assert!(!page.contains("counts twice") && !page.contains("keep the lines"), "{page}");
        assert!(page.contains("The lines were deleted with the Change Event and don’t count"), "{page}");
        let version = fixture.version(cor).await;
        let done = comparison::unlink(&fixture.app, fixture.actor(), cor, &version).await.unwrap();
        assert_eq!(done, comparison::Unlinked::LinesWent);
        let told = fixture.told(cor).await;
        assert!(told.iter().any(|text| text.contains("its lines went with it, as it was deleted there")), "{told:?}");
        // Pushed anew it is there once.
        fixture.push(&[cor]).into_event("002").finished().await;
        fixture.assert_once(&[cor]).await;
    }

    async fn an_accepted_difference_is_told_in_one_word_and_one_figure(store: Store) {
        let fixture = Fixture::on(store).await;
        let (accepted, left) = (fixture.mechanical(&[9])[0], fixture.mechanical(&[10])[0]);
        for (cor, cents) in [(accepted, 1), (left, -250)] {
            fixture.push(&[cor]).into_event("002").finished().await;
            let line = fixture.ids(cor).await[0];
            fixture.later(200).await;
            fixture.in_procore(|w| w.edit_line(line, |l| l.cost.amount += Money::minor(cents).to_decimal()).unwrap());
            fixture.later(900).await;
            assert_eq!(fixture.state(cor).await, ProcoreState::LineChanged);
        }
        comparison::accept(&fixture.app, fixture.actor(), accepted, &fixture.version(accepted).await, "").await.unwrap();
        comparison::leave(&fixture.app, fixture.actor(), left, &fixture.version(left).await).await.unwrap();
        let check = async || {
            for (cor, words) in [(accepted, "Difference of (0.01)"), (left, "Difference of +2.50")] {
                let link = fixture.link(cor).await;
                assert_eq!(link.state, ProcoreState::UpToDate);
                assert_eq!(link.reason.matches("Difference of").count(), 1, "{}", link.reason);
                let log = fixture.page(&format!("/projects/{}/log/received", fixture.made.project)).await;
                for page in [log, fixture.page(&format!("/cors/{cor}")).await, fixture.page(&format!("/cors/{cor}/drift")).await] {
                    assert!(page.contains(&format!(">{words}<")), "{words}: {page}");
                }
                let told = format!("{words}: Procore has ");
                let compared = fixture.page(&format!("/cors/{cor}/drift")).await;
                assert!(compared.contains(&told) && !compared.contains("Procore has what was pushed"), "{compared}");
            }
        };
        check().await;
        // Read again, it is the same; written over, it is gone.
        fixture.later(900).await;
        fixture.later(86_400).await;
        check().await;
        fixture.edit(accepted, |lines| lines.push(fixture.lump("More", 5_000))).await;
        fixture.push(&[accepted]).finished().await;
        fixture.assert_once(&[accepted]).await;
        assert_eq!(fixture.link(accepted).await.reason, "");
    }

    async fn a_contract_is_told_by_its_number_and_title(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.sent(1).await[0];
        fixture.push(&[cor]).sent().into_new_event().finished().await;
        let contract = fixture.data.prime_contracts[0].clone();
        fixture.later(900).await;
        let page = fixture.page(&format!("/cors/{cor}/drift")).await;
        assert!(page.contains(&contract.name()) && !page.contains(&format!(">{}<", contract.id)), "{page}");
        let seen = Program::of(&fixture, fixture.actor()).await.call("GET", &format!("/cors/{cor}/procore")).await;
        assert_eq!(seen["event_now"]["prime_contract"], json!(contract.name()), "{seen}");
        // The chooser names what its amounts are.
        let draft = fixture.push(&fixture.sent(1).await).sent().drafts().await.unwrap()[0];
        let page = fixture.page(&format!("/push/{draft}/event")).await;
        assert!(page.contains(">Revenue</th>") && !page.contains(">Total</th>"), "{page}");
        let draft = fixture.push(&fixture.mechanical(&[9])).drafts().await.unwrap()[0];
        let page = fixture.page(&format!("/push/{draft}/event")).await;
        assert!(page.contains(">Cost</th>") && !page.contains(">Total</th>"), "{page}");
    }

    async fn what_procore_adds_in_another_currency_is_no_amount(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.sent(1).await[0];
        let number = fixture.with_prime();
        let push = fixture.push(&[cor]).sent().into_event(&number).finished().await;
        let there = fixture.markup_of(fixture.event(&number)).await;
        assert!(there.is_readable() && !there.is_zero());
        let program = Program::of(&fixture, fixture.actor()).await;
        let added = async || {
            let compared = program.call("GET", &format!("/cors/{cor}/procore")).await;
            let result = program.call("GET", &format!("/pushes/{push}")).await;
            (compared["added_by_procore"]["markup"].clone(), result["event"]["added_by_procore"]["markup"].clone())
        };
        let (compared, result) = added().await;
        assert!(compared.is_string() && compared == result, "{compared} {result}");
        currency::state(&fixture.app, fixture.actor(), fixture.made.project, domain::Currency::Cad).await.unwrap();
        assert_eq!(added().await, (json!(null), json!(null)));
        let standing = push::standing(&fixture.app, fixture.actor(), push).await.unwrap();
        let told = standing.added().unwrap();
        assert_eq!(told.amounts.markup, Amount::NotComparable);
        assert!(told.says.starts_with("+ markup by Procore, which can’t be compared in the whole"), "{}", told.says);
        let page = fixture.page(&format!("/cors/{cor}/drift")).await;
        assert!(page.contains("+ markup by Procore") && page.contains("can't be compared"), "{page}");
        assert!(!page.contains(&there.to_string()), "{there} in {page}");
        change_events::refresh(&fixture.app, fixture.actor(), fixture.made.project).await.unwrap();
        assert_eq!(added().await, (json!(null), json!(null)));
    }
}
