//! Samples of the company's settings.

use domain::{OfficeId, PersonId, audit::chain::ChainHead, role::Role};
use store::repo::{
    company::{Office, OfficeSummary},
    person::Person,
};

use crate::{
    FieldErrors,
    company::{
        pages::{
            office_settings::{OfficePage, OfficesPage},
            people_settings::{PeoplePage, PersonChoices, PersonPage},
        },
        people::PersonInput,
    },
    gallery::{Pages, actor, at, id, put, settings_shell},
    serving::views::{ActionLink, Choice, PageLink},
};

pub(crate) fn add(pages: &mut Pages) {
    let portland = office(1, "Portland", (9, 6), Some("Whitfield & Sons Construction"));
    let offices = vec![
        portland.clone(),
        office(2, "Seattle", (2, 3), Some("Whitfield & Sons Sandbox")),
        office(3, "Boise", (0, 1), None),
    ];
    let add = ActionLink::May("add".into());
    put(
        pages,
        "settings-offices",
        &OfficesPage { shell: settings_shell(), offices, add, errors: FieldErrors::default() },
    );
    let page = OfficePage {
        shell: settings_shell(),
        actor: actor(Role::AccountOwner),
        name: portland.office.name.clone(),
        office: portland,
        admins: "Ben Ortiz".into(),
        projects: vec![
            PageLink::new("Harbor Point Medical Office", "1"),
            PageLink::new("Willamette Bridge Retrofit", "2"),
        ],
        head: ChainHead { seq: 1842, ..ChainHead::before(domain::CompanyId(id(1))) },
        errors: FieldErrors::default(),
    };
    put(pages, "settings-office", &page);
    add_people(pages);
}

fn office(n: u128, name: &str, (projects, people): (i64, i64), account: Option<&str>) -> OfficeSummary {
    let office = Office { id: OfficeId(id(n)), name: name.into() };
    OfficeSummary { office, people, projects, procore: account.map(str::to_owned) }
}

/// Somebody of the sample company, who may sign in.
pub(crate) fn person(n: u128, name: &str, email: &str, role: Role) -> Person {
    Person {
        id: PersonId(id(n)),
        name: name.into(),
        email: email.into(),
        role,
        office: Some(OfficeId(id(1))),
        office_name: "Portland".into(),
        disabled_at: None,
        projects: 2,
    }
}

fn add_people(pages: &mut Pages) {
    let dana = person(3, "Dana Whitfield", "dana@whitfieldsons.example", Role::ProjectManager);
    let longest = "Maximiliana Featherstonehaugh-Oyelaran";
    let disabled = Person {
        office_name: "Seattle".into(),
        disabled_at: Some(at("2026-11-03T09:00:00Z")),
        projects: 1,
        ..person(4, longest, "maximiliana.featherstonehaugh-oyelaran@whitfieldsons.example", Role::FieldUser)
    };
    let page = PeoplePage {
        shell: settings_shell(),
        people: vec![
            person(1, "Ruth Calloway", "ruth@whitfieldsons.example", Role::AccountOwner),
            person(2, "Ben Ortiz", "ben@whitfieldsons.example", Role::Admin),
            dana.clone(),
            disabled,
        ],
        add: ActionLink::May("add".into()),
        made: None,
        typed: PersonInput::default(),
        offered: offered(&[Role::ProjectManager, Role::FieldUser, Role::Admin, Role::AccountOwner]),
        errors: FieldErrors::one("email", "dana@whitfieldsons.example has a login already."),
    };
    put(pages, "settings-people", &page);
    let page = PersonPage {
        shell: settings_shell(),
        own: false,
        typed: PersonInput::of(&dana, &[]),
        person: dana,
        offered: offered(&[Role::ProjectManager, Role::FieldUser]),
        made: Some("k7mw-2xqp-h8dn-5tra-9gce".into()),
        errors: FieldErrors::default(),
    };
    put(pages, "settings-person", &page);
}

fn offered(roles: &[Role]) -> PersonChoices {
    PersonChoices {
        roles: roles.iter().map(|role| Choice::new(role.code(), role.name())).collect(),
        offices: vec![Choice::new("1", "Portland").chosen(), Choice::new("2", "Seattle")],
        projects: vec![
            Choice::new("1", "Harbor Point Medical Office").chosen(),
            Choice::new("2", "Willamette Bridge Retrofit"),
        ],
    }
}
