//! What a person does in Procore's window.

use axum::body::Body;
use domain::role::Actor;
use http::{Request, StatusCode, header};
use tower::ServiceExt as _;
use url::Url;

use super::World;
use crate::{
    App, Error,
    integration::oauth::{self, Callback, Returned},
};

impl World {
    /// Signs in at Procore as `login` and agrees that the app may act. Answers where the browser is sent back to.
    pub async fn allow(&self, authorize: &Url, login: &str) -> Url {
        self.decide(authorize, login, "allow").await
    }

    /// Signs in at Procore as `login` and declines. Answers where the browser is sent back to.
    pub async fn deny(&self, authorize: &Url, login: &str) -> Url {
        self.decide(authorize, login, "deny").await
    }

    /// Signs the actor in to Procore as `login`, all the way.
    pub async fn sign_in_to_procore(&self, app: &App, actor: &Actor, login: &str) -> Result<String, Error> {
        let authorize = oauth::begin(app, actor, "/", false).await?;
        let back = self.allow(&authorize, login).await;
        let Returned { outcome, .. } = oauth::finish(app, actor, callback(&back)).await?;
        outcome
    }

    async fn decide(&self, authorize: &Url, login: &str, decision: &str) -> Url {
        let password = emulator::seed::PASSWORD;
        let (_, cookie) = self.post("/login", "", &[("login", login), ("password", password)]).await;
        let asked: Vec<(String, String)> = authorize.query_pairs().into_owned().collect();
        let mut fields: Vec<(&str, &str)> = asked.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        fields.push(("decision", decision));
        let (location, _) = self.post("/oauth/authorize", &cookie, &fields).await;
        location.parse().expect("Procore sends the browser back")
    }

    /// Posts a form to Procore's own pages. Answers `Location` and the cookie that was set.
    async fn post(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> (String, String) {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie)
            .body(Body::from(form))
            .expect("a request of constants");
        let Ok(answer) = self.procore.router().oneshot(request).await;
        assert_ne!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "nobody of this name at Procore");
        let text = |name| answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let cookie = text(header::SET_COOKIE).split(';').next().unwrap_or_default().to_owned();
        (text(header::LOCATION).to_owned(), cookie)
    }
}

/// What a redirect back to us carries.
pub fn callback(back: &Url) -> Callback {
    let value =
        |name: &str| back.query_pairs().find(|(k, _)| k == name).map(|(_, v)| v.into_owned()).unwrap_or_default();
    Callback { code: value("code"), state: value("state"), error: value("error") }
}
