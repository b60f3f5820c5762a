//! Samples of the company's settings.

use crate::{
    company::views::{
        Connection, IntegrationState, OfficeIntegrations, OfficeList, OfficePage, OfficeRow, OfficeTabs, PeopleList,
        PersonPage, PersonRow, SettingsTabs, TokenList, TokenRow,
    },
    gallery::{Pages, put, shell},
    serving::views::{Choice, Deed, FormErrors, Link, NavItem, PasswordPage, Pill, Shell, Tone},
};

pub(crate) fn add(pages: &mut Pages) {
    let password = PasswordPage {
        shell: shell("Your password", NavItem::Elsewhere),
        temporary: true,
        email: "dana@whitfieldsons.example".into(),
        next: "/projects".into(),
        tokens: vec!["Nightly export to the data warehouse".into(), "Trial".into()],
        errors: FormErrors::one("old_password", "This is not your present password."),
    };
    put(pages, "account-password", &password);
    put(pages, "settings-offices", &offices());
    put(pages, "settings-office", &office());
    add_integrations(pages);
    put(pages, "settings-people", &people());
    put(pages, "settings-person", &person());
    add_tokens(pages);
}

fn settings_shell() -> Shell {
    let mut shell = shell("Settings", NavItem::Settings);
    shell.person = "Ruth Calloway".into();
    shell.role = "Account Owner".into();
    shell.nav.project = None;
    shell.crumbs.remove(1);
    shell.crumbs.remove(0);
    shell
}

fn tabs(current: &'static str) -> SettingsTabs {
    SettingsTabs { current, offices_url: "offices".into(), people_url: "people".into(), tokens_url: "tokens".into() }
}

fn offices() -> OfficeList {
    let row = |name: &str, about: &str, procore| OfficeRow {
        name: name.into(),
        url: "1".into(),
        about: about.into(),
        procore,
    };
    OfficeList {
        shell: settings_shell(),
        heading: "Whitfield & Sons Construction".into(),
        tabs: tabs("offices"),
        offices: vec![
            row("Portland", "9 projects, 6 people", Pill::new(Tone::Good, "Connected")),
            row("Seattle", "2 projects, 3 people", Pill::new(Tone::Procore, "Sign-in needed")),
            row("Boise", "no projects, 1 person", Pill::new(Tone::Quiet, "Off")),
        ],
        add: Deed::May("add".into()),
        errors: FormErrors::default(),
    }
}

fn office_tabs(current: &'static str) -> OfficeTabs {
    OfficeTabs {
        current,
        details_url: "details".into(),
        integrations_url: "integrations".into(),
        reconciliation_url: "reconciliation".into(),
    }
}

fn office() -> OfficePage {
    OfficePage {
        shell: settings_shell(),
        heading: "Portland office".into(),
        tabs: office_tabs("details"),
        save: Deed::May("save".into()),
        name: "Portland".into(),
        admins: "Ben Ortiz".into(),
        projects: vec![Link::new("Harbor Point Medical Office", "1"), Link::new("Willamette Bridge Retrofit", "2")],
        head: Some(("1842".into(), "9f2c61d0b7a84e53c1fd0a6be5527f90d4b8e3a1726cc95e08d4f3b21a7e6c04".into())),
        record_csv: Deed::May("record".into()),
        record_jsonl: Deed::May("record".into()),
        errors: FormErrors::default(),
    }
}

fn integrations(state: IntegrationState) -> OfficeIntegrations {
    OfficeIntegrations {
        shell: settings_shell(),
        heading: "Portland office".into(),
        tabs: office_tabs("integrations"),
        state,
        enable: Deed::May("enable".into()),
        disable: Deed::May("disable".into()),
        errors: FormErrors::default(),
    }
}

fn add_integrations(pages: &mut Pages) {
    put(pages, "integrations-off", &integrations(IntegrationState::Off));
    let mut refused = integrations(IntegrationState::Off);
    refused.enable = Deed::MayNot(
        "Only the Account Owner or an Admin of the Portland office connects it: Ruth Calloway or Ben Ortiz.".into(),
    );
    put(pages, "integrations-off-refused", &refused);
    let sign_in = IntegrationState::SignIn {
        url: "/procore/sign-in".into(),
        popup_url: "/procore/sign-in?popup=1".into(),
        status_url: "/procore/status".into(),
    };
    put(pages, "integrations-sign-in", &integrations(sign_in));
    let choose = IntegrationState::ChooseAccount {
        action_url: "account".into(),
        login: "r.calloway@whitfieldsons.example".into(),
        accounts: vec![
            Choice::new("598134325", "Whitfield & Sons Construction (598134325)"),
            Choice::new("598134326", "Whitfield & Sons Sandbox (598134326)"),
        ],
    };
    let mut unconnected = integrations(choose.clone());
    put(pages, "integrations-account", &integrations(choose));
    unconnected.errors = FormErrors::one(
        "",
        "Procore says the app is not connected to Whitfield & Sons Sandbox. A Procore administrator of that company installs “Ledgerboard” under App Management; then save again.",
    );
    put(pages, "integrations-account-refused", &unconnected);
    let connection = Connection {
        account: "Whitfield & Sons Construction (598134325)".into(),
        by: "Ruth Calloway as r.calloway@whitfieldsons.example".into(),
        since: "Nov 3, 2026".into(),
        health: Pill::new(Tone::Good, "Healthy"),
        health_note: "refreshed 12 minutes ago".into(),
        mapped: "7 of 9".into(),
        told: Pill::new(Tone::Good, "Webhooks for 7 projects"),
        told_note: "Last told 3 minutes ago.".into(),
        rate: "212 of 3,600 this hour".into(),
        check: Deed::May("check".into()),
        disconnect: Deed::May("disconnect".into()),
        disconnect_warning: "2 waiting pushes are parked and the sign-ins that no other office uses are revoked. The links of 14 CORs are kept.".into(),
        ..Connection::default()
    };
    put(pages, "integrations-connected", &integrations(IntegrationState::Connected(Box::new(connection.clone()))));
    let ended = Connection {
        health: Pill::new(Tone::Procore, "Sign-in needed"),
        health_note: "Procore ended this sign-in on Nov 20. Pushes wait until somebody signs in again.".into(),
        waiting: "2 pushes wait".into(),
        told: Pill::new(Tone::Warn, "Webhooks need help"),
        told_note: "Procore did not take every trigger. The login needs the permission for webhooks in Procore.".into(),
        sign_in: Some(("/procore/sign-in".into(), "/procore/sign-in?popup=1".into(), "/procore/status".into())),
        ..connection.clone()
    };
    put(pages, "integrations-sign-in-needed", &integrations(IntegrationState::Connected(Box::new(ended))));
    let paused = Connection {
        paused: Some("Until 14:32 UTC".into()),
        rate: "0 until 14:32 UTC".into(),
        waiting: "2 pushes are under way".into(),
        go_on: Deed::May("go-on".into()),
        ..connection
    };
    put(pages, "integrations-paused", &integrations(IntegrationState::Connected(Box::new(paused))));
}

