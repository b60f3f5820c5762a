//! Samples of an office's and a project's place in Procore.

use domain::{OfficeId, PersonId, ProjectId, procore::currency::KnownCurrency, role::Role};
use store::repo::{
    company::Office,
    currency::ProcoreCurrency,
    integration::{Integration, OfficeFacts},
    mapping::Mapping,
    rate::RateLeft,
    watch::Watch,
    webhook::OfficeHooks,
};
use sync::connection::tokens::SignInHealth;

use super::{
    acting::Offered,
    connect::{OfficeIntegration, VisibleAccount},
    pages::{
        office::{ChooseAccount, OfficeIntegrationPage},
        popup::PopupDone,
        project::{ChooseProject, Chosen, MappingPage},
    },
    project_mapping::{ProcoreProject, ProjectMapping},
};
use crate::{
    FieldErrors,
    gallery::{Pages, actor, at, id, now, put, settings_shell, shell},
    projects::samples::project,
    serving::views::NavItem,
};

const LOGIN: &str = "r.calloway@whitfieldsons.example";

pub(crate) fn add(pages: &mut Pages) {
    add_mapping(pages);
    add_office(pages);
    let done = PopupDone {
        ok: true,
        sentence: format!("You are signed in to Procore as {LOGIN}. This window closes by itself."),
        return_url: "/settings/offices/1/integrations".into(),
    };
    put(pages, "popup-done", &done);
    let sentence = "The sign-in was cancelled in Procore. Nothing was changed; you can start it again.".into();
    put(pages, "popup-failed", &PopupDone { ok: false, sentence, ..done });
}

fn live() -> SignInHealth {
    SignInHealth::Live {
        user: LOGIN.into(),
        signed_in_at: at("2026-11-03T09:00:00Z"),
        refreshed_at: at("2026-11-29T14:08:00Z"),
    }
}

fn integration() -> Integration {
    Integration {
        office: OfficeId(id(1)),
        procore_company_id: 598_134_325,
        procore_company: "Whitfield & Sons Construction".into(),
        connected_by: PersonId(id(1)),
        connected_by_name: "Ruth Calloway".into(),
        connected_at: at("2026-11-03T09:00:00Z"),
    }
}

pub(crate) fn mapping() -> Mapping {
    Mapping {
        project: ProjectId(id(1)),
        procore_company_id: 598_134_325,
        procore_project_id: 562_949_953_425_841,
        procore_project: "Harbor Point Medical Office".into(),
        procore_number: "24-118".into(),
        mapped_by: PersonId(id(2)),
        mapped_by_name: "Dana Whitfield".into(),
        mapped_at: at("2026-11-03T09:00:00Z"),
    }
}

