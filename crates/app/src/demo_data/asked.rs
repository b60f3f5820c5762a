//! Change Notifications of the demo: one that somebody answered, somebody declined and somebody has still to answer.

use super::Furnished;
use crate::{
    App, Error,
    notifications::{self, SendNotification},
};

/// Asks the subcontractors for two prices, and answers for some of them.
pub async fn ask_for_prices(app: &App, made: &Furnished) -> Result<(), Error> {
    let ask = |title: &str, description: &str, reference: &str, days: i64| SendNotification {
        title: title.to_owned(),
        description: description.to_owned(),
        due_on: due(app, days),
        reference: reference.to_owned(),
        contracts: made.contracts.iter().map(ToString::to_string).collect(),
    };
    let bulletin = ask(
        "Bulletin 6: revised Level 2 shaft",
        "Price the revised shaft and column enclosures as drawn in Bulletin 6, sheets A-214 and M-302. Separate credits \
         for work not yet installed.",
        "Bulletin 6",
        9,
    );
    let bulletin = notifications::send(app, &made.manager, made.project, bulletin).await?;
    // Two answer with CORs they sent since, one has nothing to price.
    for (sub, number) in [(0, 15), (2, 14)] {
        let cor = made.cors[sub].get(number - 1).ok_or_else(|| Error::internal("the demo has that COR"))?;
        notifications::answer(app, &made.subs[sub], bulletin, made.contracts[sub], *cor).await?;
    }
    let note = "No electrical work on these sheets.";
    notifications::decline(app, &made.subs[1], bulletin, made.contracts[1], note).await?;
    let shutdown = ask("Saturday shutdown for service tie-in", "Premium time only, one Saturday in December.", "", 4);
    notifications::send(app, &made.manager, made.project, shutdown).await.map(|_| ())
}

/// A day from now on, as a form gives it.
fn due(app: &App, days: i64) -> String {
    let at = app.now().saturating_add(jiff::SignedDuration::from_hours(24 * days)).unwrap_or(app.now());
    at.strftime("%Y-%m-%d").to_string()
}