fn people() -> PeopleList {
    let row = |name: &str, email: &str, role: &str, office: &str, projects: &str, state| PersonRow {
        url: "person".into(),
        name: name.into(),
        email: email.into(),
        role: role.into(),
        office: office.into(),
        projects: projects.into(),
        state,
    };
    PeopleList {
        shell: settings_shell(),
        heading: "Whitfield & Sons Construction".into(),
        tabs: tabs("people"),
        people: vec![
            row(
                "Ruth Calloway",
                "ruth@whitfieldsons.example",
                "Account Owner",
                "Portland",
                "All",
                Pill::new(Tone::Good, "Active"),
            ),
            row(
                "Ben Ortiz",
                "ben@whitfieldsons.example",
                "Admin",
                "Portland",
                "All of the office",
                Pill::new(Tone::Good, "Active"),
            ),
            row(
                "Dana Whitfield",
                "dana@whitfieldsons.example",
                "Project Manager",
                "Portland",
                "2 projects",
                Pill::new(Tone::Good, "Active"),
            ),
            row(
                "Maximiliana Featherstonehaugh-Oyelaran",
                "maximiliana.featherstonehaugh-oyelaran@whitfieldsons.example",
                "Field User",
                "Seattle",
                "1 project",
                Pill::new(Tone::Quiet, "Disabled Nov 3, 2026"),
            ),
        ],
        add: Deed::May("add".into()),
        roles: vec![
            Choice::new("project_manager", "Project Manager").chosen(),
            Choice::new("field_user", "Field User"),
            Choice::new("admin", "Admin of the office"),
            Choice::new("account_owner", "Account Owner"),
        ],
        offices: vec![Choice::new("1", "Portland").chosen(), Choice::new("2", "Seattle")],
        projects: vec![
            Choice::new("1", "Harbor Point Medical Office").chosen(),
            Choice::new("2", "Willamette Bridge Retrofit"),
        ],
        errors: FormErrors::one("email", "dana@whitfieldsons.example has a login already."),
        ..PeopleList::default()
    }
}

fn person() -> PersonPage {
    PersonPage {
        shell: settings_shell(),
        heading: "Dana Whitfield".into(),
        email: "dana@whitfieldsons.example".into(),
        action_url: "save".into(),
        name: "Dana Whitfield".into(),
        roles: vec![
            Choice::new("project_manager", "Project Manager").chosen(),
            Choice::new("field_user", "Field User"),
        ],
        offices: vec![Choice::new("1", "Portland").chosen(), Choice::new("2", "Seattle")],
        projects: vec![
            Choice::new("1", "Harbor Point Medical Office").chosen(),
            Choice::new("2", "Willamette Bridge Retrofit"),
        ],
        made: Some("k7mw-2xqp-h8dn-5tra-9gce".into()),
        disable: Deed::May("disable".into()),
        password: Deed::May("password".into()),
        ..PersonPage::default()
    }
}

fn add_tokens(pages: &mut Pages) {
    let row = |name: &str, used: &str| TokenRow {
        name: name.into(),
        made: "Nov 3, 2026".into(),
        used: used.into(),
        ends: "Nov 3, 2027".into(),
        revoke: Deed::May("revoke".into()),
        ..TokenRow::default()
    };
    let soon =
        TokenRow { scope: "Reads only", ends: "Dec 8, 2026".into(), soon: "in 9 days".into(), ..row("Trial", "") };
    let over = TokenRow { over: "Ended Nov 5, 2026".into(), revoke: Deed::Absent, ..row("Old import", "Nov 4, 2026") };
    let lives = [("30", "30 days"), ("90", "90 days"), ("365", "1 year")].map(|(days, name)| Choice::new(days, name));
    let list = TokenList {
        shell: settings_shell(),
        heading: "Whitfield & Sons Construction".into(),
        tabs: tabs("tokens"),
        tokens: vec![row("Nightly export to the data warehouse", "2 hours ago"), soon, over],
        add: Deed::May("add".into()),
        made: Some("lb_4f9c1d7e8a2b4c6d9e0f1a2b3c4d5e6f7a8b9c0d1e2f".into()),
        name: String::new(),
        lives: lives.into(),
        reads_only: false,
        errors: FormErrors::default(),
    };
    put(pages, "settings-tokens", &list);
    put(pages, "settings-tokens-empty", &TokenList { tokens: Vec::new(), made: None, ..list });
}
