//! What is known of a COR's link to Procore, within a unit of work: what was pushed last, what the COR asks for now, what Procore
//! has. Decisions are made by it.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    CorId, LineItemId, Money,
    cor::{LineKey, Price},
    procore::{
        Amount, Side,
        comparison::{EventFacts, Finding},
        currency::CurrencyTrouble,
        push_plan::EventLine,
    },
    role::Actor,
};
use sha2::{Digest as _, Sha256};
use store::{
    CompanyTx, StoreError,
    repo::{
        change_event::EventRow, cor::Cor, link::Link, mapping::Mapping, observation::Observation, project::Project,
    },
};

use sync::connection;

use super::ComparedLine;
use crate::{App, Error, cor::story::visible_cor, integration::reference::Names};

/// A COR's tie to Procore, seen from all three sides. No request is made for it.
#[derive(Debug, Clone)]
pub struct LinkedCor {
    /// The COR.
    pub cor: Cor,
    /// Its project.
    pub project: Project,
    /// The reader's side.
    pub side: Side,
    /// The link.
    pub link: Link,
    /// What was found; nothing until the event was read once.
    pub observation: Option<Observation>,
    /// What was found is stored and can't be read: nothing can be decided by it.
    pub unreadable: bool,
    /// The change event as last read.
    pub event: Option<EventRow>,
    /// Where it is.
    pub mapping: Option<Mapping>,
    /// Why its amounts can't be compared with Procore's, or be taken over or written there, if so.
    pub currency: Result<(), CurrencyTrouble>,
    /// Line by line.
    pub lines: Vec<ComparedLine>,
    /// What contracts and budget codes are called.
    pub names: Names,
}

/// Why a COR can't take over what Procore has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// All of its lines are gone.
    #[error("Nothing of the COR is left in Procore, and a COR is never emptied. Void it, or unlink it.")]
    NothingLeft,
    /// An amount is too large, or no number.
    #[error("An amount of its lines in Procore can't be read. Correct it there, then read Procore again.")]
    Unreadable,
}

impl LinkedCor {
    /// The findings that wait for a person.
    pub fn open(&self) -> Vec<Finding> {
        self.observation.as_ref().map(Observation::open).unwrap_or_default()
    }

