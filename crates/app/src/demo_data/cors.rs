//! The CORs of the demo: what a mechanical, an electrical and a drywall contractor really send.

use domain::cor::{Section, Status};

/// A COR: days since it was submitted, status, title, the customer's reference and its lines.
pub type Row = (i64, Status, &'static str, &'static str, &'static [Line]);
/// A line: section, description, quantity ("" for one amount), unit, rate or amount.
pub type Line = (Section, &'static str, &'static str, &'static str, &'static str);

use Section::{Equipment as E, Labor as L, Material as M, Other as O};
use Status::{
    ApprovedCoIssued as Aco, ApprovedToProceed as Atp, Draft, InReview, Placeholder, ReviseAndResubmit as Rr, Void,
};

/// Cascade Mechanical, in the order they were sent.
pub const MECHANICAL: &[Row] = &[
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

/// Northlight Electric.
pub const ELECTRICAL: &[Row] = &[
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

/// Pine State Drywall.
pub const DRYWALL: &[Row] = &[
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

/// What the general contractor sent to the owner.
pub const OWNER: &[Row] = &[
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
