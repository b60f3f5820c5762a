//! A sender writes a COR: begins it as a Draft, edits it, throws a Draft away.

use domain::{
    CorId, ProjectId,
    activity::{Audience, EntryKind},
    cor::{Price, Status, approval},
    role::Actor,
};
use store::repo::{
    change_notification::Reply,
    cor::{Cor, CorContent, NewCor},
};

use crate::{
    App, Error,
    cor::{
        copy,
        input::{CorInput, TotalSaid},
        set_status::tell_status,
        story::{FeedWriter, audience, changed_meanwhile, in_words, visible, visible_cor},
    },
    notifications,
    typed::brief,
};

/// Begins a COR on a project, and answers it as stored.
pub async fn create(app: &App, actor: &Actor, project: ProjectId, input: CorInput) -> Result<Cor, Error> {
    actor.may_write()?;
    let feed = FeedWriter::new(app, actor);
    let id = CorId::fresh(feed.at, app.entropy.as_ref());
    let (actor, entropy) = (actor.clone(), app.entropy.clone());
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            actor.may_see_log()?;
            let project = visible(&mut us, &actor, project)?;
            actor.may_edit_cors(project.standing())?;
            let contract = input.contract.map(|id| us.contract(id)).transpose()?.flatten();
            let contract = contract
                .filter(|contract| contract.project == project.id && contract.contractor.id == actor.company)
                .ok_or_else(|| Error::invalid("contract", "Choose the contract that this COR changes."))?;
            let read = input.read(project.currency, None, feed.at, entropy.as_ref()).map_err(Error::Invalid)?;
            let new = NewCor { id, contract: contract.id, number: read.number, content: read.content, at: feed.at };
            let number = new.number.as_ref().map_or("", |number| number.as_str()).to_owned();
            let made = us.create_cor(&new).map_err(|error| in_words(error, &number))?.ok_or(Error::NotFound)?;
            let about = (made.project, Some(made.id));
            let text = format!("drafted COR {} “{}” for {}", made.number, brief(&made.title), made.total());
            feed.write(&mut us, 0, about, Audience::Only(actor.company), (EntryKind::Created, text))?;
            if let Some(notification) = input.answers {
                let told = feed.entry(1, about, Audience::Both, (EntryKind::Notification, String::new()));
                let reply = Reply::Cor(made.id);
                notifications::reply_in(&mut us, &actor, notification, new.contract, &reply, feed.at, &told)
                    .map_err(not_asked)?;
            }
            if !input.send {
                return Ok(made);
            }
            let sent = us.set_cor_status(&made, Status::InReview, feed.at)?;
            tell_status(&mut us, &feed, 2, &made, &sent)?;
            Ok(sent)
        })
        .await
}

/// The notification does not ask under the chosen contract. The editor keeps what was typed, so that the person can choose another.
fn not_asked(error: Error) -> Error {
    match error {
        Error::NotFound => Error::invalid(
            "contract",
            "The Change Notification doesn't ask under this contract. Choose the one it asks.",
        ),
        other => other,
    }
}

/// An edit.
#[derive(Debug, Clone)]
pub struct EditCor {
    /// Which COR.
    pub cor: CorId,
    /// The revision the editor was opened on.
    pub revision: i64,
    /// The whole COR after the edit.
    pub typed: CorInput,
    /// Keep the stored price and save the rest.
    pub without_price: bool,
}

/// Changes what a sender wrote, and answers the COR as it is now.
pub async fn edit(app: &App, actor: &Actor, input: EditCor) -> Result<Cor, Error> {
    actor.may_write()?;
    let feed = FeedWriter::new(app, actor);
    let (actor, entropy) = (actor.clone(), app.entropy.clone());
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let (before, project) = visible_cor(&mut us, &actor, input.cor)?;
            if before.sender.id != actor.company {
                return Err(Error::Conflict(copy::theirs(&before)));
            }
            actor.may_edit_cors(project.standing())?;
            if before.revision != input.revision {
                return Err(changed_meanwhile());
            }
            let settled = before.status.settles_price(before.receiver_joined);
            let mut typed = input.typed.clone();
            if input.without_price {
                typed = besides_price(&before, &typed);
            } else if settled.is_some() {
                // The price is locked, so nobody is asked which total counts.
                typed.said = TotalSaid::Given;
            }
            let read = typed.read(before.currency, Some(&before.price), feed.at, entropy.as_ref());
            let mut read = read.map_err(Error::Invalid)?;
            let same = same_price(&before.price, &read.content.price);
            match settled {
                Some(settled) if !same => return Err(Error::Conflict(settled.to_owned())),
                Some(_) => read.content.price = before.price.clone(),
                None => {}
            }
            let number = read.number.ok_or_else(|| Error::invalid("number", "A COR needs a number."))?;
            let changes = changes(&before, number.as_str(), &read.content);
            let mut after = before.clone();
            if !changes.is_empty() {
                after = us
                    .update_cor(&before, &number, &read.content, feed.at)
                    .map_err(|error| in_words(error, number.as_str()))?;
                let text = format!("changed {}", changes.join(", "));
                let who = audience(&before, actor.company);
                feed.write(&mut us, 0, (before.project, Some(before.id)), who, (EntryKind::Edited, text))?;
            }
            if input.typed.send && after.status == Status::Draft {
                let sent = us.set_cor_status(&after, Status::InReview, feed.at)?;
                tell_status(&mut us, &feed, 1, &after, &sent)?;
                after = sent;
            }
            Ok(after)
        })
        .await
}

