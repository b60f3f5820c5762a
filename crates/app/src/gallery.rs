//! Named samples of every page, with the data that strains it: long names, negative money, nothing at all, refusals.

use askama::Template;
use domain::{
    CompanyId, OfficeId, PersonId,
    role::{Actor, Rights, Role},
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::serving::views::{Crumb, Nav, NavItem, Shell};
use crate::{
    account, company, comparison, contracts, cor, integration, log, notifications, projects, push, reconciliation,
    record,
};

/// Every sample as (name, HTML), in the order of the product's story.
pub fn gallery() -> Vec<(&'static str, String)> {
    let mut pages = Vec::new();
    account::samples::add(&mut pages);
    projects::samples::add(&mut pages);
    contracts::samples::add(&mut pages);
    company::samples::add(&mut pages);
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
pub(crate) fn shell(title: &str, current: NavItem) -> Shell {
    Shell {
        title: title.to_owned(),
        nav: Nav {
            current,
            project: Some("Harbor Point Medical Office".to_owned()),
            projects_url: "/projects".to_owned(),
            log_url: "/projects/1/log/received".to_owned(),
            log_count: 3,
            notifications_url: "/projects/1/notifications".to_owned(),
            notifications_count: 0,
            reconciliation_url: "/projects/1/reconciliation".to_owned(),
            contracts_url: "/projects/1/contracts".to_owned(),
            project_url: "/projects/1/settings".to_owned(),
            settings_url: "/settings".to_owned(),
        },
        person: "Dana Whitfield".to_owned(),
        role: "Project Manager, Portland office".to_owned(),
        company: "Whitfield & Sons Construction".to_owned(),
        sign_out_url: "/sign-out".to_owned(),
        crumbs: vec![
            Crumb::link("Projects", "/projects"),
            Crumb::link("Harbor Point Medical Office · job 24-118", "/projects/1/log"),
            Crumb::here(title),
        ],
        flash: None,
    }
}

/// The frame of Settings, as the Account Owner sees it.
pub(crate) fn settings_shell() -> Shell {
    let mut shell = shell("Settings", NavItem::Settings);
    shell.person = "Ruth Calloway".to_owned();
    shell.role = "Account Owner".to_owned();
    shell.nav.project = None;
    shell.crumbs.drain(..2);
    shell
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
