//! What seeded CORs say and cost.

use domain::{
    LineItemId, Money, Named,
    cor::{CorNumber, LineItem, Price, Section, Status},
};
use jiff::SignedDuration;
use rust_decimal::Decimal;

use super::{CURRENCY, Random, Seeding, cor_id, people::Site};
use crate::repo::cor::{Cor, CorContent, CorPlace};

const WORK: [&str; 16] = [
    "Reroute 6\" chilled water main around added shear wall",
    "Temporary power for tower crane relocation",
    "Added card readers at stair 2 and loading dock",
    "Overtime to recover schedule after slab delay (premium portion only)",
    "Soffit changes at lobby",
    "Fire-rated shaft liner upgrade",
    "Field weld repairs, third-party inspection findings",
    "Hydronic pump VFD substitution",
    "Relocate floor boxes per furniture plan",
    "Credit: delete VAV boxes",
    "Unforeseen utility conflict at grid line 7",
    "Additional backing for owner-furnished equipment",
    "Revised storefront framing per RFI response",
    "Extend sprinkler coverage to covered parking",
    "Patch and paint after abatement",
    "Acceleration of long-lead switchgear",
];

const WHERE: [&str; 8] = [
    "Level 1",
    "Level 2, east wing",
    "Level 3",
    "Level 4, patient rooms",
    "Roof",
    "Basement mechanical room",
    "Exterior, north elevation",
    "Parking levels P1 and P2",
];

const CAUSE: [&str; 6] = ["RFI", "ASI", "Bulletin", "CCD", "Owner directive", "Field condition"];

/// Weighted as logs usually are: much in review, much settled.
const STATUSES: [Status; 20] = [
    Status::Draft,
    Status::Placeholder,
    Status::InReview,
    Status::InReview,
    Status::InReview,
    Status::InReview,
    Status::InReview,
    Status::InReview,
    Status::ReviseAndResubmit,
    Status::ApprovedToProceed,
    Status::ApprovedToProceed,
    Status::ApprovedToProceed,
    Status::ApprovedCoIssued,
    Status::ApprovedCoIssued,
    Status::ApprovedCoIssued,
    Status::ApprovedCoIssued,
    Status::ApprovedCoIssued,
    Status::ApprovedCoIssued,
    Status::ApprovedCoIssued,
    Status::Void,
];

/// One COR of the sub at `place`, with three lines.
pub(crate) fn cor(
    seeding: &Seeding,
    site: &Site,
    place: usize,
    number: i64,
    age: SignedDuration,
    random: &Random,
) -> Cor {
    let (sub, logs) = (&site.subs[place], &site.logs[place]);
    let created_at = seeding.now.saturating_sub(age).unwrap_or(seeding.now);
    let status = random.one_of(&STATUSES);
    let sent = !matches!(status, Status::Draft | Status::Placeholder);
    let title = format!(
        "{}, {}, {} {:03}",
        random.one_of(&WORK),
        random.one_of(&WHERE),
        random.one_of(&CAUSE),
        1 + random.below(220)
    );
    let reference = if random.percent(60) { format!("PCO {:03}", 1 + random.below(400)) } else { String::new() };
    let place = CorPlace {
        project: site.project,
        contract: Named { id: logs.contract, name: logs.contract_name.to_owned() },
        sender: Named { id: sub.company, name: sub.name.to_owned() },
        receiver: Named { id: site.customer, name: site.customer_name.clone() },
        receiver_joined: true,
        currency: CURRENCY,
    };
    let id = cor_id(created_at, random);
    let content = CorContent {
        description: format!("{title} as directed. Includes labor, material and equipment."),
        customer_reference: reference,
        ..CorContent::new(title, price(created_at, random))
    };
    let cor = Cor::begun(id, place, CorNumber::from_sequence(number), content, created_at);
    Cor { status, submitted_at: sent.then_some(created_at), ..cor }
}

fn price(at: jiff::Timestamp, random: &Random) -> Price {
    let id = || LineItemId::fresh(at, random);
    let sign = if random.percent(8) { -1 } else { 1 };
    let hours = Decimal::new(i64::from(40 + random.below(4_000)), 1);
    let rate = Decimal::new(i64::from(8_400 + random.below(6_000)) * sign, 2);
    let lump = |low: u32, high: u32| Money::minor(i64::from(low + random.below(high)) * sign);
    let labor = LineItem::extended(id(), Section::Labor, "Journeyman", hours, "h", rate)
        .unwrap_or_else(|_| LineItem::lump(id(), Section::Labor, "Journeyman", Money::ZERO));
    let lines = vec![
        labor,
        LineItem::lump(id(), Section::Material, "Material", lump(10_000, 2_500_000)),
        LineItem::lump(id(), Section::Equipment, "Lift and small tools", lump(5_000, 300_000)),
    ];
    let mut price = Price { lines, overtyped: None };
    if random.percent(10) {
        let whole = price.computed().in_minor() / 10_000 * 10_000;
        price.overtyped = Some(Money::minor(whole)).filter(|total| *total != price.computed());
    }
    price
}
