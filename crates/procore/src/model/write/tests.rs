use serde_json::json;

use super::*;

fn new_event() -> NewChangeEvent {
    NewChangeEvent {
        number: None,
        title: "Rock at grid C".into(),
        description: None,
        status: StatusId(2),
        scope: Scope::OutOfScope,
        change_type: None,
        change_reason: None,
        prime_contract_for_estimates: None,
        source_of_revenue_rom: None,
        external_data: None,
        change_items: Vec::new(),
    }
}

fn sent(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(Envelope { change_event: value }).unwrap()
}

#[test]
fn a_small_event_says_only_what_is_known() {
    let wanted = json!({"change_event": {"title": "Rock at grid C", "status": {"id": 2}, "scope": "out_of_scope"}});
    assert_eq!(sent(&new_event()), wanted);
}

#[test]
fn a_lump_sum_of_cost_goes_to_a_commitment() {
    let cost = CostWrite {
        amount: Some(Decimal::new(125_005, 1)),
        vendor: Some(VendorId(161_072)),
        contract: Some(ContractId(853_215)),
        ..CostWrite::default()
    };
    let item = ItemWrite {
        description: Some("COR 14".into()),
        budget_code: Some(WbsCodeId(40_389)),
        cost: Some(cost),
        ..ItemWrite::default()
    };
    let event = NewChangeEvent {
        number: Some("014".into()),
        change_type: Some(ChangeTypeId(3)),
        change_reason: Some(ChangeReasonId(4)),
        external_data: Some(ExternalData { origin_id: "a".into(), origin_data: "b".into() }),
        change_items: vec![item],
        ..new_event()
    };
    let wanted = json!({"change_event": {
        "number": "014", "title": "Rock at grid C", "status": {"id": 2}, "scope": "out_of_scope",
        "change_type": {"id": 3}, "change_reason": {"id": 4},
        "external_data": {"origin_id": "a", "origin_data": "b"},
        "change_items": [{"description": "COR 14", "budget_code": {"id": 40389}, "cost_impact": {
            "estimate": {"amount": 12500.5, "calculation_strategy": "manual"},
            "vendor": {"proposed": {"id": 161_072}}, "contract": {"proposed": {"id": 853_215}}
        }}]
    }});
    assert_eq!(sent(&event), wanted);
}

#[test]
fn what_does_not_change_is_not_named() {
    let cost = CostWrite { contract: Some(ContractId(853_215)), ..CostWrite::default() };
    let item = ItemWrite { cost: Some(cost), ..ItemWrite::default() };
    let wanted = json!({"cost_impact": {"contract": {"proposed": {"id": 853_215}}}});
    assert_eq!(serde_json::to_value(&item).unwrap(), wanted);
}

/// Procore documents numbers for cost and strings for revenue. A number is written digit by digit.
#[test]
fn costs_are_numbers_and_revenue_is_text() {
    let (amount, quantity) = (Decimal::new(-99_999_999_999_999, 2), Some(Decimal::new(30_500, 4)));
    let cost =
        CostWrite { amount: Some(amount), quantity, unit_cost: Some(Decimal::new(10, 1)), ..CostWrite::default() };
    let revenue = RevenueWrite { amount, quantity, ..RevenueWrite::default() };
    let item = ItemWrite { cost: Some(cost), revenue: Some(revenue), ..ItemWrite::default() };
    let text = serde_json::to_string(&item).unwrap();
    let costs = r#"{"amount":-999999999999.99,"calculation_strategy":"manual","quantity":3.05,"unit_cost":1}"#;
    let brings = r#"{"amount":"-999999999999.99","calculation_strategy":"manual","quantity":"3.05"}"#;
    assert!(text.contains(costs) && text.contains(brings), "{text}");
}

#[test]
fn a_patch_adds_changes_and_removes() {
    let revenue = RevenueWrite {
        amount: Decimal::new(-7625, 2),
        quantity: Some(Decimal::new(30500, 4)),
        unit_cost: Some(Decimal::new(-25, 0)),
        unit_of_measure: Some("ea".into()),
    };
    let changed = ItemWrite { id: Some(LineId(7)), revenue: Some(revenue), ..ItemWrite::default() };
    let removed = ItemWrite { id: Some(LineId(8)), deleted: true, ..ItemWrite::default() };
    let patch = ChangeEventPatch {
        prime_contract_for_estimates: Some(ContractId(5)),
        source_of_revenue_rom: Some(SourceOfRevenueRom::Manual),
        change_items: vec![changed, removed],
        ..ChangeEventPatch::default()
    };
    let wanted = json!({"change_event": {
        "prime_contract_for_estimates": {"id": 5}, "source_of_revenue_rom": "manual",
        "change_items": [
            {"id": 7, "revenue_impact": {"source_of_revenue_rom": "manual", "estimate": {
                "amount": "-76.25", "calculation_strategy": "manual", "quantity": "3.05", "unit_cost": "-25",
                "unit_of_measure": "ea"
            }}},
            {"id": 8, "deleted": true}
        ]
    }});
    assert_eq!(sent(&patch), wanted);
    assert_eq!(sent(&ChangeEventPatch::default()), json!({"change_event": {}}));
}

#[test]
fn money_has_two_decimals_and_is_never_rounded() {
    let table =
        [("0", "0.00"), ("12", "12.00"), ("12.5", "12.50"), ("-0.10", "-0.10"), ("1.2300", "1.23"), ("1.005", "1.005")];
    for (given, written) in table {
        assert_eq!(money(given.parse().unwrap()), written);
    }
}
