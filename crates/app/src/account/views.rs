//! Pages in front of the product: sign-in, the first run, the end of a pop-up.

use askama::Template;

use crate::serving::views::FormErrors;

/// Sign-in. Posts `email`, `password`, `next` (where to go afterwards) to `action_url`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "account/templates/sign_in.html")]
pub struct SignIn {
    /// Where the form posts.
    pub action_url: String,
    /// The address typed before, to try again.
    pub email: String,
    /// Where to go afterwards.
    pub next: String,
    /// Why it was refused ("E-mail or password is wrong.", "Too many wrong passwords. Wait 12 seconds, then try again.").
    pub errors: FormErrors,
    /// A notice: "You are signed out."; empty when there is none.
    pub notice: String,
    /// Logins a demonstration offers, as (what they are, e-mail, password); empty otherwise.
    pub demo_logins: Vec<(String, String, String)>,
}

/// The first run on an empty database. Posts `company`, `office`, `name`, `email`, `password`, `password_again`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "account/templates/first_run.html")]
pub struct FirstRun {
    /// Where the form posts.
    pub action_url: String,
    /// The company's name as typed.
    pub company: String,
    /// The first office's name as typed.
    pub office: String,
    /// The Account Owner's name as typed.
    pub name: String,
    /// The Account Owner's address as typed.
    pub email: String,
    /// What was refused.
    pub errors: FormErrors,
}

/// The last page of the Procore pop-up: tells the page that opened it, then closes itself. In the same window it leads back.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "integration/templates/popup_done.html")]
pub struct PopupDone {
    /// The sign-in worked.
    pub ok: bool,
    /// "You are signed in to Procore as …" or what to do.
    pub sentence: String,
    /// The page to return to when this is no pop-up.
    pub return_url: String,
}
