//! What a person decides without anything being written to Procore: leave it, take it over, let go of it.

use domain::{
    CorId, LineItemId, Money, ProjectId,
    activity::{Audience, EntryKind},
    cor::LineKey,
    procore::{
        Amount, Side,
        comparison::Finding,
        push_plan::{EventLine, KnownLine, makes_up},
        push_state::ProcoreState,
    },
    role::Actor,
};
use serde::Deserialize;
use store::{
    CompanyTx,
    repo::{
        cor::{Cor, CorContent},
        link::Link,
    },
};
use utoipa::ToSchema;

use super::known::{LinkedCor, NotTaken, known};
use crate::{
    App, Error,
    cor::story::{FeedWriter, audience, in_words},
    record::Decision,
    typed::brief,
};

const CHANGED: &str = "Procore or the COR changed since you looked. Check the amounts again, then decide.";
const NOTHING: &str = "There is nothing left to decide.";

/// A decision about what was shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// [`super::Comparison::version`]: a decision about an older view is refused.
    pub version: String,
    /// Kept in the activity, where a received COR's difference is accepted.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub note: String,
}

/// What may be decided now: by one who pushes, about a link that no push owns, as it was shown.
pub(crate) fn decidable(us: &mut CompanyTx<'_>, actor: &Actor, cor: CorId, version: &str) -> Result<LinkedCor, Error> {
    let linked = known(us, actor, cor)?;
    actor.may_push(linked.project.standing())?;
    if linked.link.state.is_busy() {
        return Err(Error::Conflict("A push of this COR is under way. Wait for its result.".into()));
    }
    if linked.unreadable {
        return Err(Error::Unreadable(format!("the observation of link {}", linked.link.id)));
    }
    if linked.version() != version {
        return Err(Error::Conflict(CHANGED.into()));
    }
    Ok(linked)
}

/// Of a COR that has no place in Procore nothing stays there.
fn stays_as_it_is(linked: &LinkedCor) -> Result<(), Error> {
    linked.is_out().map_or(Ok(()), |why| Err(Error::Conflict(why.to_owned())))
}

/// Leaves everything as it is in Procore, but for copies: nobody is alerted again until it changes again.
pub async fn leave(app: &App, actor: &Actor, cor: CorId, version: &str) -> Result<(), Error> {
    actor.may_write()?;
    let teller = FeedWriter::new(app, actor);
    let (shared, actor, version) = (app.clone(), actor.clone(), version.to_owned());
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let linked = decidable(&mut us, &actor, cor, &version)?;
            stays_as_it_is(&linked)?;
            let mut now = linked.observation.clone().ok_or_else(|| Error::Conflict(NOTHING.into()))?;
            let left: Vec<Finding> = now.open().into_iter().filter(Finding::may_stay).collect();
            let stopped = linked.link.state == ProcoreState::ChangedInProcore;
            if left.is_empty() && !stopped {
                return Err(Error::Conflict(NOTHING.into()));
            }
            now.left_alone.extend(left.iter().cloned());
            if let Some(seen) = now.seen.as_ref().filter(|seen| !seen.event.gone) {
                // Of the event itself only what it becomes next is news.
                now.baseline.event = Some(seen.event.clone());
                now.found.retain(|finding| !is_about_event(finding));
                now.left_alone.retain(|finding| !is_about_event(finding));
            }
            us.save_observation(&now)?;
            // A stopped push is decided with it: what the log says follows from what is found.
            let state = if stopped { ProcoreState::LineChanged } else { linked.link.state };
            us.show_found(Link { state, ..linked.link.clone() }, &now)?;
            let why = if stopped { &linked.link.reason } else { &sentences(&left) };
            Decision::new(&linked.link, "left it as it is in Procore", why).keep(
                &shared,
                &mut us,
                &actor,
                &linked.cor,
            )?;
            let text = format!("left it as it is in Procore. {}", sentences(&left));
            tell(&teller, &mut us, &linked.cor, Audience::Only(actor.company), text)
        })
        .await
}

fn is_about_event(finding: &Finding) -> bool {
    matches!(
        finding,
        Finding::StatusChanged { .. }
            | Finding::EventVoided { .. }
            | Finding::EventRestored { .. }
            | Finding::ContractMoved { key: None, .. }
    )
}

fn sentences(findings: &[Finding]) -> String {
    findings.iter().map(Finding::sentence).collect::<Vec<_>>().join(" ")
}

