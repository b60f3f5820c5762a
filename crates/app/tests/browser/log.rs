//! The COR Log: two sides, filters in the URL, sorting, paging, selection, keys.

use ledgerboard::log::copy::NEEDS_ATTENTION;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::harness::{
    Person,
    procore::minor,
    stage::{MANAGER, MECHANICAL, Stage},
};

async fn at_the_log() -> (Stage, Person) {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    daniel.open_log("Received").await;
    (stage, daniel)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_two_sides_of_one_record() {
    let (stage, daniel) = at_the_log().await;
    daniel.see_row(&["014", "Cascade Mechanical", "Reroute 6\" chilled water", "18,450.00"]).await;
    daniel.click("Sent").await;
    daniel.arrive("/log/sent").await;
    daniel.not_see("Reroute 6\" chilled water").await;

    let tom = stage.signed_in(MECHANICAL).await;
    tom.open_log("Sent").await;
    tom.see_row(&["014", "Whitfield", "Reroute 6\" chilled water", "18,450.00"]).await;
    // The other contractors' are nobody's business.
    tom.not_see("Northlight").await;
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_and_rows_follow_the_filter_in_the_url() {
    let (_stage, daniel) = at_the_log().await;
    daniel.click("In Review").await;
    daniel.not_see("Approved CO Issued Sep").await;
    daniel.see("23 of 52 CORs").await;
    daniel.fill("Search the log", "chilled").await;
    daniel.press(thirtyfour::Key::Enter).await;
    daniel.see("2 of 52 CORs").await;
    assert_eq!(daniel.rows().await, 2);
    let address = daniel.url().await;

    // The address alone shows the same to a colleague.
    let (path, text) = (daniel.path().await, daniel.row_texts().await);
    daniel.open("/projects").await;
    daniel.open_url(&address).await;
    daniel.see("2 of 52 CORs").await;
    assert_eq!((daniel.path().await, daniel.row_texts().await), (path, text));
    daniel.click("Clear").await;
    daniel.see("52 CORs").await;
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn short_words_are_found_too() {
    let (_stage, daniel) = at_the_log().await;
    for (typed, found) in [("ce 00", "CE 002"), ("17", "017")] {
        daniel.fill("Search the log", typed).await;
        daniel.press(thirtyfour::Key::Enter).await;
        daniel.see("Clear").await;
        daniel.see_row(&[found]).await;
    }
    assert!(daniel.rows().await < 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_sorts_both_ways_and_pages_meet_every_row_once() {
    let (_stage, daniel) = at_the_log().await;
    for column in ["COR", "Contractor", "Title", "Reference", "Status", "Submitted", "Requested"] {
        for _ in 0..2 {
            daniel.click_on_header(column).await;
            daniel.see("1 to 50 of 52").await;
            let mut met = daniel.row_texts().await;
            // "Older" by the day they were submitted, "Next" by anything else.
            daniel.click_on(".pager [rel=next]").await;
            daniel.see("the last 2 of 52").await;
            met.extend(daniel.row_texts().await);
            let count = met.len();
            met.sort();
            met.dedup();
            assert_eq!((count, met.len()), (52, 52), "{column}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_by_place_in_procore() {
    let (_stage, daniel) = at_the_log().await;
    daniel.click(NEEDS_ATTENTION).await;
    daniel.see_row(&["Generator annunciator relocation", "Update needed", "CE 002"]).await;
    daniel.see_row(&["Soffit changes", "Refused", "Choose another budget code"]).await;
    daniel.click("Clear").await;
    for (state, title) in [
        ("Update needed", "Generator annunciator relocation"),
        ("Changed in Procore", "Lead-lined board"),
        ("Refused", "Soffit changes"),
        ("Up to date", "Nurse call"),
    ] {
        daniel.choose_in_menu("Procore", state).await;
        daniel.see_row(&[title]).await;
        daniel.not_see("Emergency egress lighting").await;
        daniel.click("Clear").await;
        daniel.see("52 CORs").await;
    }
    // By the event's own status, and by one event.
    daniel.choose_in_menu("Change Event", "Pending Owner Review").await;
    daniel.see_row(&["Bulletin 7: imaging suite power"]).await;
    assert_eq!(daniel.rows().await, 1);
    daniel.click("Clear").await;
    daniel.see("52 CORs").await;
    daniel.choose_in_menu("Change Event", "002").await;
    daniel.see_row(&["Nurse call"]).await;
    assert_eq!(daniel.rows().await, 2);
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_many_or_all_of_the_filter_are_selected() {
    let (_stage, daniel) = at_the_log().await;
    daniel.tick_row(&["Credit: delete VAV boxes"]).await;
    daniel.see("1 selected").await;
    daniel.see("(11,820.00)").await;
    daniel.tick_row(&["Lighting control zones"]).await;
    daniel.see("2 selected").await;
    daniel.see("(4,651.90)").await;

    // All of the filter, beyond the page, less one.
    daniel.click("Select all 52").await;
    daniel.see("52 selected").await;
    daniel.tick_row(&["Emergency egress lighting"]).await;
    daniel.see("51 selected").await;
    daniel.click("Older").await;
    daniel.see("51 selected").await;
    daniel.click_on("[data-pick-none]").await;
    daniel.not_see("51 selected").await;
}

/// What the totals at the top say, and what the rows that are ticked, or all where none is, come to: count and cents a status.
async fn totals_and_rows(person: &Person) -> [BTreeMap<String, (i64, i64)>; 2] {
    let add_up = |pairs: Value, counted: bool| {
        let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for row in pairs.as_array().expect("a list") {
            let [status, amount, count] = [0, 1, 2].map(|n| row[n].as_str().unwrap_or_default());
            let sum = sums.entry(status.to_owned()).or_default();
            let count = if counted { count.split('/').next().unwrap_or_default() } else { "1" };
            *sum = (sum.0 + count.parse::<i64>().expect("a count"), sum.1 + minor(amount));
        }
        sums.retain(|_, (count, _)| *count > 0);
        sums
    };
    let strip = "return [...document.querySelectorAll('.buckets a')].map(el =>
        [norm(el.querySelector('span').innerText), el.querySelector('b').innerText, el.querySelectorAll('span')[1].innerText])";
    let rows = "const all = [...document.querySelectorAll('tbody tr')], ticked = all.filter(row => row.querySelector(':checked'));
        return (ticked.length ? ticked : all).map(row => [says(row.querySelector('.st')), row.querySelector('.amt').innerText])";
    [add_up(person.script(strip, &[]).await, true), add_up(person.script(rows, &[]).await, false)]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_totals_follow_the_selection_status_by_status() {
    let (_stage, daniel) = at_the_log().await;
    daniel.choose_in_menu("Contractor", "Northlight").await;
    daniel.see("18 of 52 CORs").await;
    let agree = async |what: &str| {
        let [totals, rows] = totals_and_rows(&daniel).await;
        assert_eq!(totals, rows, "{what}");
        totals
    };
    let whole = agree("nothing is selected").await;

    daniel.tick_row(&["Credit: owner-furnished pendant fixtures"]).await;
    daniel.see("1 selected").await;
    let credit = agree("a credit alone").await;
    assert_eq!(credit.values().collect::<Vec<_>>(), [&(1, -842_220)]);
    daniel.tick_row(&["Generator annunciator relocation"]).await;
    daniel.see("2 selected").await;
    assert_eq!(agree("two of two statuses").await.len(), 2);
    // The credit among others of its status.
    daniel.tick_row(&["Temporary lighting for winter enclosure"]).await;
    daniel.see("3 selected").await;
    agree("three").await;

    daniel.click("Select all 18").await;
    daniel.see("18 selected").await;
    assert_eq!(agree("all").await, whole);
    daniel.tick_row(&["Credit: owner-furnished pendant fixtures"]).await;
    daniel.see("17 selected").await;
    agree("all but the credit").await;
    daniel.click_on("[data-pick-none]").await;
    daniel.not_see("17 selected").await;
    assert_eq!(agree("nothing any more").await, whole);
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_worked_by_keys_alone() {
    let (_stage, daniel) = at_the_log().await;
    for key in ["j", "j", "x"] {
        daniel.press(key).await;
    }
    daniel.see("1 selected").await;
    daniel.press("?").await;
    daniel.see("Keyboard").await;
    daniel.press(thirtyfour::Key::Escape).await;
    daniel.press("/").await;
    daniel.press("soffit").await;
    daniel.press(thirtyfour::Key::Enter).await;
    daniel.see("1 of 52 CORs").await;
    daniel.press("j").await;
    daniel.press(thirtyfour::Key::Enter).await;
    daniel.arrive("/cors/").await;
    daniel.see("Soffit changes at lobby").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_user_and_a_stranger_see_no_log() {
    let (stage, daniel) = at_the_log().await;
    let path = daniel.path().await;
    let luis = stage.signed_in(crate::harness::stage::FIELD).await;
    luis.open(&path).await;
    luis.see("Field Users don't see CORs").await;
    // A contractor of the project has a log of its own there, and nothing of this one.
    let ray = stage.signed_in("r.thibodeau@pinestate.example").await;
    ray.open(&path).await;
    ray.not_see("Cascade Mechanical").await;
}
