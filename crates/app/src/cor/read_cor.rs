//! What the page of a COR, its editor and the API read.

use domain::{
    CorId, ProjectId,
    cor::{Breakdown, CorNumber},
    procore::{Amount, Side, currency::CurrencyTrouble, difference::difference, push_state::ProcoreState},
    role::Actor,
};
use jiff::Timestamp;
use serde::Serialize;
use store::repo::{
    activity::FeedEntry,
    change_event::EventRow,
    contract::Contract,
    cor::Cor,
    link::Link,
    log::{EventName, ProcoreStanding},
    project::Project,
};
use utoipa::ToSchema;

use crate::{
    App, Error,
    cor::story::{visible, visible_cor},
    log::in_procore::ProcoreTies,
};

/// A change order request as one of its two companies sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Cor)]
pub struct CorDetail {
    #[serde(flatten)]
    pub cor: Cor,
    pub project: Project,
    /// The reader's side.
    pub side: Side,
    pub procore: CorInProcore,
    /// What happened, the newest first, as far as the reader's company may know.
    pub activity: Vec<FeedEntry>,
    /// Its link to Procore, on the reader's side.
    #[serde(skip)]
    pub link: Option<Link>,
    /// The project in Procore, and the push that the COR is in.
    #[serde(skip)]
    pub in_procore: ProcoreTies,
    /// Why its amounts can't be compared with Procore's. Nothing where the project is not mapped.
    #[serde(skip)]
    pub currency: Option<CurrencyTrouble>,
    /// The sealed record says something about it that the reader's company may read.
    #[serde(skip)]
    pub recorded: bool,
}

/// A COR's place in Procore, on the reader's side.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = InProcore)]
pub struct CorInProcore {
    #[serde(flatten)]
    pub standing: ProcoreStanding,
    /// The change event's page in Procore.
    pub url: Option<String>,
    /// What was written last; null before the first push.
    pub pushed: Option<Pushed>,
}

/// What was written to Procore last.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Pushed {
    pub amount: Amount,
    /// The amount of the COR now minus that; negative when Procore has too much.
    pub difference: Amount,
    /// Why there is no difference, and what corrects it: `amount` is in another currency, or in one that nobody knows. Null else.
    pub not_compared: Option<String>,
    pub detail: Breakdown,
    pub at: Option<Timestamp>,
}

impl CorDetail {
    /// The company at the other end.
    pub fn counterparty(&self) -> &str {
        &self.cor.counterparty(self.side).name
    }
}

impl CorInProcore {
    pub(crate) fn of(
        cor: &Cor,
        link: Option<&Link>,
        standing: ProcoreStanding,
        ties: &ProcoreTies,
        currency: Option<&CurrencyTrouble>,
    ) -> Self {
        let url = standing.event.as_ref().map(|event| ties.event_url(event.id.get()));
        let pushed = link.filter(|link| link.was_pushed()).map(|link| Pushed {
            amount: link.pushed_amount,
            difference: match currency {
                None => difference(cor.due_in_procore(), link.pushed_amount),
                Some(_) => Amount::NotComparable,
            },
            not_compared: currency.map(CurrencyTrouble::with_remedy),
            detail: link.breakdown,
            at: link.pushed_at,
        });
        Self { standing, url: url.filter(|url| !url.is_empty()), pushed }
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

/// A COR with its activity.
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
            let activity = us.feed(id)?;
            let state = link.as_ref().map(|link| (id, link.state));
            let in_procore = ProcoreTies::read(&app, &mut us, &project, state)?;
            let mut named: Vec<&str> = event.iter().flat_map(|event| event.line_currencies.split(", ")).collect();
            named.extend(event.as_ref().map(|event| event.currency.as_str()));
            let known = us.known_currency(cor.project)?.naming(named);
            let currency = in_procore.mapping.as_ref().and_then(|_| known.agrees_with(cor.currency).err());
            let recorded = us.is_audited(id)?;
            let standing = standing(link.as_ref(), event.as_ref());
            let procore = CorInProcore::of(&cor, link.as_ref(), standing, &in_procore, currency.as_ref());
            Ok(CorDetail { cor, project, side, procore, activity, link, in_procore, currency, recorded })
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

/// An empty editor, for an actor who may write.
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
