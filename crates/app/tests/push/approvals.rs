//! Whose word an approval is, from the sent COR to the settled price, by the verbs that pages and API share.

use domain::{
    CorId, Money,
    cor::{Means, Status},
    procore::{Side, push_state::ProcoreState},
    role::{Actor, Rights},
};
use jiff::{Timestamp, civil::Date};
use ledgerboard::{
    Error,
    account::setup::Setup,
    comparison,
    contracts::{self, invitations},
    cor::{
        input::CorInput,
        read_cor,
        set_status::{self, Approval, SetStatus},
        write::{self, EditCor},
    },
    log::{query::LogQuery, read_log},
};
use store::{both_databases, repo::cor::Cor};

use super::fixture::{Fixture, sentence};

impl Fixture {
    async fn set(&self, actor: &Actor, cor: CorId, status: Status) -> Result<Cor, Error> {
        let seen = self.cor(cor).await.revision;
        set_status::set(&self.app, actor, cor, SetStatus::plain(Some(seen), status)).await
    }

    async fn returned(&self, actor: &Actor, cor: CorId, status: Status, reason: &str) -> Result<Cor, Error> {
        let input = SetStatus { reason: reason.into(), ..SetStatus::plain(None, status) };
        set_status::set(&self.app, actor, cor, input).await
    }

    async fn recorded(&self, cor: CorId, status: Status, means: &str, given_on: &str) -> Result<Cor, Error> {
        let plain = SetStatus::plain(Some(self.cor(cor).await.revision), status);
        let input =
            SetStatus { approval: Some(Approval { means: Means::from_code(means), on: given_on.into() }), ..plain };
        set_status::set(&self.app, self.actor(), cor, input).await
    }

    /// An edit of what the sender wrote, as the editor posts it.
    async fn write(&self, actor: &Actor, cor: CorId, change: impl FnOnce(&mut CorInput)) -> Result<Cor, Error> {
        let before = self.cor(cor).await;
        let mut typed = CorInput::from(&before);
        change(&mut typed);
        let input = EditCor { cor, revision: before.revision, typed, without_price: false };
        write::edit(&self.app, actor, input).await
    }

    /// Somebody sets the one line of a COR to so many cents in Procore, and it is noticed.
    async fn edited_there(&self, cor: CorId, cents: i64) {
        let line = self.ids(cor).await[0];
        self.later(200).await;
        self.in_procore(|w| w.edit_line(line, |l| l.revenue.amount = Money::minor(cents).to_decimal()).unwrap());
        self.later(900).await;
        assert_eq!(self.state(cor).await, ProcoreState::LineChanged);
    }

    /// The owner's company begins: somebody signs in for the receiver of what the company sent.
    async fn owner_joins(&self, cor: CorId) -> Actor {
        let cor_read = self.cor(cor).await;
        let renewed =
            contracts::renew_invitation(&self.app, &self.made.owner, cor_read.project, cor_read.contract.id).await;
        let link = renewed.unwrap();
        let setup = Setup {
            company: "Harbor Point Health".into(),
            office: "Portland".into(),
            name: "Nora Lindqvist".into(),
            email: "n.lindqvist@harborpoint.example".into(),
            password: "a long enough sentence".to_owned().into(),
        };
        let link = link.strip_prefix("/invitations/").unwrap();
        let (_, owner) = invitations::accept_anew(&self.app, link, setup, "").await.unwrap();
        let company = self.cor(cor).await.receiver.id;
        let person = self.app.store.read(move |tx| tx.of(company).person(owner)).await.unwrap().unwrap();
        Actor {
            person: owner,
            company,
            role: person.role,
            office: person.office,
            name: person.name,
            rights: Rights::All,
        }
    }
}

fn fields(result: Result<Cor, Error>) -> Vec<String> {
    match result {
        Err(Error::Invalid(errors)) => errors.0.into_keys().collect(),
        other => panic!("{other:?}"),
    }
}