/// What was typed, with the price as it is stored.
fn besides_price(cor: &Cor, typed: &CorInput) -> CorInput {
    let CorInput { total, lines, .. } = CorInput::from(cor);
    CorInput { total, lines, said: TotalSaid::Given, ..typed.clone() }
}

/// Whether what was typed leaves the price of a COR as it is.
pub fn keeps_price(app: &App, cor: &Cor, typed: &CorInput) -> bool {
    let (total, lines) = (typed.total.clone(), typed.lines.clone());
    let priced = CorInput { total, lines, said: TotalSaid::Given, ..CorInput::from(cor) };
    let read = priced.read(cor.currency, Some(&cor.price), app.now(), app.entropy.as_ref());
    read.is_ok_and(|read| same_price(&cor.price, &read.content.price))
}

/// What an edit would change beside the price, in words; nothing while it can't be read.
pub fn changes_besides_price(app: &App, cor: &Cor, typed: &CorInput) -> Option<Vec<String>> {
    let read = besides_price(cor, typed).read(cor.currency, Some(&cor.price), app.now(), app.entropy.as_ref()).ok()?;
    let number = read.number.as_ref().map_or("", |number| number.as_str());
    Some(changes(cor, number, &CorContent { price: cor.price.clone(), ..read.content }))
}

/// Whether two prices are the same but for the order of their lines.
fn same_price(one: &Price, other: &Price) -> bool {
    let sorted = |price: &Price| {
        let mut lines = price.lines.clone();
        lines.sort_by_key(|line| line.id);
        lines
    };
    one.overtyped == other.overtyped && sorted(one) == sorted(other)
}

/// What an edit changes, in words, with amounts before and after; empty when it changes nothing.
fn changes(before: &Cor, number: &str, content: &CorContent) -> Vec<String> {
    let mut words = Vec::new();
    if before.number.as_str() != number {
        words.push(format!("the number from {} to {number}", before.number));
    }
    if before.title != content.title {
        words.push(format!("the title from “{}” to “{}”", brief(&before.title), brief(&content.title)));
    }
    let (old, new) = (before.total(), content.price.total());
    if old != new {
        words.push(format!("the amount from {old} to {new} {}", (new - old).aside()));
    } else if before.price != content.price {
        words.push(match (content.price.overtyped, content.price.totals().sum) {
            (Some(_), Some(sum)) => {
                format!("lines, which add up to {sum} now; the total of {new} was typed and is kept")
            }
            (Some(_), None) if !before.price.lines.is_empty() => {
                format!("lines, of which none are left; the total of {new} was typed and is kept as a lump sum")
            }
            _ => format!("lines that still add up to {new}"),
        });
    }
    if before.description != content.description {
        words.push("the description".to_owned());
    }
    if before.customer_reference != content.customer_reference {
        let said = |text: &str| if text.is_empty() { "none".to_owned() } else { format!("“{}”", brief(text)) };
        words.push(format!(
            "the customer reference from {} to {}",
            said(&before.customer_reference),
            said(&content.customer_reference)
        ));
    }
    words
}

/// Throws a Draft away, and answers its project.
pub async fn delete_draft(app: &App, actor: &Actor, id: CorId) -> Result<ProjectId, Error> {
    actor.may_write()?;
    let feed = FeedWriter::new(app, actor);
    let actor = actor.clone();
    app.store
        .write(move |tx| {
            let mut us = tx.of(actor.company);
            let (cor, project) = visible_cor(&mut us, &actor, id)?;
            actor.may_edit_cors(project.standing())?;
            if cor.status != Status::Draft {
                return Err(Error::Conflict(approval::NO_WAY_BACK.to_owned()));
            }
            us.delete_draft(&cor).map_err(|error| in_words(error, cor.number.as_str()))?;
            let text = format!("deleted the draft COR {} “{}” for {}", cor.number, brief(&cor.title), cor.total());
            feed.write(&mut us, 0, (cor.project, None), Audience::Only(actor.company), (EntryKind::Project, text))?;
            Ok(cor.project)
        })
        .await
}
