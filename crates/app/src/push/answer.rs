//! Step 3: what becomes of lines that somebody removed in Procore, or that are locked there.

use std::collections::BTreeMap;

use domain::{DraftId, LinkId, role::Actor};
use store::repo::link::Link;

use super::draft::{Answer, DraftBody, open, save, slot};
use crate::{App, Error, FieldErrors};

/// Stores answers about lines that somebody removed in Procore, or that are locked there, by [`slot`]. An answer for a line
/// that is not in question is refused as `answers.<slot>`.
pub async fn answer(app: &App, actor: &Actor, id: DraftId, answers: BTreeMap<String, Answer>) -> Result<(), Error> {
    actor.may_write()?;
    let opened = open(app, actor, id).await?;
    let (company, links) = (actor.company, opened.links.clone());
    let mut lines = opened.slots();
    let known = app
        .store
        .read(move |tx| {
            let ids: Vec<LinkId> = links.values().map(|link| link.id).collect();
            let lines = tx.of(company).lines_of_links(&ids)?;
            let of = |link: &Link| lines.get(&link.id).into_iter().flatten();
            let slots = links.values().map(|link| of(link).map(|line| slot(link.cor, line.key)).collect::<Vec<_>>());
            Ok::<_, Error>(slots.collect::<Vec<_>>())
        })
        .await?;
    lines.extend(known.into_iter().flatten());
    let mut errors = FieldErrors::default();
    for slot in answers.keys().filter(|slot| !lines.contains(*slot)) {
        errors.add(&format!("answers.{slot}"), "There is no such line in this push.");
    }
    errors.check()?;
    let mut body = DraftBody { planned: None, ..opened.body.clone() };
    body.answers.retain(|slot, _| lines.contains(slot));
    body.answers.extend(answers);
    save(app, actor, &opened, &body).await
}
