//! The budget codes of the demo projects.

use crate::world::{WbsCode, World};

/// Cost codes of the demo projects and the cost types each is budgeted with.
const BUDGET: [(&str, &str, &str); 27] = [
    ("01-3113", "Project coordination", "LO"),
    ("01-5423", "Temporary scaffolding", "LE"),
    ("02-4119", "Selective demolition", "LES"),
    ("03-3053", "Cast-in-place concrete", "LMS"),
    ("05-1223", "Structural steel", "MS"),
    ("05-5100", "Metal stairs", "MS"),
    ("06-1053", "Rough carpentry, blocking", "LM"),
    ("07-2713", "Air barrier", "LMS"),
    ("07-5423", "TPO roofing", "S"),
    ("07-8413", "Penetration firestopping", "LMS"),
    ("08-1113", "Hollow metal frames", "LM"),
    ("08-4413", "Curtain wall", "S"),
    ("09-2116", "Gypsum board assemblies", "LMS"),
    ("09-5113", "Acoustical ceilings", "LMS"),
    ("09-6519", "Resilient flooring", "MS"),
    ("09-9123", "Interior painting", "LS"),
    ("21-1313", "Wet-pipe sprinklers", "LMS"),
    ("22-1116", "Domestic water piping", "LMS"),
    ("22-1316", "Sanitary waste piping", "LM"),
    ("22-6313", "Medical gas piping", "LMS"),
    ("23-0593", "Testing and balancing", "LS"),
    ("23-2113", "Hydronic piping", "LME"),
    ("23-3113", "Metal ducts", "LMS"),
    ("23-7413", "Rooftop units", "LMES"),
    ("26-0519", "Low-voltage conductors", "LM"),
    ("26-2416", "Panelboards", "LMS"),
    ("26-5119", "LED interior lighting", "LMS"),
];

/// The budget codes of a project: `23-2113.L` is "Hydronic piping, labor". The first is "None".
pub(super) fn add_budget(world: &mut World, project_id: i64) {
    let id = world.new_id();
    let none = WbsCode { id, project_id, flat_code: String::new(), description: String::new(), active: true };
    world.wbs_codes.insert(id, none);
    for (code, name, kinds) in BUDGET {
        for kind in kinds.chars() {
            let kind_name = match kind {
                'L' => "labor",
                'M' => "materials",
                'E' => "equipment",
                'S' => "subcontract",
                _ => "other",
            };
            let id = world.new_id();
            let code = WbsCode {
                id,
                project_id,
                flat_code: format!("{code}.{kind}"),
                description: format!("{name}, {kind_name}"),
                active: true,
            };
            world.wbs_codes.insert(id, code);
        }
    }
}