both_databases! {
    async fn a_sub_neither_approves_its_own_cor_nor_raises_an_approved_one(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, sub) = (fixture.mechanical(&[10])[0], fixture.made.subs[0].clone());
        for status in [Status::ApprovedToProceed, Status::ApprovedCoIssued] {
            let refused = fixture.set(&sub, cor, status).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
            assert!(sentence(refused).contains("Only the company that receives this COR can approve it."));
        }
        let approved = fixture.set(fixture.actor(), cor, Status::ApprovedToProceed).await.unwrap();
        assert_eq!(approved.recorded, None, "given, not recorded");

        // Whoever tries: the amount of a line, one more, one less, the total.
        let changes: [fn(&mut CorInput); 4] = [
            |typed| typed.lines[1].amount = "5,118.60".into(),
            |typed| typed.lines.push(typed.lines[1].clone()),
            |typed| drop(typed.lines.pop()),
            |typed| typed.total = "19,000".into(),
        ];
        for change in changes {
            let refused = fixture.write(&sub, cor, change).await;
            assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
            assert!(sentence(refused).contains("is approved, so its price stays as it is"));
        }
        // What is no price can change, whatever order the page posts the lines in.
        let rename = |typed: &mut CorInput| {
            typed.title = "Reroute at grid C-4".into();
            typed.lines.reverse();
        };
        let renamed = fixture.write(&sub, cor, rename).await.unwrap();
        assert_eq!((renamed.title.as_str(), &renamed.price), ("Reroute at grid C-4", &approved.price));
        // Nor is the approval its sender's to take back.
        for status in [Status::InReview, Status::ReviseAndResubmit, Status::Placeholder, Status::Void, Status::ApprovedCoIssued] {
            let refused = fixture.returned(&sub, cor, status, "We forgot the crane.").await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{status:?}: {refused:?}");
        }
        assert_eq!(fixture.cor(cor).await.total(), approved.total());

        // The receiver returns it, and says why.
        assert_eq!(fields(fixture.set(fixture.actor(), cor, Status::ReviseAndResubmit).await), ["reason"]);
        assert_eq!(fields(fixture.returned(fixture.actor(), cor, Status::InReview, " ").await), ["reason"]);
        let back = fixture.returned(fixture.actor(), cor, Status::ReviseAndResubmit, "Price the crane too.").await.unwrap();
        assert_eq!(back.status_reason, "Price the crane too.");
        let raised = fixture.write(&sub, cor, |typed| typed.lines[1].amount = "5,118.60".into()).await.unwrap();
        assert_eq!(raised.total() - approved.total(), Money::minor(100_000));
        let again = fixture.set(&sub, cor, Status::InReview).await.unwrap();
        assert_eq!(again.status_reason, "", "the reason was that of its status");
        fixture.set(fixture.actor(), cor, Status::ApprovedCoIssued).await.unwrap();
        let story = read_cor::cor(&fixture.app, &sub, cor).await.unwrap().activity;
        let told = |text: &str| story.iter().any(|entry| entry.text.contains(text));
        assert!(told("from Approved to Proceed to Revise and Resubmit") && told("“Price the crane too.”"), "{story:#?}");
    }

    async fn an_approval_is_not_recorded_for_a_day_that_is_still_to_come_in_the_projects_time_zone(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.sent(1).await[0];
        // The project is in New York. There it is still the 23rd when it is the 24th by UTC.
        let late = "2026-11-24T03:30:00Z".parse::<Timestamp>().unwrap();
        fixture.world.clock.advance(late.duration_since(fixture.app.now()));
        let today: Date = "2026-11-23".parse().unwrap();
        let record = async |given_on: Date| {
            let plain = SetStatus::plain(Some(fixture.cor(cor).await.revision), Status::ApprovedToProceed);
            let approval = Some(Approval { means: Some(Means::Mail), on: given_on.to_string() });
            set_status::set(&fixture.app, fixture.actor(), cor, SetStatus { approval, ..plain }).await
        };
        assert_eq!(fields(record(today.tomorrow().unwrap()).await), ["given_on"]);
        assert_eq!(record(today).await.unwrap().recorded.unwrap().on, today);
    }

    async fn what_is_no_price_is_saved_beside_a_price_that_was_approved_meanwhile(store: Store) {
        let fixture = Fixture::on(store).await;
        let (cor, sub) = (fixture.mechanical(&[10])[0], fixture.made.subs[0].clone());
        let opened = fixture.cor(cor).await;
        let mut typed = CorInput::from(&opened);
        typed.title = "Reroute at grid C-4".into();
        typed.customer_reference = "PCO 22".into();
        typed.lines[1].amount = "5,118.60".into();
        // The editor may even hold a line that can't be read: it is no price to be saved.
        typed.lines[0].quantity = "12,5x".into();
        let approved = fixture.set(fixture.actor(), cor, Status::ApprovedToProceed).await.unwrap();
        assert!(!write::keeps_price(&fixture.app, &approved, &typed));
        assert_eq!(
            write::changes_besides_price(&fixture.app, &approved, &typed).unwrap().len(),
            2,
            "title and reference"
        );
        let save = |revision, without_price| {
            let input = EditCor { cor, revision, typed: typed.clone(), without_price };
            write::edit(&fixture.app, &sub, input)
        };
        let late = save(opened.revision, true).await;
        assert!(sentence(late).contains("Somebody changed this COR in the meantime"), "nothing is saved unseen");
        assert!(save(approved.revision, false).await.is_err());
        let saved = save(approved.revision, true).await.unwrap();
        assert_eq!((saved.title.as_str(), saved.customer_reference.as_str()), ("Reroute at grid C-4", "PCO 22"));
        assert_eq!((saved.status, &saved.price), (Status::ApprovedToProceed, &approved.price), "to the cent and the line");
    }

    async fn until_the_receiver_joins_the_sender_records_what_it_was_told(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.sent(1).await[0];
        let go = Status::ApprovedToProceed;
        assert_eq!(fields(fixture.set(fixture.actor(), cor, go).await), ["given_on", "means"]);
        assert_eq!(fields(fixture.recorded(cor, go, "shouted", "2026-11-20").await), ["means"]);
        for day in ["20 Nov", "2026-11-25", "2015-01-01", "-009999-01-01"] {
            assert_eq!(fields(fixture.recorded(cor, go, "verbal", day).await), ["given_on"], "{day}");
        }
        // It is 9 in the morning in Greenwich: the 24th everywhere but in the far west, and the 25th nowhere.
        fixture.world.advance(16 * 3600);
        assert_eq!(fields(fixture.recorded(cor, go, "verbal", "2026-11-25").await), ["given_on"], "tomorrow");
        let approved = fixture.recorded(cor, go, "verbal", "2026-11-20").await.unwrap();
        let recorded = approved.recorded.unwrap();
        assert_eq!((recorded.means, recorded.on.to_string().as_str()), (Means::Verbal, "2026-11-20"));
        let refused = fixture.write(fixture.actor(), cor, |typed| typed.lines[0].amount = "2,000".into()).await;
        assert!(sentence(refused).contains("Set it to Revise and Resubmit first"));
        // The formal change order comes; then it turns out wrong, which its sender says.
        let issued = fixture.recorded(cor, Status::ApprovedCoIssued, "signed", "2026-11-23").await.unwrap();
        assert_eq!(issued.recorded.unwrap().means, Means::Signed);
        assert_eq!(fields(fixture.set(fixture.actor(), cor, Status::ReviseAndResubmit).await), ["reason"]);
        let back = fixture.returned(fixture.actor(), cor, Status::ReviseAndResubmit, "Signed for the wrong scope.").await;
        assert_eq!(back.unwrap().recorded, None);
        fixture.write(fixture.actor(), cor, |typed| typed.lines[0].amount = "2,000".into()).await.unwrap();
        fixture.recorded(cor, go, "mail", "2026-11-23").await.unwrap();

        // Once the receiver is here, it reads who recorded it, and the word is theirs.
        let theirs = fixture.owner_joins(cor).await;
        let seen = read_cor::cor(&fixture.app, &theirs, cor).await.unwrap();
        assert_eq!(seen.cor.recorded.unwrap().means, Means::Mail);
        assert!(seen.activity.iter().any(|e| e.text.contains("recorded by the sender: Mail or e-mail, Nov 23, 2026")));
        let (project, query) = (fixture.made.project, LogQuery::default());
        let log = read_log::log(&fixture.app, &theirs, project, Side::Received, &query).await.unwrap();
        assert!(log.page.rows.iter().any(|row| row.id == cor && row.recorded_by_sender), "the log says it as well");
        let refused = fixture.returned(fixture.actor(), cor, Status::ReviseAndResubmit, "Again.").await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        let refused = fixture.recorded(cor, Status::ApprovedCoIssued, "signed", "2026-11-23").await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        let seen = Some(fixture.cor(cor).await.revision);
        let approval = Some(Approval { means: Some(Means::Signed), on: String::new() });
        let input = SetStatus { approval, ..SetStatus::plain(seen, Status::ApprovedCoIssued) };
        assert_eq!(fields(set_status::set(&fixture.app, &theirs, cor, input).await), ["means"], "theirs is not recorded");
        let issued = fixture.set(&theirs, cor, Status::ApprovedCoIssued).await.unwrap();
        assert_eq!(issued.recorded, None, "given by the receiver itself");
    }

    async fn an_approved_price_is_not_taken_over_from_procore_either(store: Store) {
        let fixture = Fixture::on(store).await;
        let cor = fixture.sent(1).await[0];
        fixture.push(&[cor]).sent().into_new_event().finished().await;
        fixture.recorded(cor, Status::ApprovedToProceed, "signed", "2026-11-20").await.unwrap();
        let approved = fixture.cor(cor).await.total();
        fixture.edited_there(cor, 77_700).await;
        let drift = comparison::look(&fixture.app, fixture.actor(), cor).await.unwrap();
        let refused = comparison::accept(&fixture.app, fixture.actor(), cor, &drift.version, "").await;
        assert!(sentence(refused).contains("is approved, so its price stays as it is"));
        assert_eq!(fixture.cor(cor).await.total(), approved);
        // What it comes to is still decided: it can be left, and overwritten.
        comparison::leave(&fixture.app, fixture.actor(), cor, &drift.version).await.unwrap();
        // Returned, it takes over what Procore has.
        fixture.returned(fixture.actor(), cor, Status::ReviseAndResubmit, "The owner cut it.").await.unwrap();
        fixture.edited_there(cor, 66_600).await;
        let drift = comparison::look(&fixture.app, fixture.actor(), cor).await.unwrap();
        comparison::accept(&fixture.app, fixture.actor(), cor, &drift.version, "").await.unwrap();
        assert_eq!(fixture.cor(cor).await.total(), Money::minor(66_600));
    }
}
