//! A COR and all that stands around it, for its page and its editor.

use domain::{
    CorId, ProjectId,
    cor::CorNumber,
    procore::{Amount, Side, currency::CurrencyTrouble, difference::difference, push_state::ProcoreState},
    role::Actor,
};
use store::repo::{
    activity::FeedEntry,
    change_event::EventRow,
    contract::Contract,
    cor::Cor,
    link::Link,
    log::{EventName, ProcoreStanding},
    project::Project,
};

use crate::{
    App, Error,
    cor::story::{visible, visible_cor},
    log::in_procore::ProcoreTies,
};

/// A COR, read by one of its companies.
#[derive(Debug, Clone)]
pub struct CorDetail {
    /// The COR.
    pub cor: Cor,
    /// Its project.
    pub project: Project,
    /// Which side the reader's company is on.
    pub side: Side,
    /// What the reader may know of its story, the newest first.
    pub feed: Vec<FeedEntry>,
    /// Its tie to Procore, on the reader's side.
    pub link: Option<Link>,
    /// How it stands in Procore.
    pub standing: ProcoreStanding,
    /// The project in Procore, and the push that holds the COR.
    pub in_procore: ProcoreTies,
    /// Why its amounts can't be compared with Procore's, if so; nothing where the project is not mapped.
    pub currency: Result<(), CurrencyTrouble>,
    /// The sealed record says something about it that the reader's company may read.
    pub recorded: bool,
}

impl CorDetail {
    /// The company at the other end.
    pub fn counterparty(&self) -> &String {
        &self.cor.counterparty(self.side).name
    }

    /// Its tie to Procore, if it was ever pushed.
    pub fn pushed(&self) -> Option<&Link> {
        self.link.as_ref().filter(|link| link.was_pushed())
    }

    /// What Procore lacks of it, where `link` is its tie; negative when it holds too much. Amounts of two currencies have no
    /// difference.
    pub fn difference(&self, link: &Link) -> Amount {
        match self.currency {
            Ok(()) => difference(self.cor.due_in_procore(), link.pushed_amount),
            Err(_) => Amount::NotComparable,
        }
    }
}

fn standing(link: Option<&Link>, event: Option<&EventRow>) -> ProcoreStanding {
    let Some(link) = link else {
        return ProcoreStanding { state: ProcoreState::NotInProcore, reason: String::new(), event: None };
    };
    let name = |id| match event {
        None => EventName::unread(id),
        Some(read) => EventName {
            id: id.into(),
            number: read.number.clone(),
            title: read.title.clone(),
            status: read.status.clone(),
            gone: read.gone,
        },
    };
    ProcoreStanding { state: link.state, reason: link.reason.clone(), event: link.event.map(name) }
}

/// A COR with its story.
pub async fn cor(app: &App, actor: &Actor, id: CorId) -> Result<CorDetail, Error> {
    let (app, actor) = (app.clone(), actor.clone());
    let store = app.store.clone();
    store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let (cor, project) = visible_cor(&mut us, &actor, id)?;
            let side = cor.side(actor.company);
            let link = us.link_of(id)?;
            let event = match link.as_ref().and_then(|link| link.event) {
                Some(event) => us.change_event(cor.project, event)?,
                None => None,
            };
            let feed = us.feed(id)?;
            let state = link.as_ref().map(|link| (id, link.state));
            let in_procore = ProcoreTies::read(&app, &mut us, &project, state)?;
            let mut named: Vec<&str> = event.iter().flat_map(|event| event.line_currencies.split(", ")).collect();
            named.extend(event.as_ref().map(|event| event.currency.as_str()));
            let known = us.known_currency(cor.project)?.naming(named);
            let currency = if in_procore.mapping.is_some() { known.agrees_with(cor.currency) } else { Ok(()) };
            let recorded = us.is_audited(id)?;
            let standing = standing(link.as_ref(), event.as_ref());
            Ok(CorDetail { cor, project, side, feed, link, standing, in_procore, currency, recorded })
        })
        .await
}

/// What an empty editor needs.
#[derive(Debug, Clone)]
pub struct BlankCor {
    /// The project.
    pub project: Project,
    /// The contracts it can change: those in which the company is the contractor.
    pub contracts: Vec<Contract>,
    /// The number it would take.
    pub next_number: CorNumber,
}

/// An empty editor, for one who may write.
pub async fn blank(app: &App, actor: &Actor, project: ProjectId) -> Result<BlankCor, Error> {
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            actor.may_see_log()?;
            let project = visible(&mut us, &actor, project)?;
            actor.may_edit_cors(project.standing())?;
            let mut contracts = us.contracts(project.id)?;
            contracts.retain(|contract| contract.contractor.id == actor.company);
            let next_number = us.next_cor_number(project.id)?.ok_or(Error::NotFound)?;
            Ok(BlankCor { project, contracts, next_number })
        })
        .await
}
