//! Harbor Point's commitments and prime contract.

use rust_decimal::Decimal;

use super::WHITFIELD;
use crate::world::{Commitment, ContractKind, PrimeContract, Vendor, World};

/// Those that the seeded lines refer to.
pub(super) struct Contracts {
    pub(super) mechanical: i64,
    pub(super) electrical: i64,
    pub(super) drywall: i64,
    pub(super) prime: i64,
}

pub(super) fn add_contracts(world: &mut World, project_id: i64) -> Contracts {
    use ContractKind::{PurchaseOrderContract, WorkOrderContract};
    // Live lists have commitments without a vendor, and vendors that only the project's directory knows.
    let mut commitment = |kind, number: &str, title: &str, vendor: &str, status: &str, total: i64| {
        let vendor_id = (!vendor.is_empty()).then(|| {
            let id = world.new_id();
            world.vendors.insert(id, Vendor { id, company_id: WHITFIELD, name: vendor.into() });
            if vendor == "Granite Door & Hardware" {
                world.project_vendors.insert(id);
            }
            id
        });
        let id = world.new_id();
        let contract = Commitment {
            id,
            project_id,
            kind,
            number: number.into(),
            title: title.into(),
            status: status.into(),
            executed: status == "Approved",
            vendor_id,
            grand_total: Decimal::from(total),
        };
        world.commitments.insert(id, contract);
        id
    };
    let mechanical =
        commitment(WorkOrderContract, "SC-23-007", "Mechanical", "Cascade Mechanical, Inc.", "Approved", 2_184_000);
    let electrical =
        commitment(WorkOrderContract, "SC-26-002", "Electrical", "Northlight Electric Co.", "Approved", 1_462_500);
    let drywall = commitment(
        WorkOrderContract,
        "SC-09-004",
        "Drywall and ceilings",
        "Pine State Drywall LLC",
        "Approved",
        918_300,
    );
    commitment(WorkOrderContract, "SC-22-003", "Plumbing and medical gas", "Tidewater Plumbing", "Approved", 1_037_000);
    commitment(WorkOrderContract, "SC-21-001", "Fire protection", "Ironclad Sprinkler", "Out For Signature", 286_400);
    commitment(
        WorkOrderContract,
        "SC-05-001",
        "Structural steel",
        "Androscoggin Steel Erectors",
        "Complete",
        1_755_000,
    );
    commitment(PurchaseOrderContract, "PO-23-014", "Rooftop units", "Coastal Air Supply", "Approved", 412_880);
    commitment(
        PurchaseOrderContract,
        "PO-08-002",
        "Hollow metal frames",
        "Granite Door & Hardware",
        "Processing",
        96_250,
    );
    commitment(WorkOrderContract, "SC-32-001", "Sitework, to be awarded", "", "Draft", 0);
    let owner = world.new_id();
    world.vendors.insert(owner, Vendor { id: owner, company_id: WHITFIELD, name: "Harbor Point Holdings LLC".into() });
    let prime = world.new_id();
    let contract = PrimeContract {
        id: prime,
        project_id,
        number: "PC-001".into(),
        title: "Harbor Point Medical Office".into(),
        status: "Approved".into(),
        executed: true,
        grand_total: Decimal::from(18_640_000),
        owner_vendor_id: Some(owner),
    };
    world.prime_contracts.insert(prime, contract);
    Contracts { mechanical, electrical, drywall, prime }
}