/// Takes over what Procore has. The company that wrote the COR makes a new version of it with Procore's amounts, unless it
/// is approved: that price is settled. The one that received it can't change it and notes that it accepts the difference.
pub async fn accept(app: &App, actor: &Actor, cor: CorId, version: &str, note: &str) -> Result<(), Error> {
    actor.may_write()?;
    let teller = FeedWriter::new(app, actor);
    let (app, actor, version, note) = (app.clone(), actor.clone(), version.to_owned(), note.trim().to_owned());
    let store = app.store.clone();
    store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let linked = decidable(&mut us, &actor, cor, &version)?;
            stays_as_it_is(&linked)?;
            let mut now = linked.observation.clone().ok_or_else(|| Error::Conflict(NOTHING.into()))?;
            let Some(there) = now.seen.clone().filter(|s| !s.event.gone) else {
                return Err(Error::Conflict("The Change Event is gone; there is nothing to take over.".into()));
            };
            if !linked.link.pushed_amount.is_readable() {
                return Err(Error::Conflict(NotTaken::Unreadable.to_string()));
            }
            linked.currency.clone().map_err(|trouble| Error::Conflict(trouble.with_remedy()))?;
            let mut cor = linked.cor.clone();
            if linked.side == Side::Sent {
                actor.may_edit_cors(linked.project.standing())?;
                cor = edited(&app, &mut us, &teller, &linked)?;
            }
            let known = us.link_lines(linked.link.id)?;
            take_lines(&mut us, &linked, &known, &there.lines)?;
            now.baseline.event = Some(there.event.clone());
            now.baseline.locks = there.lines.iter().filter_map(|line| Some((line.id, line.lock()?))).collect();
            // What the COR asks for and Procore has removed is asked about by the next plan; it is no alert any more.
            now.left_alone = now.found.iter().filter(|f| matches!(f, Finding::LineRemoved { .. })).cloned().collect();
            now.found.retain(|f| matches!(f, Finding::LineRemoved { .. }) || !f.may_stay());
            if linked.side == Side::Sent {
                now.found.retain(|f| !f.may_stay());
                now.left_alone.clear();
            }
            us.save_observation(&now)?;
            let state = if linked.link.state.is_drift() { linked.link.state } else { ProcoreState::UpToDate };
            let link = us.link_of(cor.id)?.ok_or(Error::NotFound)?;
            // What of the COR was changed here and never pushed stays to be pushed.
            let whole = linked.side == Side::Received || holds(&mut us, &link, &cor)?;
            let pushed = if whole { cor.priced } else { link.pushed.min(cor.priced - 1) };
            let link = Link { pushed, state, ..link };
            us.show_found(link, &now)?;
            let has = linked.link.pushed_amount;
            let says = match linked.side {
                Side::Sent => format!("took over what Procore has: {has}, before {}", linked.cor.total()),
                Side::Received => format!("accepted what Procore has: {has}; the COR asks for {}", cor.total()),
            };
            Decision::new(&linked.link, says, note.as_str()).keep(&app, &mut us, &actor, &cor)?;
            let text = match (linked.side, note.as_str()) {
                (Side::Sent, _) => format!("took over what Procore has: {has}"),
                (Side::Received, "") => format!("accepted what Procore has: {has}; the COR asks for {}", cor.total()),
                (Side::Received, note) => {
                    format!("accepted what Procore has: {has}; the COR asks for {}. “{}”", cor.total(), brief(note))
                }
            };
            tell_as(&teller, 1, &mut us, &linked.cor, Audience::Only(actor.company), (EntryKind::Push, text))
        })
        .await
}

/// A new version of the COR that asks for what Procore has.
fn edited(app: &App, us: &mut CompanyTx<'_>, teller: &FeedWriter, linked: &LinkedCor) -> Result<Cor, Error> {
    let before = &linked.cor;
    let price = linked.taken_over(|| LineItemId::fresh(app.now(), &*app.entropy));
    let price = price.map_err(|why| Error::Conflict(why.to_string()))?;
    if price == before.price {
        return Ok(before.clone());
    }
    if let Some(settled) = linked.settled() {
        return Err(Error::Conflict(settled.to_owned()));
    }
    let content = CorContent { price, ..before.content() };
    let after = us
        .update_cor(before, &before.number, &content, teller.at)
        .map_err(|error| in_words(error, before.number.as_str()))?;
    let (old, new) = (before.total(), after.total());
    let text = format!("changed the amount from {old} to {new} {}, as Procore has it", (new - old).aside());
    tell_as(teller, 0, us, before, audience(before, us.company), (EntryKind::Edited, text))?;
    Ok(after)
}

/// Whether Procore holds every line that a COR asks for now and no other, to the cent. A locked line that should be gone
/// counts as gone with the one that makes up for it.
fn holds(us: &mut CompanyTx<'_>, link: &Link, cor: &Cor) -> Result<bool, Error> {
    let lines = us.link_lines(link.id)?;
    let wanted = cor.in_procore(link.breakdown);
    let line_of = |key: LineKey| lines.iter().find(|line| line.key == key && line.line.is_some());
    let made_up = |line: &KnownLine| {
        let other = line.key.adjustment().and_then(line_of);
        other.is_some_and(|other| makes_up(Amount::ZERO, line.values.amount) == Some(other.values.amount))
    };
    let asked_for =
        |line: &KnownLine| line.key.adjustment().is_none() || wanted.iter().any(|w| w.key == line.key) || made_up(line);
    let asked: Money = wanted.iter().map(|w| w.amount).sum();
    let held: Amount = lines.iter().map(|line| line.values.amount).sum();
    Ok(held == asked && wanted.iter().all(|w| line_of(w.key).is_some()) && lines.iter().all(asked_for))
}

