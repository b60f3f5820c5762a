//! From what Procore delivered to what is read again. Nothing is believed of a delivery but that something happened, so
//! their order doesn't matter, and one that is lost is made up for by the reading on schedule.

use jiff::{SignedDuration, Timestamp};
use store::{
    CompanyTx,
    repo::webhook_inbox::{Delivered, Outcome, Waiting},
};

use crate::{Context, Error, link::reading::SETTLED};

/// One change brings a delivery for the event and one for each line; they are waited for and read together.
const TOGETHER: SignedDuration = SignedDuration::from_secs(5);
/// A delivery can be faster than what it tells of: what was read is read once more after this.
const ONCE_MORE: SignedDuration = SignedDuration::from_secs(20);
/// How far Procore's clock may be from ours, and its deliveries' time from our request's.
const CLOCKS: SignedDuration = SignedDuration::from_secs(60);
/// Handled deliveries are kept for so long: one may come again for twelve hours.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Handles some of what was delivered. `false` when nothing waits.
pub async fn step(context: &Context) -> Result<bool, Error> {
    let waiting = context.store.read(store::Tx::waiting_deliveries).await?;
    if waiting == Waiting::default() {
        return Ok(false);
    }
    let (shared, now) = (context.clone(), context.now());
    context
        .store
        .write(move |tx| {
            for (hook, delivery, because) in &waiting.damaged {
                tracing::error!(delivery, because, "a delivery can't be read and was set aside");
                tx.set_delivery_aside(*hook, delivery, because)?;
            }
            for row in &waiting.readable {
                match handle(&shared, &mut tx.of(row.company), row, now) {
                    Err(Error::Unreadable(because)) => {
                        tracing::error!(
                            delivery = row.delivery,
                            because,
                            "a delivery can't be handled and was set aside"
                        );
                        tx.set_delivery_aside(row.webhook, &row.delivery, &because)?;
                    }
                    handled => handled?,
                }
            }
            Ok::<_, Error>(())
        })
        .await?;
    Ok(true)
}

/// Forgets what was handled long ago.
pub async fn prune(context: &Context) -> Result<(), Error> {
    let before = context.now().saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
    context.store.write(move |tx| tx.forget_deliveries(before)).await?;
    Ok(())
}

fn handle(context: &Context, us: &mut CompanyTx<'_>, row: &Delivered, now: Timestamp) -> Result<(), Error> {
    let event = match (row.event, row.line) {
        (None, Some(line)) => us.event_of_line(row.project, line)?,
        (event, _) => event,
    };
    // `None`: somebody else's line, or a delivery nobody can read. Anything may have changed.
    let outcome = if !us.is_linked(row.project, event)? {
        // What a push is looking for may be told of here before any list shows it.
        if us.awaits_event(row.project)? { Outcome::LookedAt } else { Outcome::NotLinked }
    } else if let Some(event) = event
        && is_ours(context, us, row, event)?
    {
        Outcome::Ours
    } else {
        Outcome::LookedAt
    };
    if us.delivery_handled(row, outcome, now)? && outcome == Outcome::LookedAt {
        us.watch_soon(row.project, event, together(now, SETTLED))?;
        if event.is_some() {
            us.watch_soon(row.project, event, together(now, ONCE_MORE))?;
        }
    }
    Ok(())
}

/// Whether a delivery tells of a push of our own. What another installation of the same app did is not ours. A wrong no
/// costs one read, a wrong yes hides a change until the next scheduled one; so where Procore does not name the app, it
/// must have been our login while our push was under way.
fn is_ours(context: &Context, us: &mut CompanyTx<'_>, row: &Delivered, event: i64) -> Result<bool, Error> {
    let at = row.happened_at.unwrap_or(row.received_at);
    let around = |by: SignedDuration| {
        (at.saturating_sub(by).unwrap_or(Timestamp::MIN), at.saturating_add(by).unwrap_or(Timestamp::MAX))
    };
    if row.application.is_empty() {
        let Some(user) = row.user else { return Ok(false) };
        return Ok(us.pushed_between(row.project, event, Some(user), around(SignedDuration::from_secs(1)))?);
    }
    Ok(row.application == context.procore.client_id() && us.pushed_between(row.project, event, None, around(CLOCKS))?)
}

/// The end of the span in which deliveries are read together, at least `after` from now.
fn together(now: Timestamp, after: SignedDuration) -> Timestamp {
    let span = TOGETHER.as_secs();
    let earliest = now.saturating_add(after).unwrap_or(now);
    Timestamp::from_second((earliest.as_second().div_euclid(span) + 1) * span).unwrap_or(now)
}
