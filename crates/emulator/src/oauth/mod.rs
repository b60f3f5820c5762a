//! OAuth 2.0: codes, tokens and who they speak for.

mod authorize;
mod session;
mod token;

use std::collections::HashMap;

use axum::Router;
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub(crate) use session::{signed_in, signing_in};
pub(crate) use token::{bearer, body_as_json};

/// Shows the code on a page instead of redirecting.
pub(crate) const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";
/// Registered for every app.
pub(crate) const DEFAULT_REDIRECT: &str = "http://localhost";
/// Life of an authorization code.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// An app that is registered with this Procore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Client id.
    pub id: String,
    /// Client secret.
    pub secret: String,
    /// The name people see on the consent page.
    pub name: String,
    /// Where codes may go; each compared exactly. `http://localhost` is always one.
    pub redirect_uris: Vec<String>,
}

impl Client {
    /// An app with these credentials.
    pub fn new(id: &str, secret: &str, redirect_uris: &[&str]) -> Self {
        Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
            name: "Ledgerboard".to_owned(),
            redirect_uris: redirect_uris.iter().map(|uri| (*uri).to_owned()).collect(),
        }
    }

    /// Whether codes may go there: exactly as registered, to the last slash.
    pub(crate) fn may_redirect_to(&self, uri: &str) -> bool {
        uri == DEFAULT_REDIRECT || uri == OUT_OF_BAND || self.redirect_uris.iter().any(|known| known == uri)
    }
}

/// For whom a token speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actor {
    pub(crate) client_id: String,
    pub(crate) user_id: i64,
    /// Got by client credentials: an app's own account, not a person.
    pub(crate) is_service: bool,
    pub(crate) token: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) user_id: i64,
    pub(crate) expires_at: Timestamp,
    pub(crate) challenge: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) actor: Actor,
    pub(crate) refresh: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) revoked: bool,
}

/// Codes, tokens and signed-in browsers.
#[derive(Debug, Clone)]
pub(crate) struct OAuth {
    pub(crate) clients: Vec<Client>,
    pub(crate) life: SignedDuration,
    pub(crate) codes: HashMap<String, Code>,
    /// By access token.
    pub(crate) tokens: HashMap<String, Token>,
    /// Access token by live refresh token.
    pub(crate) refreshers: HashMap<String, String>,
    /// User by session cookie.
    pub(crate) sessions: HashMap<String, i64>,
}

impl OAuth {
    pub(crate) fn new(clients: Vec<Client>, life_seconds: i64) -> Self {
        Self {
            clients,
            life: SignedDuration::from_secs(life_seconds),
            codes: HashMap::new(),
            tokens: HashMap::new(),
            refreshers: HashMap::new(),
            sessions: HashMap::new(),
        }
    }

    pub(crate) fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// For whom an access token speaks at `now`, or the vendor's sentence why it does not.
    pub(crate) fn actor(&self, access: &str, now: Timestamp) -> Result<Actor, &'static str> {
        let token = self.tokens.get(access).ok_or("The access token is invalid")?;
        if token.revoked {
            return Err("The access token was revoked");
        }
        if token.expires_at <= now {
            return Err("The access token expired");
        }
        Ok(token.actor.clone())
    }

    pub(crate) fn keep(&mut self, access: String, token: Token) {
        if let Some(refresh) = &token.refresh {
            self.refreshers.insert(refresh.clone(), access.clone());
        }
        self.tokens.insert(access, token);
    }

    pub(crate) fn set_life(&mut self, seconds: i64) {
        self.life = SignedDuration::from_secs(seconds);
    }

    pub(crate) fn new_code(&mut self, secret: String, code: Code) -> String {
        self.codes.insert(secret.clone(), code);
        secret
    }

    pub(crate) fn expire_all(&mut self, now: Timestamp) -> usize {
        let live = self.tokens.values_mut().filter(|token| !token.revoked && token.expires_at > now);
        live.map(|token| token.expires_at = now).count()
    }

    pub(crate) fn revoke_all(&mut self) -> usize {
        self.refreshers.clear();
        self.tokens.values_mut().filter(|token| !token.revoked).map(|token| token.revoked = true).count()
    }

    /// Kills an access or refresh token and its other half. An unknown one is no error.
    pub(crate) fn revoke(&mut self, secret: &str) {
        let access = self.refreshers.remove(secret).unwrap_or_else(|| secret.to_owned());
        if let Some(token) = self.tokens.get_mut(&access) {
            token.revoked = true;
            if let Some(refresh) = &token.refresh {
                self.refreshers.remove(refresh);
            }
        }
    }
}

pub(crate) fn code_expiry(now: Timestamp) -> Timestamp {
    now + CODE_LIFE
}

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/oauth/authorize", get(authorize::ask).post(authorize::answer))
        .route("/oauth/token", post(token::issue))
        .route("/oauth/token/info", get(token::info))
        .route("/oauth/revoke", post(token::revoke))
        .route("/login", get(session::page).post(session::sign_in))
        .route("/logout", post(session::sign_out))
}
