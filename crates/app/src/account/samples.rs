//! Samples of the pages in front of the product, of a person's own pages and of the problem pages.

use axum::http::StatusCode;
use domain::{ApiTokenId, OfficeId, PersonId, role::Role};
use store::repo::api_token::ApiToken;

use crate::{
    Error, FieldErrors,
    account::{
        api_tokens::TokenInput,
        pages::{
            gate::{FirstRunPage, SignInPage},
            password::PasswordPage,
            tokens::TokensPage,
        },
        setup::Setup,
    },
    error::Storage,
    gallery::{Pages, actor, at, id, now, put, settings_shell, shell},
    serving::{
        problem_page::{LastForm, PostedForm, ProblemPage},
        views::{NavItem, Shell},
    },
    typed::NOT_AN_EMAIL,
};

pub(crate) fn add(pages: &mut Pages) {
    put(pages, "sign-in", &SignInPage { next: "/".to_owned(), ..SignInPage::default() });
    let refused = SignInPage {
        email: "dana@whitfieldsons.example".to_owned(),
        errors: FieldErrors::one("", "E-mail or password is wrong."),
        demo_logins: vec![
            ("Project Manager".into(), "dana@whitfieldsons.example".into(), "correct horse battery".into()),
            ("Account Owner".into(), "ruth@whitfieldsons.example".into(), "correct horse battery".into()),
            ("Subcontractor".into(), "luis@cascademechanical.example".into(), "correct horse battery".into()),
        ],
        ..SignInPage::default()
    };
    put(pages, "sign-in-refused", &refused);
    let mut errors = FieldErrors::one("password_again", "This isn't the same password.");
    errors.add("email", NOT_AN_EMAIL);
    let typed = Setup { company: "Whitfield & Sons".into(), email: "ruth@".into(), ..Setup::default() };
    put(pages, "first-run-refused", &FirstRunPage { typed, errors });
    let password = PasswordPage {
        shell: shell("Your password", NavItem::Elsewhere),
        temporary: true,
        email: "dana@whitfieldsons.example".into(),
        next: "/projects".into(),
        tokens: vec!["Nightly export to the data warehouse".into(), "Trial".into()],
        errors: FieldErrors::one("old_password", "This is not your current password."),
    };
    put(pages, "account-password", &password);
    add_tokens(pages);
    add_problems(pages);
}

fn add_tokens(pages: &mut Pages) {
    let nightly = ApiToken {
        id: ApiTokenId(id(1)),
        person: PersonId(id(1)),
        person_name: "Ruth Calloway".into(),
        name: "Nightly export to the data warehouse".into(),
        created_at: at("2026-11-03T09:00:00Z"),
        used_at: Some(at("2026-11-29T12:10:00Z")),
        revoked_at: None,
        expires_at: at("2027-11-03T09:00:00Z"),
        reads_only: false,
    };
    let soon = ApiToken {
        name: "Trial".into(),
        used_at: None,
        expires_at: at("2026-12-08T15:00:00Z"),
        reads_only: true,
        ..nightly.clone()
    };
    let over = ApiToken {
        name: "Old import".into(),
        used_at: Some(at("2026-11-04T08:00:00Z")),
        expires_at: at("2026-11-05T09:00:00Z"),
        ..nightly.clone()
    };
    let page = |tokens, made| TokensPage {
        shell: settings_shell(),
        tokens,
        reader: PersonId(id(1)),
        now: now(),
        made,
        typed: TokenInput::default(),
        errors: FieldErrors::default(),
    };
    let made = Some("lb_4f9c1d7e8a2b4c6d9e0f1a2b3c4d5e6f7a8b9c0d1e2f".into());
    put(pages, "settings-tokens", &page(vec![nightly, soon, over], made));
    put(pages, "settings-tokens-empty", &page(Vec::new(), None));
}

fn add_problems(pages: &mut Pages) {
    let mut add = |name, frame, status, error: Option<Error>, kept| {
        put(pages, name, &ProblemPage::of(frame, status, error.as_ref(), kept));
    };
    let frame = || shell("", NavItem::Elsewhere);
    add("problem-404", frame(), StatusCode::NOT_FOUND, None, LastForm::default());
    let written = "title: Reroute the chilled water main\ndescription: Around the new shear wall at grid C.4\n".into();
    let kept = LastForm { written, ..LastForm::default() };
    let denied = actor(Role::ProjectManager).may_integrate(OfficeId(id(1))).map_err(Error::Denied);
    add("problem-403", frame(), StatusCode::FORBIDDEN, denied.err(), kept);
    add("problem-500", Shell::default(), StatusCode::INTERNAL_SERVER_ERROR, None, LastForm::default());
    let again = Some(PostedForm { url: "/projects".into(), fields: vec![("name".into(), "Harbor Point".into())] });
    let kept = LastForm { again, ..LastForm::default() };
    let full = Some(Error::Storage(Storage::Full, String::new()));
    add("problem-507", frame(), StatusCode::INSUFFICIENT_STORAGE, full, kept);
}
