//! The demo: what an electrical contractor sends.

use domain::cor::{
    Section::{Equipment as E, Labor as L, Material as M, Other as O},
    Status::{
        ApprovedCoIssued as Aco, ApprovedToProceed as Atp, Draft, InReview, Placeholder, ReviseAndResubmit as Rr, Void,
    },
};

use super::DemoCor;

/// Northlight Electric.
pub const ELECTRICAL: &[DemoCor] = &[
    (
        102,
        Aco,
        "Temporary lighting for winter enclosure",
        "PCO 002",
        &[(L, "Electrician", "38", "h", "92.10"), (M, "String lights and cord", "", "", "1204.80")],
    ),
    (
        94,
        Aco,
        "Added card readers at stair 2 and loading dock",
        "PCO 005",
        &[
            (L, "Low voltage technician", "29", "h", "84.50"),
            (M, "Readers, power supplies", "2", "ea", "1835.00"),
            (O, "Programming", "", "", "3615.00"),
        ],
    ),
    (
        88,
        Aco,
        "Feeder upsizing to panel LP-2A per RFI 019",
        "RFI 019",
        &[
            (L, "Electrician", "44", "h", "92.10"),
            (M, "4/0 copper", "320", "ft", "14.65"),
            (M, "Credit: 2/0 copper", "320", "ft", "-9.10"),
        ],
    ),
    (
        83,
        Void,
        "Parking lot charger rough-in (moved to owner's contract)",
        "",
        &[(L, "Electrician", "60", "h", "92.10"), (M, "Conduit", "410", "ft", "6.20")],
    ),
    (
        77,
        Aco,
        "Elevator pit lighting and receptacle, inspector's request",
        "PCO 008",
        &[(L, "Electrician", "7.5", "h", "92.10"), (M, "Vapor-tight fixture", "2", "ea", "164.00")],
    ),
    (
        70,
        Atp,
        "Exam room headwall power: 22 additional receptacles",
        "PCO 012",
        &[
            (L, "Electrician", "66", "h", "92.10"),
            (M, "Hospital grade receptacles", "22", "ea", "48.75"),
            (M, "Branch circuit", "1400", "ft", "1.92"),
        ],
    ),
    (
        64,
        Atp,
        "Fire alarm: added duct detectors at rooftop units",
        "PCO 013",
        &[
            (L, "Electrician", "24", "h", "92.10"),
            (M, "Duct detector", "6", "ea", "318.00"),
            (O, "Vendor programming", "", "", "1225.00"),
        ],
    ),
    (
        57,
        Aco,
        "Credit: owner-furnished pendant fixtures in lobby",
        "PCO 016",
        &[(M, "Type P4 fixtures", "9", "ea", "-1120.00"), (L, "Assembly of owner's fixtures", "18", "h", "92.10")],
    ),
    (
        49,
        InReview,
        "Nurse call: devices and rough-in at exam rooms 210 to 222",
        "PCO 018",
        &[
            (L, "Electrician", "158", "h", "92.10"),
            (M, "Stations, domes and cable", "13", "ea", "1486.00"),
            (O, "Vendor certification", "", "", "3330.00"),
        ],
    ),
    (
        44,
        Rr,
        "Generator annunciator relocation",
        "RFI 052",
        &[(L, "Electrician", "22", "h", "92.10"), (M, "Conduit and control cable", "", "", "1890.35")],
    ),
    (
        38,
        InReview,
        "Temporary power for tower crane relocation, T&M tags EX00041 to EX00047",
        "",
        &[
            (L, "Electrician", "236", "h", "92.10"),
            (M, "500 kcmil and lugs", "", "", "11480.00"),
            (E, "Trencher and operator", "3", "day", "1280.00"),
            (O, "Utility fee", "", "", "4224.40"),
        ],
    ),
    (
        32,
        InReview,
        "Lighting control zones split per owner's review",
        "Bulletin 5",
        &[(L, "Electrician", "41", "h", "92.10"), (M, "Relays and sensors", "16", "ea", "212.00")],
    ),
    (
        27,
        InReview,
        "Bulletin 7: imaging suite power, panel LP-3B and feeders",
        "Bulletin 7",
        &[
            (L, "Install and terminate", "176", "h", "92.27"),
            (M, "Panel LP-3B and feeders", "", "", "38115.00"),
            (M, "Credit for panel LP-3A", "", "", "-6780.00"),
        ],
    ),
    (
        21,
        InReview,
        "Overtime for shutdown of existing service, Saturday 10/31",
        "",
        &[(L, "Electrician, double time", "48", "h", "184.20"), (E, "Light towers", "2", "ea", "185.00")],
    ),
    (
        15,
        InReview,
        "Relocate floor boxes in conference 304",
        "RFI 061",
        &[(L, "Electrician", "12", "h", "92.10"), (E, "Slab scan and core", "", "", "975.00")],
    ),
    (
        9,
        InReview,
        "Added data drops at reception",
        "",
        &[(L, "Low voltage technician", "11", "h", "84.50"), (M, "Cat 6A and jacks", "18", "ea", "41.30")],
    ),
    (
        4,
        InReview,
        "Emergency egress lighting, revised stair 1",
        "RFI 070",
        &[(L, "Electrician", "17", "h", "92.10"), (M, "Fixtures with battery", "4", "ea", "286.00")],
    ),
    (
        0,
        Placeholder,
        "Bulletin 9: electrical scope for imaging suite, being priced",
        "Bulletin 9",
        &[(O, "Allowance until priced", "", "", "65000.00")],
    ),
    (
        0,
        Draft,
        "Surge protection at LP-3B",
        "",
        &[(M, "SPD, 160 kA", "1", "ea", "2315.00"), (L, "Electrician", "5", "h", "92.10")],
    ),
];