    /// Why nothing of it can be left, taken over or moved, if so: it has no place in Procore.
    pub fn is_out(&self) -> Option<&'static str> {
        const OUT: &str = "This COR is void, and nothing of it should be in Procore. Push it to have its lines removed \
                           there, or unlink it.";
        (!self.cor.status.belongs_in_procore()).then_some(OUT)
    }

    /// What identifies this view: a decision about another is refused. When Procore was read is no part of it: a reading that
    /// finds what was shown takes no decision away.
    pub fn version(&self) -> String {
        let read = self.observation.as_ref().map(|o| {
            // Procore answers lines in no particular order.
            let mut lines: Vec<&EventLine> = o.seen.iter().flat_map(|seen| &seen.lines).collect();
            lines.sort_by_key(|line| line.id);
            (o.baseline_at, o.seen.as_ref().map(|seen| &seen.event), lines, &o.found)
        });
        let text = serde_json::to_string(&read).expect("facts and lines can be written as JSON");
        format!("{}.{}", URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..12]), self.cor.revision)
    }

    /// Procore's ids of the copies.
    pub fn surplus(&self) -> BTreeSet<i64> {
        let copy = |finding: &Finding| match finding {
            Finding::Surplus { line, .. } | Finding::SurplusElsewhere { line, .. } => Some(*line),
            _ => None,
        };
        self.observation.iter().flat_map(|o| &o.found).filter_map(copy).collect()
    }

    /// The event in which lines are too many: its own first, then one that it is not tied to.
    pub fn surplus_in(&self) -> Option<i64> {
        let found = || self.observation.iter().flat_map(|o| &o.found);
        let elsewhere = |finding: &Finding| match finding {
            Finding::SurplusElsewhere { event, .. } => Some(*event),
            _ => None,
        };
        let own = found().any(|finding| matches!(finding, Finding::Surplus { .. }));
        self.link.event.filter(|_| own).or_else(|| found().find_map(elsewhere))
    }

    /// The number of an event that the COR is not tied to and that holds lines of it.
    pub fn surplus_elsewhere(&self) -> Option<&str> {
        self.observation.iter().flat_map(|o| &o.found).find_map(|finding| match finding {
            Finding::SurplusElsewhere { event, number, .. } if self.link.event != Some(*event) => Some(number.as_str()),
            _ => None,
        })
    }

    /// Why what is known of its lines can't be given up, if so: that some count twice would be known no longer.
    pub fn surplus_first(&self) -> Option<String> {
        self.surplus_elsewhere().map(|elsewhere| {
            format!(
                "Lines of it are in Change Event {elsewhere} as well. Remove that surplus first: afterwards it could not be told \
                 any more whose lines they are."
            )
        })
    }

    /// Why it can't be unlinked with its lines left there, if so.
    pub fn stays_linked(&self) -> Option<String> {
        const NOWHERE: &str = "It is linked to no Change Event, so there is nothing to unlink.";
        self.surplus_first().or_else(|| self.link.event.is_none().then(|| NOWHERE.to_owned()))
    }

    /// The COR's price with what Procore has of each line that was pushed; what was never pushed stays. `id` is for a line
    /// that makes up a difference.
    pub fn taken_over(&self, id: impl Fn() -> LineItemId) -> Result<Price, NotTaken> {
        let mut price = self.cor.price.clone();
        for line in self.lines.iter().filter(|line| line.pushed.is_some()) {
            let Some(key) = line.key else { continue };
            let is = self.with_what_makes_up(line).map(|is| is.money().ok_or(NotTaken::Unreadable)).transpose()?;
            let left_over = line.in_log.is_none() && is.is_none_or(Money::is_zero);
            if !left_over && (is.is_none() || is != line.in_log) {
                price = price.taking_over(key, is, id()).ok_or(NotTaken::NothingLeft)?;
            }
        }
        Ok(price)
    }

    /// Why its sender can't take over what Procore has, if so: the price of an approved COR is settled.
    pub fn settled(&self) -> Option<&'static str> {
        let other = || !self.taken_over(|| LineItemId(uuid::Uuid::nil())).is_ok_and(|price| price == self.cor.price);
        let settled = self.cor.status.settles_price(self.cor.receiver_joined);
        settled.filter(|_| self.side == Side::Sent && other())
    }

    /// What Procore has for a line: itself and, where it is locked, the line that makes up for it. `None` when neither is there.
    fn with_what_makes_up(&self, line: &ComparedLine) -> Option<Amount> {
        let adjustment =
            line.key.and_then(LineKey::adjustment).and_then(|key| self.lines.iter().find(|l| l.key == Some(key)));
        let amounts = [Some(line), adjustment].into_iter().flatten().filter_map(|line| line.in_procore);
        amounts.reduce(|sum, amount| sum + amount)
    }

    /// Whether the event is deleted, or not shown any more: nothing of it counts.
    pub fn is_gone(&self) -> bool {
        self.event_facts().1.is_some_and(|event| event.gone)
    }

    /// Whether nobody knows what of it is there: Procore doesn't show its event, and doesn't list it as deleted.
    pub fn is_hidden(&self) -> bool {
        self.event_facts().1.is_some_and(|event| event.hidden)
    }

    /// What Procore adds to the event as markup, and as revenue that follows cost. In another currency than the COR's it is beside
    /// nothing, and in an event that is gone there is none; `None` where the event was never read.
    pub fn added_by_procore(&self) -> Option<(Amount, Amount)> {
        let event = self.event.as_ref().filter(|_| !self.is_gone())?;
        let beside = |amount: Amount| amount.beside(self.currency.is_ok());
        Some((beside(event.markup), beside(event.following)))
    }

    /// The event as we left it and as it is.
    pub fn event_facts(&self) -> (Option<&EventFacts>, Option<&EventFacts>) {
        let observation = self.observation.as_ref();
        (
            observation.and_then(|o| o.baseline.event.as_ref()),
            observation.and_then(|o| o.seen.as_ref()).map(|s| &s.event),
        )
    }
}

/// What is known of a COR's link to Procore. [`Error::NotFound`] when it has none.
pub fn known(us: &mut CompanyTx<'_>, actor: &Actor, id: CorId) -> Result<LinkedCor, Error> {
    let (cor, project) = visible_cor(us, actor, id)?;
    let side = cor.side(actor.company);
    let link = us.link_of(id)?.ok_or(Error::NotFound)?;
    let (observation, unreadable) = match us.observation(link.id) {
        Err(StoreError::Corrupt(_)) => (None, true),
        observation => (observation?, false),
    };
    let names = Names::of(&us.reference(cor.project)?, side);
    let lines = ComparedLine::all((&cor, &link), &us.link_lines(link.id)?, observation.as_ref(), &names);
    let event = link.event.map(|event| us.change_event(cor.project, event)).transpose()?.flatten();
    let mapping = us.mapping(cor.project)?;
    let named = lines.iter().map(|line| line.currency.as_str());
    let named = named.chain(event.iter().map(|event| event.currency.as_str()));
    let currency = us.known_currency(cor.project)?.naming(named).agrees_with(cor.currency);
    Ok(LinkedCor { cor, project, side, link, observation, unreadable, event, mapping, currency, lines, names })
}

/// The same in a unit of work of its own.
pub async fn known_now(app: &App, actor: &Actor, cor: CorId) -> Result<LinkedCor, Error> {
    let actor = actor.clone();
    app.store.read(move |tx| known(&mut tx.of(actor.company), &actor, cor)).await
}

/// Where the project is in Procore, if the office is connected.
pub(crate) async fn place(app: &App, actor: &Actor, linked: &LinkedCor) -> Result<Mapping, Error> {
    let (company, project, standing) = (actor.company, linked.project.id, linked.project.standing());
    Ok(app.store.read(move |tx| connection::live_mapping(&mut tx.of(company), project, standing)).await?)
}
