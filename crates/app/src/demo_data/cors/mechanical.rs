//! The demo: what a mechanical contractor sends.

use domain::cor::{
    Section::{Equipment as E, Labor as L, Material as M, Other as O},
    Status::{
        ApprovedCoIssued as Aco, ApprovedToProceed as Atp, Draft, InReview, Placeholder, ReviseAndResubmit as Rr, Void,
    },
};

use super::DemoCor;

/// Cascade Mechanical, in the order they were sent.
pub const MECHANICAL: &[DemoCor] = &[
    (
        96,
        Aco,
        "Added hose bibb and isolation valve at loading dock",
        "PCO 004",
        &[(L, "Plumber", "9.5", "h", "96.40"), (M, "Hose bibb, valve, copper", "", "", "438.20")],
    ),
    (
        91,
        Aco,
        "Coordination changes from clash report 3, Level 1 corridor",
        "PCO 006",
        &[(L, "Detailer", "22", "h", "104.00"), (L, "Pipefitter, rework", "31.5", "h", "98.75")],
    ),
    (
        86,
        Void,
        "Alternate: stainless kitchen exhaust in lieu of black iron",
        "",
        &[(L, "Sheet metal", "40", "h", "101.20"), (M, "304 stainless duct, 16 ga", "62", "ft", "118.40")],
    ),
    (
        80,
        Aco,
        "Owner-furnished humidifier: added condensate and power interlock",
        "PCO 009",
        &[
            (L, "Pipefitter", "18", "h", "98.75"),
            (M, "Condensate piping", "", "", "612.75"),
            (O, "Controls programming", "", "", "1450.00"),
        ],
    ),
    (
        72,
        Aco,
        "Relocate rooftop unit RTU-4 curb for revised parapet",
        "PCO 011",
        &[
            (L, "Rigging crew", "26", "h", "109.10"),
            (E, "80-ton crane, half day", "1", "day", "2150.00"),
            (M, "Curb adapter", "", "", "1985.00"),
        ],
    ),
    (
        66,
        Void,
        "Temporary heat, Level 2 (withdrawn, carried in general conditions)",
        "",
        &[(E, "Indirect heater, rental", "4", "week", "940.00"), (O, "Fuel", "", "", "2310.00")],
    ),
    (
        61,
        Atp,
        "Added exhaust for imaging suite server closet",
        "PCO 014",
        &[
            (L, "Sheet metal", "28", "h", "101.20"),
            (M, "Inline fan EF-11 and duct", "", "", "2874.50"),
            (O, "Balancing", "", "", "480.00"),
        ],
    ),
    (
        58,
        Aco,
        "Hydronic pump VFD substitution",
        "PCO 015",
        &[
            (M, "VFD, 10 HP, two", "2", "ea", "1986.00"),
            (M, "Credit: starters", "2", "ea", "-412.00"),
            (O, "Startup", "", "", "1272.00"),
        ],
    ),
    (
        52,
        Atp,
        "Premium time to recover schedule after slab delay, weeks of 9/14 and 9/21 (premium portion only)",
        "PCO 017",
        &[
            (L, "Pipefitter, premium portion", "164", "h", "49.35"),
            (L, "Sheet metal, premium portion", "196", "h", "50.60"),
            (L, "Supervision, premium portion", "74", "h", "61.00"),
        ],
    ),
    (
        47,
        InReview,
        "Unforeseen beam at grid C-4: reroute 4 in. chilled water, Level 1",
        "RFI 041",
        &[
            (L, "Pipefitter", "78", "h", "98.75"),
            (M, "4 in. grooved pipe and fittings", "", "", "4118.60"),
            (M, "Hangers and seismic bracing", "", "", "1240.00"),
            (E, "Scissor lift", "2", "week", "545.00"),
            (O, "Insulation subcontractor", "", "", "3360.00"),
        ],
    ),
    (
        41,
        Rr,
        "Change VAV controls from pneumatic to BACnet at Levels 2 and 3",
        "RFI 038",
        &[
            (L, "Controls technician", "112", "h", "118.00"),
            (M, "Controllers and actuators", "34", "ea", "287.50"),
            (O, "Engineering and graphics", "", "", "4925.00"),
        ],
    ),
    (
        35,
        InReview,
        "Credit: delete VAV boxes 3-14 through 3-19 per ASI 022",
        "ASI 022",
        &[
            (M, "VAV boxes with reheat, six", "6", "ea", "-1640.00"),
            (L, "Labor not spent", "24", "h", "-98.75"),
            (O, "Restocking", "", "", "390.00"),
        ],
    ),
    (
        29,
        InReview,
        "Medical gas zone valve box relocation at exam rooms 210 through 222, including additional brazed joints, purge and third-party verification",
        "PCO 021",
        &[
            (L, "ASSE 6010 installer", "46", "h", "112.40"),
            (M, "Zone valve box, three gas", "2", "ea", "1874.00"),
            (M, "ACR copper and fittings", "", "", "933.15"),
            (O, "Third-party verifier", "", "", "1850.00"),
        ],
    ),
    (
        26,
        InReview,
        "Reroute 6\" chilled water main around added shear wall, Level 3",
        "",
        &[
            (L, "Pipefitters, straight time", "62", "h", "120.65"),
            (M, "6\" grooved pipe and fittings", "", "", "8120.00"),
            (E, "Scissor lift", "2", "week", "550.00"),
            (O, "Fee agreed for this change", "", "", "1750.00"),
        ],
    ),
    (
        19,
        InReview,
        "Fire smoke dampers at revised Level 2 shaft",
        "Bulletin 6",
        &[
            (L, "Sheet metal", "33.5", "h", "101.20"),
            (M, "FSD, 24 x 14", "5", "ea", "684.00"),
            (O, "Access doors by others, coordination only", "", "", "0.00"),
        ],
    ),
    (
        12,
        InReview,
        "Owner change: relocate thermostats in 14 rooms",
        "",
        &[(L, "Controls technician", "21", "h", "118.00"), (M, "Wire and back boxes", "", "", "318.40")],
    ),
    (
        6,
        InReview,
        "Acoustic lining at conference 304 transfer ducts",
        "RFI 066",
        &[(L, "Sheet metal", "14", "h", "101.20"), (M, "1 in. lining", "180", "sf", "2.85")],
    ),
    (
        0,
        Placeholder,
        "Bulletin 9: mechanical scope for imaging suite, being priced",
        "Bulletin 9",
        &[(O, "Allowance until priced", "", "", "48000.00")],
    ),
    (
        0,
        Draft,
        "Snow melt at ambulance bay: added manifold",
        "",
        &[(L, "Pipefitter", "16", "h", "98.75"), (M, "Manifold, 6 port", "", "", "1180.00")],
    ),
    (0, Draft, "Extended warranty on RTU-4 compressor", "", &[(O, "Manufacturer's warranty", "", "", "2140.00")]),
];