/// What Procore has is what was last known of our lines. One that was removed there stays known as long as the COR asks for it, so
/// that the next plan asks about it; any other is too many once it is restored.
fn take_lines(
    us: &mut CompanyTx<'_>,
    linked: &LinkedCor,
    known: &[KnownLine],
    there: &[EventLine],
) -> Result<(), Error> {
    let wanted = linked.cor.in_procore(linked.link.breakdown);
    let asked_for = |key| wanted.iter().any(|line| line.key == key || line.key.adjustment() == Some(key));
    for line in known {
        let now = there.iter().find(|l| Some(l.id) == line.line && !l.deleted);
        match now {
            Some(now) => {
                us.save_link_lines(&[(linked.link.id, KnownLine { values: now.values.clone(), ..line.clone() })])?;
            }
            None if linked.side == Side::Sent || line.line.is_some() && !asked_for(line.key) => {
                us.forget_link_lines(&[(linked.link.id, line.key)])?;
            }
            None => {}
        }
    }
    Ok(())
}

/// What became of the lines of a COR that was unlinked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlinked {
    /// They stay in Procore.
    LinesStay,
    /// They went with an event that was deleted.
    LinesWent,
    /// Nobody knows: Procore doesn't show their event, and doesn't list it as deleted either.
    NotKnown,
}

impl From<&LinkedCor> for Unlinked {
    fn from(linked: &LinkedCor) -> Self {
        if linked.is_hidden() {
            Self::NotKnown
        } else if linked.is_gone() {
            Self::LinesWent
        } else {
            Self::LinesStay
        }
    }
}

/// Lets go of the lines in Procore: they stay there, and are nobody's of ours. Not while some are known to be in another event as
/// well: pushed anew, they would count twice.
pub async fn unlink(app: &App, actor: &Actor, cor: CorId, version: &str) -> Result<Unlinked, Error> {
    actor.may_write()?;
    let teller = FeedWriter::new(app, actor);
    let (shared, actor, version) = (app.clone(), actor.clone(), version.to_owned());
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let linked = decidable(&mut us, &actor, cor, &version)?;
            linked.stays_linked().map_or(Ok(()), |why| Err(Error::Conflict(why)))?;
            let_go(&shared, &mut us, &teller, &actor, &linked)?;
            Ok(Unlinked::from(&linked))
        })
        .await
}

/// Unlinks every COR of a project, as [`unlink`] does with one, within a unit of work. Nothing of it may be under way.
pub fn unlink_all(app: &App, us: &mut CompanyTx<'_>, actor: &Actor, project: ProjectId) -> Result<(), Error> {
    for cor in us.linked_cors(project)? {
        let linked = known(us, actor, cor)?;
        let_go(app, us, &FeedWriter::new(app, actor), actor, &linked)?;
    }
    Ok(())
}

fn let_go(
    app: &App,
    us: &mut CompanyTx<'_>,
    teller: &FeedWriter,
    actor: &Actor,
    linked: &LinkedCor,
) -> Result<(), Error> {
    us.end_link(&linked.link)?;
    let event = linked.event.as_ref().map_or_else(String::new, |e| format!(" {}", e.number));
    let there = linked.link.pushed_amount;
    let (left, told) = match Unlinked::from(linked) {
        Unlinked::LinesStay => ("its lines stay there", format!("{there} of its lines stay there")),
        Unlinked::LinesWent => {
            let left = "its lines went with it, as it was deleted there";
            (left, left.to_owned())
        }
        Unlinked::NotKnown => (
            "Procore doesn't show that event, and whether its lines are there still is not known",
            format!("Procore doesn't show that event, and whether {there} of its lines are there still is not known"),
        ),
    };
    let says = format!("unlinked it from Change Event{event}; {left}");
    Decision::new(&linked.link, says, sentences(&linked.open())).keep(app, us, actor, &linked.cor)?;
    let text = format!("unlinked it from Change Event{event}; {told}");
    tell(teller, us, &linked.cor, Audience::Only(actor.company), text)
}

fn tell(teller: &FeedWriter, us: &mut CompanyTx<'_>, cor: &Cor, who: Audience, text: String) -> Result<(), Error> {
    tell_as(teller, 0, us, cor, who, (EntryKind::Push, text))
}

fn tell_as(
    teller: &FeedWriter,
    n: usize,
    us: &mut CompanyTx<'_>,
    cor: &Cor,
    who: Audience,
    what: (EntryKind, String),
) -> Result<(), Error> {
    Ok(teller.write(us, n, (cor.project, Some(cor.id)), who, what)?)
}
