//! Samples of projects, their settings and contracts.

use crate::{
    contracts::views::{ContractList, ContractRow, Invitation},
    gallery::{Pages, put, shell},
    projects::views::{
        MappedCurrency, MappingState, ProjectCard, ProjectForm, ProjectList, ProjectPeople, ProjectPerson,
        ProjectProcore, ProjectTabs,
    },
    serving::views::{Choice, Deed, FormErrors, Link, NavItem, Pill, Shell, Tone},
};

pub(crate) fn add(pages: &mut Pages) {
    put(pages, "projects", &list());
    let empty = ProjectList { projects: Vec::new(), ..list() };
    put(pages, "projects-empty", &empty);
    let refused = Deed::MayNot("Field Users do not create projects. Ask your Account Owner, Ruth Calloway.".into());
    put(pages, "projects-field-user", &ProjectList { new_project: refused, ..list() });
    put(pages, "project-new", &form(None));
    put(pages, "project-details", &form(Some(tabs("details"))));
    put(pages, "project-people", &people());
    add_mapping(pages);
    add_contracts(pages);
}

fn project_shell() -> Shell {
    shell("Project settings", NavItem::Project)
}

fn list() -> ProjectList {
    let card = |title: &str, job: &str, about: &str, cors: &str, procore: Pill| ProjectCard {
        title: title.into(),
        url: "/projects/1/log".into(),
        job: job.into(),
        about: about.into(),
        cors: cors.into(),
        procore,
    };
    let mut shell = shell("Projects", NavItem::Projects);
    shell.nav.project = None;
    shell.crumbs.clear();
    let customer = "Portland office · customer Providence Harbor Health System";
    ProjectList {
        shell,
        new_project: Deed::May("/projects/new".into()),
        projects: vec![
            card("Harbor Point Medical Office", "24-118", customer, "60", Pill::new(Tone::Procore, "3 updates needed")),
            card(
                "Willamette Bridge Retrofit, Phase 2: seismic bearings and approach spans",
                "23-007",
                "Portland office",
                "2,014",
                Pill::new(Tone::Good, "Mapped"),
            ),
            card(
                "Cedar Mill Elementary",
                "",
                "Seattle office · customer Cedar Mill School District",
                "0",
                Pill::new(Tone::Quiet, "Not mapped"),
            ),
        ],
    }
}

fn form(tabs: Option<ProjectTabs>) -> ProjectForm {
    let new = tabs.is_none();
    let text = |text: &str| if new { String::new() } else { text.to_owned() };
    ProjectForm {
        shell: project_shell(),
        tabs,
        heading: if new { "New project".into() } else { "Harbor Point Medical Office".into() },
        action_url: "save".into(),
        title: text("Harbor Point Medical Office"),
        address: text("1200 Harbor Way, Portland, OR 97201"),
        offices: vec![Choice::new("1", "Portland").chosen(), Choice::new("2", "Seattle")],
        job: text("24-118"),
        currencies: vec![Choice::new("USD", "USD, US dollar").chosen(), Choice::new("CAD", "CAD, Canadian dollar")],
        submit: if new { "Create project".into() } else { "Save".into() },
        cancel_url: "/projects".into(),
        ..ProjectForm::default()
    }
}

fn tabs(current: &'static str) -> ProjectTabs {
    ProjectTabs {
        current,
        details_url: "details".into(),
        people_url: "people".into(),
        contracts_url: "contracts".into(),
        procore_url: "procore".into(),
    }
}

fn people() -> ProjectPeople {
    let person = |name: &str, email: &str, role: &str, remove: Deed| ProjectPerson {
        name: name.into(),
        email: email.into(),
        role: role.into(),
        remove,
    };
    let always = Deed::MayNot("The Account Owner sees every project.".into());
    ProjectPeople {
        shell: project_shell(),
        heading: "Harbor Point Medical Office".into(),
        tabs: tabs("people"),
        people: vec![
            person("Ruth Calloway", "ruth@whitfieldsons.example", "Account Owner", always),
            person("Dana Whitfield", "dana@whitfieldsons.example", "Project Manager", Deed::May("remove".into())),
            person("Theo Park", "theo@whitfieldsons.example", "Field User", Deed::May("remove".into())),
        ],
        add: Deed::May("add".into()),
        candidates: vec![Choice::new("4", "Ana Costa, Project Manager"), Choice::new("5", "Jim Doyle, Field User")],
    }
}

fn mapping(state: MappingState) -> ProjectProcore {
    ProjectProcore {
        shell: project_shell(),
        heading: "Harbor Point Medical Office".into(),
        tabs: tabs("procore"),
        state,
        ..ProjectProcore::default()
    }
}

