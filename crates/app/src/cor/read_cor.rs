//! A COR and all that stands around it, for its page and its editor.

use domain::{
    CorId, ProjectId,
    cor::CorNumber,
    procore::{Amount, Side, currency::CurrencyTrouble, difference::difference},
    role::Actor,
};
use store::repo::{
    activity::FeedEntry, change_event::EventRow, contract::Contract, cor::Cor, link::Link, mapping::Mapping,
    project::Project, push::UnderWay,
};
use sync::connection::live_mapping;

use crate::{
    App, Error,
    cor::story::{visible, visible_cor},
};

/// A COR, read by one of its companies.
#[derive(Debug, Clone)]
pub struct CorSeen {
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
    /// The change event of the link, as last read.
    pub event: Option<EventRow>,
    /// Where the project is in Procore.
    pub mapping: Option<Mapping>,
    /// The project's office is connected to the account of the mapping.
    pub connected: bool,
    /// Why its amounts can't be compared with Procore's, if so; nothing where the project is not mapped.
    pub currency: Result<(), CurrencyTrouble>,
    /// The push that holds it.
    pub under_way: Option<UnderWay>,
    /// The sealed record says something about it that the reader's company may read.
    pub recorded: bool,
}

impl CorSeen {
    /// What Procore lacks of it, where `link` is its tie; negative when it holds too much. Amounts of two currencies have no
    /// difference.
    pub fn difference(&self, link: &Link) -> Amount {
        match self.currency {
            Ok(()) => difference(self.cor.due_in_procore(), link.pushed_amount),
            Err(_) => Amount::NotComparable,
        }
    }
}

/// A COR with its story.
pub async fn cor(app: &App, actor: &Actor, id: CorId) -> Result<CorSeen, Error> {
    let actor = actor.clone();
    app.store
        .read(move |tx| {
            let mut us = tx.of(actor.company);
            let (cor, project) = visible_cor(&mut us, &actor, id)?;
            let side = if cor.sender == actor.company { Side::Sent } else { Side::Received };
            let link = us.link_of(id)?;
            let event = match link.as_ref().and_then(|link| link.event) {
                Some(event) => us.change_event(cor.project, event)?,
                None => None,
            };
            let (feed, mapping) = (us.feed(id)?, us.mapping(cor.project)?);
            let mut named: Vec<&str> = event.iter().flat_map(|event| event.line_currencies.split(", ")).collect();
            named.extend(event.as_ref().map(|event| event.currency.as_str()));
            let known = us.known_currency(cor.project)?.naming(named);
            let currency = if mapping.is_some() { known.agrees_with(cor.currency) } else { Ok(()) };
            let connected = live_mapping(&mut us, cor.project, project.standing()).is_ok();
            let under_way = us.pushes_holding(&[id])?.remove(&id);
            let recorded = us.is_audited(id)?;
            Ok(CorSeen { cor, project, side, feed, link, event, mapping, connected, currency, under_way, recorded })
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
