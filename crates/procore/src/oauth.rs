//! Signing in: OAuth 2.0 with authorization code, refresh and client credentials.
//!
//! Refresh tokens are single use: any refresh, even one whose answer is lost, kills the one it used. So let one
//! refresher at a time work on a login, store both new tokens before using either, and take [`Error::Uncertain`] from
//! [`Procore::refresh`] for a login that probably has to be made anew.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{
    client::Procore,
    error::Error,
    model::UserId,
    problem::{self, Effect},
    rate,
    send::{Call, Reply},
};

/// How long an access token lives by Procore's documents, for an answer that doesn't say it in a way that can be true.
const DOCUMENTED_LIFE: u32 = 5400;
/// No life longer than a day is believed: a token that lives on is renewed a little early.
const LONGEST_LIFE: u32 = 24 * 3600;
/// Longer than any token; it is kept, and sent with every request.
const LONGEST_TOKEN: usize = 16 << 10;

/// What a login lives on.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Sent with every call. Lives 90 minutes by Procore's documents; `expires_in` says it exactly.
    pub access: SecretString,
    /// Good for one refresh. Absent for client credentials, which simply ask again.
    pub refresh: Option<SecretString>,
    /// By Procore's clock.
    pub created_at: Timestamp,
    /// Seconds, from 1 to a day.
    pub expires_in: u32,
}

impl Tokens {
    /// When the access token dies, by Procore's clock.
    pub fn expires_at(&self) -> Timestamp {
        self.created_at.saturating_add(SignedDuration::from_secs(self.expires_in.into())).unwrap_or(Timestamp::MAX)
    }
}

/// Whose token it is and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TokenInfo {
    /// The person, or the service account.
    pub resource_owner_id: UserId,
    /// Seconds left; absent if Procore does not say.
    #[serde(default)]
    pub expires_in_seconds: Option<i64>,
    /// When the token was made, in seconds since 1970.
    #[serde(default)]
    pub created_at: Option<i64>,
}

/// The S256 challenge for a PKCE verifier (RFC 7636): a verifier is 43 to 128 letters, digits, `-._~`.
pub fn pkce_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    refresh_token: Option<String>,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    created_at: Value,
}

/// Seconds, however they are written: `5400`, `"5400"`, `5400.0`.
fn seconds(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|seconds| seconds.is_finite())
}

/// The life that an answer names; the documented one where it names none, or one that can't be meant: a token that would be
/// dead when it is given.
fn life(said: &Value) -> u32 {
    let said = seconds(said).filter(|life| *life >= 1.0);
    // Between 1 and a day, so that nothing is cut off.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between 1 and a day")]
    said.map_or(DOCUMENTED_LIFE, |life| life.min(LONGEST_LIFE.into()) as u32)
}

