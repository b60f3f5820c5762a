//! Samples of projects and their settings.

use domain::{Currency, OfficeId, ProjectId, Zone, role::Role};
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
    let page = |projects| ProjectsPage {
        shell: company_shell("Projects", NavItem::Projects),
        projects,
        new: ActionLink::May("/projects/new".into()),
        sees_log: true,
    };
    put(pages, "projects", &page(list()));
    put(pages, "projects-empty", &page(Vec::new()));
    let new = ActionLink::MayNot("Field Users do not create projects. Ask your Account Owner, Ruth Calloway.".into());
    put(pages, "projects-field-user", &ProjectsPage { new, ..page(list()) });
    let form = |project: Option<Project>| ProjectPage {
        shell: shell("Project settings", NavItem::Project),
        typed: project.as_ref().map(ProjectInput::of).unwrap_or_default(),
        project,
        read_only: String::new(),
        offices: vec![office(1, "Portland"), office(2, "Seattle")],
        errors: FieldErrors::default(),
    };
    put(pages, "project-new", &form(None));
    put(pages, "project-details", &form(Some(project())));
    put(pages, "project-people", &people());
}

fn office(n: u128, name: &str) -> Office {
    Office { id: OfficeId(id(n)), name: name.into() }
}

/// The project of the sample pages.
pub(crate) fn project() -> Project {
    Project {
        id: ProjectId(id(1)),
        name: "Harbor Point Medical Office".into(),
        address: "1200 Harbor Way, Portland, OR 97201".into(),
        currency: Currency::Usd,
        time_zone: Zone::default(),
        office: office(1, "Portland"),
        job_number: "24-118".into(),
        assigned: true,
    }
}

fn list() -> Vec<ProjectSummary> {
    let mapped = |number: &str, name: &str| Some(ProcoreName { number: number.into(), name: name.into() });
    let summary = |project, received, procore| ProjectSummary { project, contracts: 3, sent: 0, received, procore };
    let bridge = Project {
        name: "Willamette Bridge Retrofit, Phase 2: seismic bearings and approach spans".into(),
        address: String::new(),
        job_number: "23-007".into(),
        ..project()
    };
    let school = Project {
        name: "Cedar Mill Elementary".into(),
        office: office(2, "Seattle"),
        job_number: String::new(),
        ..project()
    };
    vec![
        ProjectSummary { sent: 12, ..summary(project(), 60, mapped("24-118", "Harbor Point Medical Office")) },
        summary(bridge, 2014, mapped("", "Willamette Bridge")),
        summary(school, 0, None),
    ]
}

fn people() -> ProjectPeoplePage {
    use Role::{AccountOwner, FieldUser, ProjectManager};
    let all = [
        ("Ruth Calloway", AccountOwner),
        ("Dana Whitfield", ProjectManager),
        ("Theo Park", FieldUser),
        ("Ana Costa", ProjectManager),
    ];
    let member = |(n, (name, role))| Member {
        assigned: role != AccountOwner && n < 4,
        by_role: role == AccountOwner,
        person: person(n, name, "someone@whitfieldsons.example", role),
    };
    ProjectPeoplePage {
        shell: shell("Project settings", NavItem::Project),
        actor: actor(AccountOwner),
        project: project(),
        members: (1..).zip(all).map(member).collect(),
    }
}