fn add_office(pages: &mut Pages) {
    let off = || OfficeIntegrationPage {
        shell: settings_shell(),
        actor: actor(Role::AccountOwner),
        now: now(),
        seen: OfficeIntegration {
            office: Office { id: OfficeId(id(1)), name: "Portland".into() },
            integration: None,
            connector: SignInHealth::None,
            own: live(),
            facts: OfficeFacts { projects: 9, mapped: 7, links: 14, waiting: 0 },
            left: None,
            held_until: None,
            hooks: None,
            denied: String::new(),
        },
        choosing: None,
        errors: FieldErrors::default(),
    };
    put(pages, "integrations-off", &off());
    let refused = actor(Role::ProjectManager);
    put(pages, "integrations-off-refused", &OfficeIntegrationPage { actor: refused, ..off() });
    let choosing = Some(ChooseAccount::SignIn);
    put(pages, "integrations-sign-in", &OfficeIntegrationPage { choosing, ..off() });
    let account = |id, name: &str| VisibleAccount { id, name: name.into() };
    let accounts = || {
        let choices = vec![
            account(598_134_325, "Whitfield & Sons Construction"),
            account(598_134_326, "Whitfield & Sons Sandbox"),
        ];
        let choosing = Some(ChooseAccount::Accounts(LOGIN.into(), Offered { choices, unread: Vec::new() }));
        OfficeIntegrationPage { choosing, ..off() }
    };
    put(pages, "integrations-account", &accounts());
    let errors = FieldErrors::one(
        "",
        "Procore says the app is not connected to Whitfield & Sons Sandbox. A Procore administrator of that company \
         installs “Ledgerboard” under App Management; then save again.",
    );
    put(pages, "integrations-account-refused", &OfficeIntegrationPage { errors, ..accounts() });
    let resets_at = at("2026-11-29T14:32:00Z");
    let hooks = OfficeHooks { live: 7, delivered_at: Some(at("2026-11-29T14:17:00Z")), ..OfficeHooks::default() };
    let connected = || {
        let mut page = off();
        page.seen.integration = Some(integration());
        page.seen.connector = live();
        page.seen.left = Some(RateLeft { remaining: 212, resets_at });
        page.seen.hooks = Some(hooks.clone());
        page
    };
    put(pages, "integrations-connected", &connected());
    let mut ended = connected();
    let why = "Procore ended this sign-in on Nov 20. Pushes wait until somebody signs in again.".into();
    ended.seen.connector = SignInHealth::Lost { user: LOGIN.into(), why };
    ended.seen.own = SignInHealth::None;
    ended.seen.facts.waiting = 2;
    let trouble = "Procore did not take every trigger. The login needs the permission for webhooks in Procore.".into();
    ended.seen.hooks = Some(OfficeHooks { trouble, ..hooks.clone() });
    put(pages, "integrations-sign-in-needed", &ended);
    let mut paused = connected();
    paused.seen.held_until = Some(resets_at);
    paused.seen.left = Some(RateLeft { remaining: 0, resets_at });
    paused.seen.facts.waiting = 2;
    put(pages, "integrations-paused", &paused);
}

fn add_mapping(pages: &mut Pages) {
    let bare = || MappingPage {
        shell: shell("Project settings", NavItem::Project),
        actor: actor(Role::AccountOwner),
        now: now(),
        seen: ProjectMapping {
            project: project(),
            integration: Some(integration()),
            mapping: None,
            currency: ProcoreCurrency { named: String::new(), stated: None },
            known: KnownCurrency::default(),
            own: live(),
            links: 0,
            watch: None,
            denied: String::new(),
        },
        in_procore: "https://procore.example/".into(),
        every_minutes: 15,
        editing: false,
        choosing: None,
        errors: FieldErrors::default(),
    };
    put(pages, "mapping-not-connected", &bare());
    let sign_in = || MappingPage { choosing: Some(ChooseProject::SignIn), ..bare() };
    put(pages, "mapping-sign-in", &sign_in());
    let errors = FieldErrors::one(
        "",
        "Procore says the app is not connected to this company. Its Procore administrator connects “Ledgerboard” under \
         App Management; then try again.",
    );
    put(pages, "mapping-refused", &MappingPage { errors, ..sign_in() });
    let found = |n: i64| ProcoreProject {
        id: n + 1,
        number: format!("24-{n:03}"),
        name: format!("Harbor Point Medical Office, building {n}"),
        currency: String::new(),
    };
    let offered = Offered { choices: (0..300).map(found).collect(), unread: Vec::new() };
    let choosing = Some(ChooseProject::Projects(offered, Chosen::default()));
    put(pages, "mapping-choose", &MappingPage { choosing, ..bare() });
    let mut mapped = bare();
    mapped.seen.mapping = Some(mapping());
    mapped.seen.links = 14;
    mapped.seen.watch = Some(Watch {
        scheduled_at: now(),
        read_at: Some(at("2026-11-29T14:16:00Z")),
        trouble: "Changes in Procore go unnoticed: nobody who runs this project is signed in to Procore. Sign in to \
                  Procore, or ask a Project Manager of this office to."
            .into(),
        set_aside: false,
    });
    put(pages, "mapping-mapped", &mapped);
}