fn add_mapping(pages: &mut Pages) {
    let sentence =
        "Only the Account Owner or an Admin of the Portland office connects it: Ruth Calloway or Ben Ortiz.".into();
    let link = Some(Link::new("Open Office Integrations", "/settings/offices/1/integrations"));
    put(pages, "mapping-not-connected", &mapping(MappingState::NotConnected { sentence, link }));
    let sign_in = MappingState::SignIn {
        url: "/procore/sign-in".into(),
        popup_url: "/procore/sign-in?popup=1".into(),
        status_url: "/procore/status".into(),
    };
    let mut refused = mapping(sign_in.clone());
    put(pages, "mapping-sign-in", &mapping(sign_in));
    refused.errors = FormErrors::one(
        "",
        "Procore says the app is not connected to this company. Its Procore administrator connects “Ledgerboard” under App Management; then try again.",
    );
    put(pages, "mapping-refused", &refused);
    let projects = (0..300)
        .map(|n| Choice::new(n.to_string(), format!("24-{n:03} · Harbor Point Medical Office, building {n}")))
        .collect();
    let currencies = || vec![Choice::new("USD", "USD"), Choice::new("CAD", "CAD")];
    let choose = MappingState::Choose {
        action_url: "map".into(),
        projects,
        currencies: currencies(),
        currency_hint: "Procore often doesn’t name it. Amounts are never converted.".into(),
        currency_required: false,
        cancel_url: Some("procore".into()),
        warning: None,
    };
    put(pages, "mapping-choose", &mapping(choose));
    let mapped = MappingState::Mapped {
        project: "24-118 · Harbor Point Medical Office".into(),
        url: "https://procore.example/".into(),
        account: "Whitfield & Sons Construction (598134325)".into(),
        currency: MappedCurrency {
            known: "Not known".into(),
            trouble:
                "Procore doesn't name the currency of this project, and nobody has stated it yet. Amounts are never \
                      converted."
                    .into(),
            ask: Some("currency".into()),
            currencies: currencies(),
        },
        by: "Dana Whitfield, Nov 3, 2026".into(),
        links: "14 CORs are linked to 5 Change Events".into(),
        watched: "Read for changes 4 min ago, and again every 15 min".into(),
        trouble: "Changes in Procore go unnoticed: nobody who runs this project is signed in to Procore. Sign in to \
                  Procore, or ask a Project Manager of this office to."
            .into(),
        edit: Deed::May("edit".into()),
        remove: Deed::May("remove".into()),
    };
    put(pages, "mapping-mapped", &mapping(mapped));
}

fn add_contracts(pages: &mut Pages) {
    let row = |id: &str, name: &str, company: &str, value: &str, state: Pill| ContractRow {
        id: id.into(),
        name: name.into(),
        company: company.into(),
        party: "Contractor".into(),
        value: value.into(),
        state,
        ..ContractRow::default()
    };
    let mut connected =
        row("1", "23A - Mechanical", "Cascade Mechanical, Inc.", "2,418,000.00", Pill::new(Tone::Good, "Connected"));
    connected.delete = Deed::MayNot("A contractor has accepted it.".into());
    let mut invited =
        row("2", "26A - Electrical", "Northline Electric LLC", "1,905,500.00", Pill::new(Tone::Warn, "Invited"));
    invited.invitation = Some("https://ledgerboard.example/invitations/4f9c1d7e8a2b".into());
    invited.delete = Deed::May("delete".into());
    let mut bare = row(
        "3",
        "09B - Drywall, acoustical ceilings and specialties",
        "Benson Interiors",
        "",
        Pill::new(Tone::Quiet, "Not invited"),
    );
    bare.invite = Deed::May("invite".into());
    bare.delete = Deed::May("delete".into());
    let list = ContractList {
        shell: shell("Contracts", NavItem::Contracts),
        heading: "Contracts".into(),
        currency: "USD".into(),
        contracts: vec![connected, invited, bare],
        add: Deed::May("add".into()),
        parties: vec![
            Choice::new("customer", "The customer: it receives CORs").chosen(),
            Choice::new("contractor", "The contractor: it sends CORs"),
        ],
        known: vec![Choice::new("1", "Cascade Mechanical, Inc.")],
        ..ContractList::default()
    };
    let empty = ContractList {
        contracts: Vec::new(),
        errors: FormErrors::one("value", "“12,00,0.555” is not an amount."),
        ..list.clone()
    };
    put(pages, "contracts", &list);
    put(pages, "contracts-empty", &empty);
    let invitation = Invitation {
        action_url: "accept".into(),
        inviter: "Whitfield & Sons Construction".into(),
        to_do: "send your change order requests for".into(),
        project: "Harbor Point Medical Office".into(),
        contract: "26A - Electrical".into(),
        sign_in_url: "/sign-in".into(),
        meant_for: "luis@cascademech.example".into(),
        until: "Dec 7, 2026".into(),
        email: "luis@cascademech.example".into(),
        ..Invitation::default()
    };
    put(pages, "invitation", &invitation);
    let used = Invitation {
        refused: "This link was used on Nov 3, 2026. Ask Whitfield & Sons for a new one.".into(),
        ..invitation.clone()
    };
    put(pages, "invitation-used", &used);
    put(
        pages,
        "invitation-signed-in",
        &Invitation {
            as_whom: Some("Luis Ortega, Cascade Mechanical, Inc.".into()),
            offices: vec![Choice::new("1", "Main office")],
            ..invitation
        },
    );
}
