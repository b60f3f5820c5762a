//! The demo: what a drywall contractor sends.

use domain::cor::{
    Section::{Equipment as E, Labor as L, Material as M, Other as O},
    Status::{
        ApprovedCoIssued as Aco, ApprovedToProceed as Atp, Draft, InReview, Placeholder, ReviseAndResubmit as Rr, Void,
    },
};

use super::DemoCor;

/// Pine State Drywall.
pub const DRYWALL: &[DemoCor] = &[
    (
        99,
        Aco,
        "Shaft wall head-of-wall detail per field observation 3",
        "PCO 003",
        &[(L, "Framer", "34", "h", "78.20"), (M, "Deflection track", "420", "ft", "4.15")],
    ),
    (
        92,
        Aco,
        "Backing for handrails, corridors 1 and 2",
        "PCO 007",
        &[(L, "Framer", "46", "h", "78.20"), (M, "16 ga backing plate", "310", "ft", "5.60")],
    ),
    (
        84,
        Void,
        "Fire-rated shaft liner upgrade, shafts A to D",
        "",
        &[(L, "Framer", "88", "h", "78.20"), (M, "1 in. liner panel", "2400", "sf", "1.94")],
    ),
    (
        78,
        Aco,
        "Patch and refinish at relocated sprinkler mains",
        "PCO 010",
        &[(L, "Finisher", "27", "h", "74.60"), (M, "Board and compound", "", "", "384.20")],
    ),
    (
        71,
        Atp,
        "Lead-lined board at imaging 214, wall B only",
        "PCO 019",
        &[
            (L, "Hanger", "32", "h", "78.20"),
            (M, "Lead-lined board, 1/16 in.", "14", "ea", "412.00"),
            (E, "Panel lift", "1", "week", "210.00"),
        ],
    ),
    (
        63,
        Atp,
        "Soffit changes at lobby, bulletin 5",
        "Bulletin 5",
        &[
            (L, "Framer", "42", "h", "78.20"),
            (L, "Finisher", "21", "h", "74.60"),
            (M, "Framing and board", "", "", "1267.00"),
        ],
    ),
    (
        55,
        InReview,
        "Credit: ACT-2 in place of ACT-1 at corridors (value engineering)",
        "VE 4",
        &[(M, "ACT-1 tile and grid", "11200", "sf", "-4.10"), (M, "ACT-2 tile and grid", "11200", "sf", "2.10")],
    ),
    (
        48,
        InReview,
        "Level 5 finish at lobby feature wall",
        "",
        &[(L, "Finisher", "36", "h", "74.60"), (M, "Skim coat materials", "", "", "298.40")],
    ),
    (
        42,
        Rr,
        "Infill of abandoned openings, existing stair 2",
        "RFI 044",
        &[(L, "Framer", "19", "h", "78.20"), (M, "CMU patch by others; board only", "", "", "410.00")],
    ),
    (
        36,
        InReview,
        "Sound rating of exam room walls raised to STC 50",
        "RFI 057",
        &[(L, "Hanger", "124", "h", "78.20"), (M, "Second layer and acoustic sealant", "9600", "sf", "0.89")],
    ),
    (
        28,
        InReview,
        "Relocate door frames 218A and 219B after casework shop drawings",
        "RFI 059",
        &[(L, "Framer", "16", "h", "78.20"), (M, "Studs and board", "", "", "265.75")],
    ),
    (
        22,
        InReview,
        "Access panels at revised medical gas valves",
        "",
        &[(L, "Framer", "9", "h", "78.20"), (M, "Access panel, fire rated", "4", "ea", "186.00")],
    ),
    (
        16,
        InReview,
        "Winter protection of stored board, November",
        "",
        &[(L, "Laborer", "20", "h", "58.40"), (E, "Heaters and tarps", "1", "month", "1480.00")],
    ),
    (
        11,
        InReview,
        "Column enclosures at grid 7, Level 2",
        "Bulletin 6",
        &[(L, "Framer", "23", "h", "78.20"), (M, "Framing and board", "", "", "742.15")],
    ),
    (
        5,
        InReview,
        "Patch at thermostat relocations, 14 rooms",
        "",
        &[(L, "Finisher", "14", "h", "74.60"), (M, "Materials", "", "", "96.30")],
    ),
    (
        0,
        Placeholder,
        "Bulletin 9: partitions at imaging suite, being priced",
        "Bulletin 9",
        &[(O, "Allowance until priced", "", "", "27500.00")],
    ),
    (
        0,
        Draft,
        "Bulkhead at vending alcove",
        "",
        &[(L, "Framer", "8", "h", "78.20"), (M, "Materials", "", "", "174.00")],
    ),
];
