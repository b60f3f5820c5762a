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
    desk::Desk,
    record_pages::{Program, Reader},
};

impl Desk {
    async fn page(&self, path: &str) -> String {
        let (status, page) = Reader::of(self, self.actor()).await.read(path).await;
        assert_eq!(status, 200, "{page}");
        page.replace("&#39;", "'")
    }
}

store::sqlite_only! {
    async fn a_deleted_event_is_called_that_and_unlinking_says_what_it_does(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.mechanical(&[9])[0];
        desk.push(&[cor]).into_new_event().finished().await;
        let event = desk.link(cor).await.event.unwrap();
        let live = desk.page(&format!("/cors/{cor}/drift")).await;
        assert!(live.contains("Unlink, keep the lines") && live.contains("counts twice"), "{live}");
        desk.world.advance(60);
        desk.in_procore(|w| w.change_events.get_mut(&event).unwrap().deleted_at = Some(w.epoch));
        comparison::read_now(&desk.app, desk.actor(), cor).await.unwrap();
        assert_eq!(desk.state(cor).await, ProcoreState::EventDeleted);
        let page = desk.page(&format!("/cors/{cor}/drift")).await;
        // Open it was when it was pushed, and nowhere else on the page.
        assert_eq!(page.matches(">Open<").count(), 1, "{page}");
        assert!(!page.contains("· Open") && page.contains("· Deleted, or not shown any more"), "{page}");
        assert!(!page.contains("counts twice") && !page.contains("keep the lines"), "{page}");
        assert!(page.contains("The lines were deleted with the Change Event and don’t count"), "{page}");
        let version = desk.version(cor).await;
        let done = comparison::unlink(&desk.app, desk.actor(), cor, &version).await.unwrap();
        assert_eq!(done, comparison::Unlinked::LinesWent);
        let told = desk.told(cor).await;
        assert!(told.iter().any(|text| text.contains("its lines went with it, as it was deleted there")), "{told:?}");
        // Pushed anew it is there once.
        desk.push(&[cor]).into_event("002").finished().await;
        desk.assert_once(&[cor]).await;
    }

    async fn an_accepted_difference_is_told_in_one_word_and_one_figure(store: Store) {
        let desk = Desk::on(store).await;
        let (accepted, left) = (desk.mechanical(&[9])[0], desk.mechanical(&[10])[0]);
        for (cor, cents) in [(accepted, 1), (left, -250)] {
            desk.push(&[cor]).into_event("002").finished().await;
            let line = desk.ids(cor).await[0];
            desk.later(200).await;
            desk.in_procore(|w| w.edit_line(line, |l| l.cost.amount += Money::minor(cents).to_decimal()).unwrap());
            desk.later(900).await;
            assert_eq!(desk.state(cor).await, ProcoreState::LineChanged);
        }
        comparison::accept(&desk.app, desk.actor(), accepted, &desk.version(accepted).await, "").await.unwrap();
        comparison::leave(&desk.app, desk.actor(), left, &desk.version(left).await).await.unwrap();
        let check = async || {
            for (cor, words) in [(accepted, "Difference of (0.01)"), (left, "Difference of +2.50")] {
                let link = desk.link(cor).await;
                assert_eq!(link.state, ProcoreState::UpToDate);
                assert_eq!(link.reason.matches("Difference of").count(), 1, "{}", link.reason);
                let log = desk.page(&format!("/projects/{}/log/received", desk.made.project)).await;
                for page in [log, desk.page(&format!("/cors/{cor}")).await, desk.page(&format!("/cors/{cor}/drift")).await] {
                    assert!(page.contains(&format!(">{words}<")), "{words}: {page}");
                }
                let told = format!("{words}: Procore has ");
                let compared = desk.page(&format!("/cors/{cor}/drift")).await;
                assert!(compared.contains(&told) && !compared.contains("Procore has what was pushed"), "{compared}");
            }
        };
        check().await;
        // Read again, it is the same; written over, it is gone.
        desk.later(900).await;
        desk.later(86_400).await;
        check().await;
        desk.edit(accepted, |lines| lines.push(desk.lump("More", 5_000))).await;
        desk.push(&[accepted]).finished().await;
        desk.assert_once(&[accepted]).await;
        assert_eq!(desk.link(accepted).await.reason, "");
    }

    async fn a_contract_is_told_by_its_number_and_title(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.sent(1).await[0];
        desk.push(&[cor]).sent().into_new_event().finished().await;
        let contract = desk.data.prime_contracts[0].clone();
        desk.later(900).await;
        let page = desk.page(&format!("/cors/{cor}/drift")).await;
        assert!(page.contains(&contract.name()) && !page.contains(&format!(">{}<", contract.id)), "{page}");
        let seen = Program::of(&desk, desk.actor()).await.call("GET", &format!("/cors/{cor}/procore")).await;
        assert_eq!(seen["event_now"]["prime_contract"], json!(contract.name()), "{seen}");
        // The chooser names what its amounts are.
        let draft = desk.push(&desk.sent(1).await).sent().drafts().await.unwrap()[0];
        let page = desk.page(&format!("/push/{draft}/event")).await;
        assert!(page.contains(">Revenue</th>") && !page.contains(">Total</th>"), "{page}");
        let draft = desk.push(&desk.mechanical(&[9])).drafts().await.unwrap()[0];
        let page = desk.page(&format!("/push/{draft}/event")).await;
        assert!(page.contains(">Cost</th>") && !page.contains(">Total</th>"), "{page}");
    }

    async fn what_procore_adds_in_another_currency_is_no_amount(store: Store) {
        let desk = Desk::on(store).await;
        let cor = desk.sent(1).await[0];
        let number = desk.with_prime();
        let push = desk.push(&[cor]).sent().into_event(&number).finished().await;
        let there = desk.markup_of(desk.event(&number)).await;
        assert!(there.is_readable() && !there.is_zero());
        let program = Program::of(&desk, desk.actor()).await;
        let added = async || {
            let compared = program.call("GET", &format!("/cors/{cor}/procore")).await;
            let result = program.call("GET", &format!("/pushes/{push}")).await;
            (compared["added_by_procore"]["markup"].clone(), result["event"]["added_by_procore"]["markup"].clone())
        };
        let (compared, result) = added().await;
        assert!(compared.is_string() && compared == result, "{compared} {result}");
        currency::state(&desk.app, desk.actor(), desk.made.project, domain::Currency::Cad).await.unwrap();
        assert_eq!(added().await, (json!(null), json!(null)));
        let standing = push::standing(&desk.app, desk.actor(), push).await.unwrap();
        let told = standing.added().unwrap();
        assert_eq!(told.amounts.markup, Amount::NotComparable);
        assert!(told.says.starts_with("+ markup by Procore, which can’t be compared in the whole"), "{}", told.says);
        let page = desk.page(&format!("/cors/{cor}/drift")).await;
        assert!(page.contains("+ markup by Procore") && page.contains("can't be compared"), "{page}");
        assert!(!page.contains(&there.to_string()), "{there} in {page}");
        change_events::refresh(&desk.app, desk.actor(), desk.made.project).await.unwrap();
        assert_eq!(added().await, (json!(null), json!(null)));
    }
}