impl Procore {
    /// Where to send the person's browser. `state` comes back and must be compared; `pkce_challenge` is sent although
    /// Procore does not document that it looks at it.
    pub fn authorize_url(&self, state: &str, pkce_challenge: &str) -> Url {
        let mut url = below(&self.hosts.login, "oauth/authorize");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.app.client_id)
            .append_pair("redirect_uri", &self.app.redirect_uri)
            .append_pair("state", state)
            .append_pair("code_challenge", pkce_challenge)
            .append_pair("code_challenge_method", "S256");
        url
    }

    /// Turns the code that came back into tokens. A code is single use and lives ten minutes.
    pub async fn exchange_code(&self, code: &str, verifier: &str) -> Result<Tokens, Error> {
        let redirect = self.app.redirect_uri.clone();
        let fields = [("code", code), ("redirect_uri", redirect.as_str()), ("code_verifier", verifier)];
        self.token("authorization_code", Effect::Writes, &fields).await
    }

    /// A new pair for an old refresh token, which is dead from the moment this leaves. Never send one twice.
    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<Tokens, Error> {
        self.token("refresh_token", Effect::Writes, &[("refresh_token", refresh_token.expose_secret())]).await
    }

    /// An access token for the app's service account.
    pub async fn client_credentials(&self) -> Result<Tokens, Error> {
        self.token("client_credentials", Effect::Harmless, &[]).await
    }

    /// Ends a login: kills the access and the refresh token. An unknown token is fine too.
    pub async fn revoke(&self, token: &SecretString) -> Result<(), Error> {
        let fields = [("token", token.expose_secret())];
        let reply = self.post_as_app("oauth/revoke", "/oauth/revoke", Effect::Harmless, &fields).await?;
        accepted(reply).map(drop)
    }

    /// Whose token this is.
    pub async fn token_info(&self, access_token: &SecretString) -> Result<TokenInfo, Error> {
        let mut call = Call::get("/oauth/token/info", below(&self.hosts.login, "oauth/token/info"));
        call.token = Some(access_token.clone());
        self.send(call).await?.success()?.decode()
    }

    async fn token(&self, grant: &str, effect: Effect, fields: &[(&str, &str)]) -> Result<Tokens, Error> {
        let fields: Vec<_> = [("grant_type", grant)].into_iter().chain(fields.iter().copied()).collect();
        let reply = accepted(self.post_as_app("oauth/token", "/oauth/token", effect, &fields).await?)?;
        let answer: TokenAnswer = reply.decode()?;
        let longest = answer.access_token.len().max(answer.refresh_token.as_ref().map_or(0, String::len));
        if answer.access_token.is_empty() || longest > LONGEST_TOKEN {
            return Err(effect.unanswered(None, &reply.headers, "the answer holds no token that can be one".into()));
        }
        // Losing a pair for want of a date would cost the person a sign-in: the answer's own date serves as well, and
        // without any the token counts as expired and is refreshed at its first use.
        let created_at = seconds(&answer.created_at).and_then(|at| SignedDuration::try_from_secs_f64(at).ok());
        let created_at = created_at.and_then(|since_1970| Timestamp::from_duration(since_1970).ok());
        let created_at = created_at.or_else(|| rate::date(&reply.headers)).unwrap_or(Timestamp::UNIX_EPOCH);
        let refresh = answer.refresh_token.filter(|token| !token.is_empty()).map(SecretString::from);
        Ok(Tokens { access: answer.access_token.into(), refresh, created_at, expires_in: life(&answer.expires_in) })
    }

    async fn post_as_app(
        &self,
        path: &str,
        template: &'static str,
        effect: Effect,
        fields: &[(&str, &str)],
    ) -> Result<Reply, Error> {
        let id =
            [("client_id", self.app.client_id.as_str()), ("client_secret", self.app.client_secret.expose_secret())];
        let fields: Vec<_> = id.into_iter().chain(fields.iter().copied()).collect();
        self.send(Call::form(effect, template, below(&self.hosts.login, path), &fields)).await
    }
}

/// Sorts the answers of the token endpoints. Their refusals come with 400 or 401 alike, and only some of them are about
/// the login; the others are about the app, which no sign-in mends.
fn accepted(reply: Reply) -> Result<Reply, Error> {
    if !matches!(reply.status.as_u16(), 400 | 401) {
        return reply.success();
    }
    let text =
        problem::first_text(&reply.body).unwrap_or_else(|| format!("Procore answered {}", reply.status.as_u16()));
    match problem::oauth_code(&reply.body).as_deref() {
        Some(
            code @ ("invalid_client"
            | "unauthorized_client"
            | "unsupported_grant_type"
            | "invalid_request"
            | "invalid_scope"),
        ) => Err(Error::Misused(format!("Procore does not accept the app's credentials or request ({code}): {text}"))),
        _ => Err(Error::SignInAgain(text)),
    }
}

/// `path` under a base that may have a path of its own.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let start = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{start}/{path}"));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_the_standard() {
        // RFC 7636, appendix B.
        let challenge = pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_base_may_have_a_path() {
        let under = |base: &str| below(&Url::parse(base).unwrap(), "oauth/token").to_string();
        assert_eq!(under("http://localhost:9400"), "http://localhost:9400/oauth/token");
        assert_eq!(under("http://localhost/procore/"), "http://localhost/procore/oauth/token");
    }
}
