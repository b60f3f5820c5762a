//! Named samples of every page, with the data that strains it: long names, negative money, nothing at all, refusals.

use askama::Template;
use domain::{
    CompanyId, OfficeId, PersonId, ProjectId,
    role::{Actor, Rights, Role},
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    account, company, comparison, contracts, cor, integration, log, notifications, projects, push, reconciliation,
    record, security,
    serving::{
        shell::{Nav, NavItem, NavProject, Shell},
        views::PageLink,
    },
};

/// Every sample as (name, HTML), in the order of the product's story.
pub fn gallery() -> Vec<(&'static str, String)> {
    let mut pages = Vec::new();
    account::samples::add(&mut pages);
    projects::samples::add(&mut pages);
    contracts::samples::add(&mut pages);
    company::samples::add(&mut pages);
    security::samples::add(&mut pages);
    integration::samples::add(&mut pages);
    log::samples::add(&mut pages);
    cor::samples::add(&mut pages);
    notifications::samples::add(&mut pages);
    comparison::samples::add(&mut pages);
    record::samples::add(&mut pages);
    push::samples::add(&mut pages);
    reconciliation::samples::add(&mut pages);
    pages
}

pub(crate) type Pages = Vec<(&'static str, String)>;

pub(crate) fn put(pages: &mut Pages, name: &'static str, page: &impl Template) {
    let html = page.render().expect("a sample renders: its parts write to memory");
    pages.push((name, html));
}

/// The frame of the sample project's pages, as its Project Manager sees it.
pub(crate) fn shell(title: &str, at: NavItem) -> Shell {
    Shell {
        title: title.to_owned(),
        nav: Some(Nav {
            at,
            project: Some(NavProject {
                id: ProjectId(id(1)),
                name: "Harbor Point Medical Office".to_owned(),
                alerts: 3,
                notifications: 0,
            }),
            sees_log: true,
            has_settings: true,
            sees_security: false,
        }),
        person: "Dana Whitfield".to_owned(),
        role: "Project Manager, Portland office".to_owned(),
        company: "Whitfield & Sons Construction".to_owned(),
        crumbs: vec![
            PageLink::new("Projects", "/projects"),
            PageLink::new("Harbor Point Medical Office · job 24-118", "/projects/1/log"),
        ],
        flash: None,
        unsent: None,
        once: String::new(),
    }
}

/// The frame of a page that belongs to no project.
pub(crate) fn company_shell(title: &str, at: NavItem) -> Shell {
    let nav = Nav { at, project: None, sees_log: true, has_settings: true, sees_security: true };
    Shell { nav: Some(nav), crumbs: Vec::new(), ..shell(title, at) }
}

/// The frame of Settings, as the Account Owner sees it.
pub(crate) fn settings_shell() -> Shell {
    Shell {
        person: "Ruth Calloway".to_owned(),
        role: "Account Owner".to_owned(),
        ..company_shell("Settings", NavItem::Settings)
    }
}

/// When the sample pages are read.
pub(crate) fn now() -> Timestamp {
    at("2026-11-29T14:20:00Z")
}

/// A moment.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment is written as RFC 3339 says")
}

/// The same sample id for the same number.
pub(crate) const fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// Ruth Calloway, who may do everything in the sample company, or somebody of another role.
pub(crate) fn actor(role: Role) -> Actor {
    Actor {
        person: PersonId(id(1)),
        company: CompanyId(id(1)),
        role,
        office: Some(OfficeId(id(1))),
        name: "Ruth Calloway".to_owned(),
        rights: Rights::All,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_renders_whole_escaped_and_without_inline_code() {
        let pages = gallery();
        assert!(pages.len() >= 50, "the gallery lost its pages");
        for (name, html) in pages {
            let html = html.trim();
            assert!(html.len() > 200 || name.starts_with("fragment"), "{name} is all but empty");
            assert!(!html.contains("<script>alert"), "{name} does not escape what people type");
            assert!(!html.contains("&amp;amp;"), "{name} escapes twice");
            // The content security policy allows neither.
            assert!(!html.contains(" style=\""), "{name} has an inline style");
            for handler in [" onclick=", " onchange=", " onsubmit=", " onload=", "hx-on", "javascript:"] {
                assert!(!html.contains(handler), "{name} has an inline handler");
            }
        }
    }

    #[test]
    fn what_people_type_is_escaped_wherever_a_page_repeats_it() {
        let typed = "<script>alert(1)</script>";
        let (_, html) =
            gallery().into_iter().find(|(name, _)| *name == "log-search-finds-nothing").expect("the sample");
        assert!(!html.contains(typed));
        assert!(html.contains("&#60;script&#62;alert(1)"), "the search is shown again, escaped");
    }
}
