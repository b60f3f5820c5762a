//! Samples of the pages in front of the product and of the problem pages.

use crate::{
    account::views::{FirstRun, PopupDone, SignIn},
    gallery::{Pages, put, shell},
    serving::views::{Again, FormErrors, Link, NavItem, Problem, Shell},
};

pub(crate) fn add(pages: &mut Pages) {
    put(pages, "sign-in", &SignIn { action_url: "/sign-in".to_owned(), next: "/".to_owned(), ..SignIn::default() });
    let refused = SignIn {
        action_url: "/sign-in".to_owned(),
        email: "dana@whitfieldsons.example".to_owned(),
        errors: FormErrors::one("", "E-mail or password is wrong. After three more attempts this address has to wait."),
        demo_logins: vec![
            ("Project Manager".into(), "dana@whitfieldsons.example".into(), "correct horse battery".into()),
            ("Account Owner".into(), "ruth@whitfieldsons.example".into(), "correct horse battery".into()),
            ("Subcontractor".into(), "luis@cascademechanical.example".into(), "correct horse battery".into()),
        ],
        ..SignIn::default()
    };
    put(pages, "sign-in-refused", &refused);
    put(pages, "first-run", &FirstRun { action_url: "/setup".to_owned(), ..FirstRun::default() });
    let mut errors = FormErrors::one("password_again", "The two passwords differ.");
    errors.add("email", "“ruth@” is not an e-mail address.");
    let setup = FirstRun { company: "Whitfield & Sons".into(), email: "ruth@".into(), errors, ..FirstRun::default() };
    put(pages, "first-run-refused", &setup);
    let done = PopupDone {
        ok: true,
        sentence: "You are signed in to Procore as r.calloway@whitfieldsons.example. This window closes by itself."
            .into(),
        return_url: "/settings/offices/1/integrations".into(),
    };
    put(pages, "popup-done", &done);
    let failed = PopupDone {
        ok: false,
        sentence: "The sign-in was cancelled in Procore. Nothing was changed; you can start it again.".into(),
        ..done
    };
    put(pages, "popup-failed", &failed);
    add_problems(pages);
}

fn add_problems(pages: &mut Pages) {
    let missing = Problem {
        shell: shell("Not found", NavItem::Elsewhere),
        code: "404".into(),
        heading: "There is no such page".into(),
        what: "The address is wrong, or it leads to something your company has no part in.".into(),
        next: "Check the address, or start from your projects.".into(),
        link: Link::new("Projects", "/projects"),
        again: None,
        written: String::new(),
        reference: String::new(),
    };
    put(pages, "problem-404", &missing);
    let refused = Problem {
        code: "403".into(),
        heading: "Only an Account Owner or an Admin of this office does that".into(),
        what: "Connecting an office to Procore is not part of a Project Manager’s role.".into(),
        next: "Ask Ruth Calloway (Account Owner) or Ben Ortiz (Admin, Portland office).".into(),
        written: "title: Reroute the chilled water main\ndescription: Around the new shear wall at grid C.4\n".into(),
        ..missing.clone()
    };
    put(pages, "problem-403", &refused);
    let broken = Problem {
        shell: Shell { title: "Something broke".into(), ..Shell::default() },
        code: "500".into(),
        heading: "Something broke on our side".into(),
        what: "Nothing you entered was half saved: it is either there or it is not.".into(),
        next: "Try again. If it breaks again, tell whoever runs this server.".into(),
        reference: "01934f7e-8d2c-7a10".into(),
        ..missing.clone()
    };
    put(pages, "problem-500", &broken);
    let full = Problem {
        code: "507".into(),
        heading: "There is no room to save this".into(),
        what:
            "There is no room left on this server’s disk, so this was not saved. What was saved before is safe. Tell \
               your administrator; once there is room, try again."
                .into(),
        next: "What you typed is kept on this page: leave it open, and send it again from here.".into(),
        again: Some(Again { url: "/projects".into(), fields: vec![("name".into(), "Harbor Point".into())] }),
        ..missing
    };
    put(pages, "problem-507", &full);
}
