//! Samples of contracts and of the invitation to one.

use domain::{CompanyId, ContractId, Money, OfficeId, ProjectId};
use store::repo::{
    company::{Company, Office},
    contract::{Contract, Invitation, Party},
};

use super::{
    ContractInput,
    invitations::OpenedLink,
    pages::{
        ContractsPage,
        accept_invitation::{Acceptance, InvitationPage},
    },
};
use crate::{
    FieldErrors,
    account::setup::Setup,
    gallery::{Pages, at, id, now, put, shell},
    projects::samples::project,
    serving::views::{ActionLink, NavItem},
};

fn company(n: u128, name: &str, claimed: bool) -> Company {
    Company { id: CompanyId(id(n)), name: name.into(), claimed }
}

pub(crate) fn contract(n: u128, name: &str, contractor: &str, value: i64) -> Contract {
    Contract {
        id: ContractId(id(n)),
        project: ProjectId(id(1)),
        project_name: "Harbor Point Medical Office".into(),
        currency: project().currency,
        customer: company(1, "Whitfield & Sons Construction", true),
        contractor: company(n + 1, contractor, true),
        name: name.into(),
        value: Money::minor(value),
        accepted: false,
        in_use: false,
        invited: false,
        invited_by: CompanyId(id(1)),
        invite_email: String::new(),
        invite_until: None,
    }
}

pub(crate) fn add(pages: &mut Pages) {
    let mechanical =
        Contract { accepted: true, ..contract(1, "23A - Mechanical", "Cascade Mechanical, Inc.", 241_800_000) };
    let electrical = Contract {
        invited: true,
        invite_email: "ana@northline.example".into(),
        invite_until: Some(at("2026-12-07T09:00:00Z")),
        ..contract(2, "26A - Electrical", "Northline Electric LLC", 190_550_000)
    };
    let drywall = contract(3, "09B - Drywall, acoustical ceilings and specialties", "Benson Interiors", 0);
    let page = |contracts, errors| ContractsPage {
        shell: shell("Contracts", NavItem::Contracts),
        us: CompanyId(id(1)),
        now: now(),
        project: Some(project()),
        contracts,
        known: vec![company(2, "Cascade Mechanical, Inc.", true)],
        add: ActionLink::May("add".into()),
        made: Some((ContractId(id(2)), "https://ledgerboard.example/invitations/4f9c1d7e8a2b".into())),
        typed: ContractInput::default(),
        errors,
    };
    put(pages, "contracts", &page(vec![mechanical, electrical, drywall], FieldErrors::default()));
    let refused = FieldErrors::one("value", "“12,00,0.555” is not an amount.");
    put(pages, "contracts-empty", &page(Vec::new(), refused));

    let found = Invitation {
        contract: ContractId(id(2)),
        contract_name: "26A - Electrical".into(),
        project: ProjectId(id(1)),
        project_name: "Harbor Point Medical Office".into(),
        project_address: String::new(),
        inviter: company(1, "Whitfield & Sons Construction", true),
        invited: company(2, "Cascade Mechanical, Inc.", false),
        party: Party::Contractor,
        email: "luis@cascademech.example".into(),
        until: Some(at("2026-12-07T09:00:00Z")),
    };
    let page = |accepts, refused: &str, offices| InvitationPage {
        link: "4f9c1d7e8a2b".into(),
        opened: OpenedLink { invitation: Some(found.clone()), refused: refused.into(), offices },
        accepts,
        typed: Acceptance {
            company: Setup { email: "luis@cascademech.example".into(), ..Setup::default() },
            job_number: String::new(),
        },
        errors: FieldErrors::default(),
    };
    put(pages, "invitation", &page(None, "", Vec::new()));
    let used = "This link was used on Nov 3, 2026. Ask Whitfield & Sons for a new one.";
    put(pages, "invitation-used", &page(None, used, Vec::new()));
    let accepts = Some(("Luis Ortega".into(), "Cascade Mechanical, Inc.".into(), None));
    let offices = vec![Office { id: OfficeId(id(1)), name: "Main office".into() }];
    put(pages, "invitation-signed-in", &page(accepts, "", offices));
}
