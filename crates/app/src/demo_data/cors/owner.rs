//! The demo: what the general contractor sends to the owner.

use domain::cor::{
    Section::{Labor as L, Other as O},
    Status::{ApprovedCoIssued as Aco, ApprovedToProceed as Atp, InReview},
};

use super::DemoCor;

/// What the general contractor sent to the owner.
pub const OWNER: &[DemoCor] = &[
    (
        84,
        Aco,
        "Owner change request 1: loading dock access and security",
        "OCR-01",
        &[(O, "Subcontractors, per attached", "", "", "14176.55"), (O, "Overhead and fee, 10 %", "", "", "1417.66")],
    ),
    (
        60,
        Atp,
        "Owner change request 2: imaging suite server closet",
        "OCR-02",
        &[(O, "Subcontractors", "", "", "6188.10"), (O, "Overhead and fee, 10 %", "", "", "618.81")],
    ),
    (
        40,
        InReview,
        "Owner change request 3: nurse call at exam rooms 210 to 222",
        "OCR-03",
        &[
            (O, "Electrical", "", "", "37199.80"),
            (L, "General conditions", "40", "h", "80.00"),
            (O, "Overhead and fee, 10 %", "", "", "4039.98"),
        ],
    ),
    (
        18,
        InReview,
        "Owner change request 4: Bulletin 7 imaging suite power",
        "OCR-04",
        &[(O, "Electrical", "", "", "47574.52"), (O, "Overhead and fee, 10 %", "", "", "4757.45")],
    ),
];
