//! Harbor Point's change events: one with locked lines, one with several people's lines, one pending, closed and void.

use jiff::{SignedDuration, Timestamp};
use serde_json::Map;

use super::demo_contracts::Contracts;
use super::{People, WHITFIELD};
use crate::world::{ChangeEvent, ChangeItem, Estimate, EventOrigin, World};

/// A line of the seed: description, budget code, commitment, whole dollars and cents.
type SeedLine<'a> = (&'a str, &'a str, Option<i64>, &'a str);

struct Events<'a> {
    world: &'a mut World,
    project_id: i64,
}

impl Events<'_> {
    fn add(&mut self, title: &str, mapped_to: &str, by: i64, days_ago: i64, lines: &[SeedLine<'_>]) -> i64 {
        let world = &mut *self.world;
        let number = world.next_event_number(self.project_id);
        let status_id = world.status_mapped(WHITFIELD, mapped_to).map(|status| status.id).unwrap_or_default();
        let at = world.epoch - SignedDuration::from_hours(24 * days_ago);
        let id = world.new_id();
        let items = lines.iter().map(|line| seed_line(world, self.project_id, line, by, at)).collect();
        let event = ChangeEvent {
            id,
            project_id: self.project_id,
            number,
            title: Some(title.to_owned()),
            description: None,
            scope: "out_of_scope".to_owned(),
            status_id,
            change_type_id: None,
            change_reason_id: None,
            prime_contract_id: None,
            edited_markup: None,
            source_of_revenue_rom: None,
            origin: None,
            external_data: None,
            custom_fields: Map::new(),
            created_by: by,
            created_at: at,
            updated_at: at,
            deleted_at: None,
            items,
        };
        world.change_events.insert(id, event);
        id
    }
}

fn seed_line(world: &mut World, project_id: i64, line: &SeedLine<'_>, by: i64, at: Timestamp) -> ChangeItem {
    let (description, code, contract, amount) = *line;
    let wbs_code_id = world.wbs_by_code(project_id, code).map(|code| code.id);
    let vendor_id = contract.and_then(|id| world.commitments.get(&id)).and_then(|contract| contract.vendor_id);
    let cost = Estimate::manual(amount.parse().unwrap_or_default());
    let blank = ChangeItem::blank(world.new_id(), by, at);
    ChangeItem {
        description: Some(description.to_owned()),
        wbs_code_id,
        vendor_id,
        contract_id: contract,
        cost,
        ..blank
    }
}

pub(super) fn add_events(world: &mut World, project_id: i64, people: &People, contracts: &Contracts) {
    let Contracts { mechanical, electrical, drywall, prime } = *contracts;
    let mut events = Events { world, project_id };
    let rfq = events.add(
        "RFI 041: reroute chilled water at grid C-4",
        "open",
        people.whitfield,
        46,
        &[
            ("Reroute 4 in. chilled water around beam", "23-2113.L", Some(mechanical), "18420.00"),
            ("Pipe, fittings and hangers", "23-2113.M", Some(mechanical), "9675.50"),
            ("Patch and paint soffit", "09-2116.L", Some(drywall), "2310.00"),
        ],
    );
    events.add(
        "Owner request: nurse call at exam rooms 210 to 222",
        "open",
        people.calloway,
        31,
        &[
            ("Devices and rough-in", "26-0519.M", Some(electrical), "27890.00"),
            ("Labor, second shift", "26-0519.L", Some(electrical), "14560.25"),
            ("General conditions", "01-3113.O", None, "3200.00"),
        ],
    );
    let marked_up = events.add(
        "Abatement at existing stair 2",
        "closed",
        people.whitfield,
        88,
        &[("Selective demolition and disposal", "02-4119.S", None, "41250.00")],
    );
    let pending = events.add(
        "Bulletin 7: imaging suite power",
        "pending",
        people.whitfield,
        12,
        &[
            ("Panel LP-3B and feeders", "26-2416.M", Some(electrical), "38115.00"),
            ("Install and terminate", "26-2416.L", Some(electrical), "16240.00"),
            ("Credit for panel LP-3A", "26-2416.M", Some(electrical), "-6780.00"),
        ],
    );
    events.add(
        "Value engineering: corridor ceilings",
        "void",
        people.calloway,
        60,
        &[("ACT-2 in place of ACT-1", "09-5113.S", Some(drywall), "-22400.00")],
    );
    if let Some(event) = world.change_events.get_mut(&pending) {
        event.prime_contract_id = Some(prime);
    }
    let origin_id = world.new_id();
    if let Some(event) = world.change_events.get_mut(&rfq) {
        let display_name = "RFI 041: Chilled water conflicts with beam at C-4".to_owned();
        event.origin = Some(EventOrigin { origin_id, origin_type: "rfi".to_owned(), display_name });
    }
    // Priced for the owner, with the markup of the prime contract on top.
    if let Some(event) = world.change_events.get_mut(&marked_up) {
        event.prime_contract_id = Some(prime);
        for item in &mut event.items {
            item.revenue = item.cost.clone();
            item.source_of_revenue_rom = Some("manual".to_owned());
        }
    }
    let locked: Vec<i64> =
        world.change_events.get(&rfq).into_iter().flat_map(|e| e.items.iter().take(2)).map(|i| i.id).collect();
    for line in locked {
        // The lines were made just above.
        let _ = world.lock_line(line);
    }
}
