//! What a person should know right after signing in.

use domain::role::Role;
use jiff::SignedDuration;
use store::repo::session::SessionRecord;

use crate::{
    App,
    account::{api_tokens, throttle::WORTH_TELLING},
};

/// A sign-in warns of tokens that end this soon.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Says that others tried to sign in, and which of the person's tokens end soon. A failure here
/// keeps nobody out.
pub async fn news(app: &App, session: &SessionRecord, wrong: u32) -> Vec<String> {
    let mut told = Vec::new();
    if wrong >= WORTH_TELLING {
        let tell = if session.actor.role == Role::AccountOwner { "" } else { ", and tell your Account Owner" };
        told.push(format!(
            "{wrong} wrong passwords were tried for your e-mail before you signed in. If that wasn't you, choose a new \
             password under Password{tell}."
        ));
    }
    let now = app.now();
    let ending = api_tokens::live(app, &session.actor).await.unwrap_or_else(|error| {
        tracing::error!(%error, "whose tokens end soon can't be told");
        Vec::new()
    });
    let ending: Vec<String> = ending
        .into_iter()
        .filter(|token| token.expires_at.duration_since(now) <= SOON)
        .map(|token| format!("“{}”", domain::text::shortened(&token.name, 60)))
        .collect();
    if !ending.is_empty() {
        let (tokens, stop, new) = match ending.len() {
            1 => ("API token", "stops", "a new one"),
            _ => ("API tokens", "stop", "new ones"),
        };
        told.push(format!(
            "Your {tokens} {} {stop} working within two weeks. Make {new} under Settings → API tokens.",
            ending.join(", ")
        ));
    }
    told
}
