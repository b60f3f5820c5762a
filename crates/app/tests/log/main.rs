//! The COR Log and its CORs, as people at browsers meet them: a general contractor, its subcontractors, one project.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cors;
mod pages;
mod reconciliation;
mod selection;
#[path = "../company/visitor.rs"]
#[allow(dead_code, reason = "written for another suite, which uses more of it")]
mod visitor;

use domain::{CorId, procore::Side};
use ledgerboard::demo_data::{self, Furnished};
use visitor::{Site, Visitor};

/// The demo's world, nothing pushed yet.
struct Scene {
    site: Site,
    made: Furnished,
    /// Project Manager of the general contractor.
    gc: Visitor,
    /// Account Owner of the mechanical subcontractor.
    sub: Visitor,
}

impl Scene {
    async fn begin() -> Self {
        let site = Site::empty().await;
        let made = demo_data::furnish(&site.world.app).await.unwrap();
        let gc = site.signed_in("d.whitfield@whitfieldsons.example", demo_data::PASSWORD).await;
        let sub = site.signed_in("owner@cascademech.example", demo_data::PASSWORD).await;
        Self { site, made, gc, sub }
    }

    fn log(&self, side: Side, query: &str) -> String {
        format!("/projects/{}/log/{}?{query}", self.made.project, side.code())
    }

    /// The editor's form for a COR of one line.
    fn form<'a>(contract: &'a str, number: &'a str, title: &'a str, amount: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("number", number),
            ("title", title),
            ("contract", contract),
            ("line_id", ""),
            ("line_section", "labor"),
            ("line_description", "Pipefitter"),
            ("line_quantity", ""),
            ("line_unit", ""),
            ("line_rate", ""),
            ("line_amount", amount),
            ("total", ""),
        ]
    }

    /// A new COR of the mechanical subcontractor; answers its page's address.
    async fn write(&self, number: &str, title: &str, amount: &str, deed: &str) -> String {
        let contract = self.made.contracts[0].to_string();
        let mut form = Self::form(&contract, number, title, amount);
        form.push(("do", deed));
        let page = self.sub.post(&format!("/projects/{}/cors/new", self.made.project), &form).await;
        assert_eq!(page.status, 303, "{}", page.text);
        page.location
    }
}

/// The ids of the rows of a log's page, in order.
fn rows(page: &visitor::Page) -> Vec<CorId> {
    let rows = page.text.split("data-row=\"").skip(1);
    rows.map(|row| row.split('"').next().unwrap().parse().unwrap()).collect()
}
