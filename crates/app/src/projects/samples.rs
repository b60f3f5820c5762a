//! Samples of projects and their settings.

use domain::{Currency, OfficeId, ProjectId, role::Role};
use store::repo::{
    company::Office,
    project::{ProcoreName, Project, ProjectSummary},
};

use super::{
    Member, ProjectInput,
    pages::{ProjectPage, ProjectPeoplePage, ProjectsPage},
};
use crate::{
    FieldErrors,
    company::samples::person,
    gallery::{Pages, actor, company_shell, id, put, shell},
    serving::views::{ActionLink, NavItem},
};

pub(crate) fn add(pages: &mut Pages) {
    let page = |projects, new| {
        let shell = company_shell("Projects", NavItem::Projects);
        ProjectsPage { shell, projects, new, sees_log: true }
    };
    let may = || ActionLink::May("/projects/new".into());
    put(pages, "projects", &page(list(), may()));
    put(pages, "projects-empty", &page(Vec::new(), may()));
    let refused =
        ActionLink::MayNot("Field Users do not create projects. Ask your Account Owner, Ruth Calloway.".into());
    put(pages, "projects-field-user", &page(list(), refused));
    let form = |project: Option<Project>| ProjectPage {
        shell: shell("Project settings", NavItem::Project),
        typed: project.as_ref().map(ProjectInput::of).unwrap_or_default(),
        project,
        read_only: String::new(),
        offices: vec![
            Office { id: OfficeId(id(1)), name: "Portland".into() },
            Office { id: OfficeId(id(2)), name: "Seattle".into() },
        ],
        errors: FieldErrors::default(),
    };
    put(pages, "project-new", &form(None));
    put(pages, "project-details", &form(Some(project())));
    put(pages, "project-people", &people());
}

/// The project of the sample pages.
pub(crate) fn project() -> Project {
    Project {
        id: ProjectId(id(1)),
        name: "Harbor Point Medical Office".into(),
        address: "1200 Harbor Way, Portland, OR 97201".into(),
        currency: Currency::Usd,
        office: Office { id: OfficeId(id(1)), name: "Portland".into() },
        job_number: "24-118".into(),
        assigned: true,
    }
}

fn list() -> Vec<ProjectSummary> {
    let mapped = |number: &str, name: &str| ProcoreName { number: number.into(), name: name.into() };
    let summary = |project, received, procore| ProjectSummary { project, contracts: 3, sent: 0, received, procore };
    let bridge = Project {
        name: "Willamette Bridge Retrofit, Phase 2: seismic bearings and approach spans".into(),
        address: String::new(),
        job_number: "23-007".into(),
        ..project()
    };
    let school = Project {
        name: "Cedar Mill Elementary".into(),
        office: Office { id: OfficeId(id(2)), name: "Seattle".into() },
        job_number: String::new(),
        ..project()
    };
    vec![
        ProjectSummary { sent: 12, ..summary(project(), 60, Some(mapped("24-118", "Harbor Point Medical Office"))) },
        summary(bridge, 2014, Some(mapped("", "Willamette Bridge"))),
        summary(school, 0, None),
    ]
}

fn people() -> ProjectPeoplePage {
    let member = |n: u128, name: &str, email: &str, role: Role| Member {
        assigned: n < 4 && role != Role::AccountOwner,
        by_role: role == Role::AccountOwner,
        person: person(n, name, email, role),
    };
    ProjectPeoplePage {
        shell: shell("Project settings", NavItem::Project),
        actor: actor(Role::AccountOwner),
        project: project(),
        members: vec![
            member(1, "Ruth Calloway", "ruth@whitfieldsons.example", Role::AccountOwner),
            member(2, "Dana Whitfield", "dana@whitfieldsons.example", Role::ProjectManager),
            member(3, "Theo Park", "theo@whitfieldsons.example", Role::FieldUser),
            member(4, "Ana Costa", "ana@whitfieldsons.example", Role::ProjectManager),
            member(5, "Jim Doyle", "jim@whitfieldsons.example", Role::FieldUser),
        ],
    }
}
