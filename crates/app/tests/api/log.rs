//! Reading the log.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::caller::{Caller, Instance};

fn log(instance: &Instance, query: &str) -> String {
    format!("/projects/{}/log/received?{query}", instance.made.project)
}

fn ids(page: &Value) -> Vec<String> {
    page["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// All rows of a view, page by page.
async fn read_through(caller: &Caller<'_>, instance: &Instance, query: &str) -> Vec<Value> {
    let (mut rows, mut place) = (Vec::new(), String::new());
    loop {
        let page = caller.get(&log(instance, &format!("{query}{place}"))).await.expect(200).json;
        rows.extend(page["rows"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => place = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_meet_each_cor_once_and_agree_with_their_totals() {
    let instance = Instance::furnished().await;
    let caller = instance.manager().await;
    for query in ["limit=7", "limit=7&sort=amount&dir=asc", "limit=9&sort=number&dir=desc", "limit=5&status=in_review"]
    {
        let query = query.replace("sort=amount", "sort=total");
        let whole = caller.get(&log(&instance, &query.replace("limit=", "limit=1"))).await.expect(200).json;
        let rows = read_through(&caller, &instance, &query).await;
        let distinct: BTreeSet<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert!(rows.len() > 9 && distinct.len() == rows.len(), "{query}: {} rows", rows.len());
        assert_eq!(whole["count"], rows.len(), "{query}");
        let sum: i64 = rows.iter().map(|row| cents(&row["amount"])).sum();
        let totals = whole["totals"].as_array().unwrap();
        assert_eq!(totals.iter().map(|total| cents(&total["amount"])).sum::<i64>(), sum, "{query}");
        let states = whole["procore_states"].as_array().unwrap();
        assert_eq!(states.iter().map(|state| state["count"].as_u64().unwrap()).sum::<u64>(), rows.len() as u64);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_in_the_order_asked_for() {
    let instance = Instance::furnished().await;
    let caller = instance.manager().await;
    let dearest = caller.get(&log(&instance, "sort=total")).await.expect(200).json;
    let amounts: Vec<i64> = dearest["rows"].as_array().unwrap().iter().map(|row| cents(&row["amount"])).collect();
    assert!(amounts.is_sorted_by(|a, b| a >= b) && amounts.last() < Some(&0), "credits come last: {amounts:?}");
    let cheapest = caller.get(&log(&instance, "sort=total&dir=asc&limit=1")).await.expect(200).json;
    assert!(cents(&cheapest["rows"][0]["amount"]) < 0);
    let usual = caller.get(&log(&instance, "limit=200")).await.expect(200).json;
    let submitted: Vec<&str> =
        usual["rows"].as_array().unwrap().iter().filter_map(|row| row["submitted_at"].as_str()).collect();
    assert!(submitted.is_sorted_by(|a, b| a >= b), "what was submitted last comes first");
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_rows_count_and_totals_alike() {
    let instance = Instance::furnished().await;
    let caller = instance.manager().await;
    let all = caller.get(&log(&instance, "limit=200")).await.expect(200).json;
    let party = &all["rows"][0]["counterparty"]["id"];
    let of_party = all["rows"].as_array().unwrap().iter().filter(|row| row["counterparty"]["id"] == *party).count();
    let found =
        caller.get(&log(&instance, &format!("counterparty={}", party.as_str().unwrap()))).await.expect(200).json;
    assert!(found["count"] == of_party && found["count"].as_i64() < all["count"].as_i64());

    let two = caller.get(&log(&instance, "status=void&status=in_review")).await.expect(200).json;
    let statuses: BTreeSet<&str> =
        two["totals"].as_array().unwrap().iter().map(|t| t["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, BTreeSet::from(["in_review", "void"]));

    let title = all["rows"][0]["title"].as_str().unwrap();
    let text: String = url::form_urlencoded::byte_serialize(title.as_bytes()).collect();
    let named = caller.get(&log(&instance, &format!("q={text}"))).await.expect(200).json;
    assert!(ids(&named).contains(&ids(&all)[0]) && named["count"].as_i64() < all["count"].as_i64());

    let nothing = caller.get(&log(&instance, "procore_state=refused")).await.expect(200).json;
    assert_eq!((&nothing["count"], ids(&nothing).len(), &nothing["next"]), (&0.into(), 0, &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_means_nothing_is_refused_by_its_name() {
    let instance = Instance::furnished().await;
    let caller = instance.manager().await;
    for (query, parameter, words) in [
        ("status=gone", "status", "“gone” is none of draft, placeholder, in_review"),
        ("limit=0", "limit", "1 to 200"),
        ("limit=201", "limit", "1 to 200"),
        ("sort=colour", "sort", "is none of number, title"),
        ("dir=up", "dir", "asc"),
        ("event=x", "event", "digits"),
        ("event=", "event", "digits"),
        ("sort=", "sort", "is none of number, title"),
        ("limit=", "limit", ""),
        ("cursor=", "cursor", "Leave it out to begin at the first page"),
        ("counterparty=x", "counterparty", ""),
        ("cursor=nonsense", "cursor", "Leave it out to begin at the first page"),
    ] {
        let said = caller.get(&log(&instance, query)).await.mending(parameter);
        assert!(said.contains(words), "{query}: {said}");
    }
    let said = caller.get(&log(&instance, "statuss=void")).await.mending("statuss");
    assert!(said.contains("unknown field `statuss`"), "{said}");
    let page = caller.get(&log(&instance, "limit=5")).await.expect(200).json;
    let other_order = format!("limit=5&sort=total&cursor={}", page["next"].as_str().unwrap());
    caller.get(&log(&instance, &other_order)).await.mending("cursor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_in_its_senders_log_alone() {
    let instance = Instance::furnished().await;
    let sender = instance.caller(&instance.made.subs[0]).await;
    let project = instance.made.project;
    let drafts = sender.get(&format!("/projects/{project}/log/sent?status=draft")).await.expect(200).json;
    assert!(drafts["count"].as_i64() > Some(0));
    let received = instance.manager().await.get(&log(&instance, "status=draft")).await.expect(200).json;
    assert_eq!(received["count"], 0);
}
