//! A COR from the first word to the status the customer gives it.

use axum::http::StatusCode;
use domain::procore::Side;

use crate::{Scene, rows};

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_written_sent_and_answered() {
    let scene = Scene::begin().await;
    let cor = scene.write("", "Reroute the main", "18,450.00", "save").await;
    let page = scene.sub.get(&cor).await;
    assert!(page.shows("was saved as a draft") && page.shows("18,450.00") && page.shows("drafted COR"));
    assert_eq!(scene.gc.get(&cor).await.status, StatusCode::NOT_FOUND, "a Draft is its sender's alone");
    let before = scene.gc.get(&scene.log(Side::Received, "status=in_review")).await;

    let sent = scene.sub.post_and_go(&format!("{cor}/send"), &[]).await;
    assert!(sent.shows("was sent to Whitfield & Sons Construction."));
    let theirs = scene.gc.get(&cor).await;
    assert!(theirs.shows("sent the COR to Whitfield & Sons Construction for 18,450.00"));
    assert!(!theirs.shows("drafted COR"), "what came before is not theirs to read");
    assert!(!theirs.text.contains(&format!("{cor}/edit")), "only its sender edits it");
    let after = scene.gc.get(&scene.log(Side::Received, "status=in_review")).await;
    let count = |page: &crate::visitor::Page| {
        page.text.split("data-filter-count=\"").nth(1).unwrap().split('"').next().unwrap().parse::<usize>().unwrap()
    };
    assert_eq!(count(&after), count(&before) + 1);
    assert!(rows(&after).iter().any(|id| cor.ends_with(&id.to_string())));

    let seen = revision(&theirs);
    let approved =
        scene.gc.post_and_go(&format!("{cor}/status"), &[("status", "approved_to_proceed"), ("revision", &seen)]).await;
    assert!(approved.shows("is Approved to Proceed now."));
    assert!(scene.sub.get(&cor).await.shows("set the status from In Review to Approved to Proceed (18,450.00)"));
    let now = revision(&scene.gc.get(&cor).await);
    let unsent = scene.sub.post_and_go(&format!("{cor}/status"), &[("status", "draft"), ("revision", &now)]).await;
    assert!(unsent.shows("It can't become a draft again"));
}

/// The revision that a COR's status form was drawn with.
fn revision(page: &crate::visitor::Page) -> String {
    field(page, "revision")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_set_the_status_at_once_hear_of_each_other() {
    let scene = Scene::begin().await;
    let cor = scene.write("", "Reroute the main", "18,450.00", "send").await;
    let status = format!("{cor}/status");
    let seen = revision(&scene.gc.get(&cor).await);
    scene.gc.post_and_go(&status, &[("status", "approved_to_proceed"), ("revision", &seen)]).await;

    let late = scene.sub.post_and_go(&status, &[("status", "void"), ("revision", &seen)]).await;
    assert!(late.shows("it is Approved to Proceed for 18,450.00 now. You chose Void"), "{}", late.text);
    let unseen = scene.sub.post_and_go(&status, &[("status", "void")]).await;
    assert!(unseen.shows("You chose Void"), "a form without a revision overwrites nothing");
    assert!(!scene.gc.get(&cor).await.shows("to Void"));
    let seen = revision(&scene.gc.get(&cor).await);
    let returned = [("status", "revise_and_resubmit"), ("revision", &seen), ("reason", "Price the crane too.")];
    scene.gc.post_and_go(&status, &returned).await;
    let late = scene.sub.post(&status, &[("status", "void"), ("revision", "1")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    // The page that told so asks of what it is now.
    let again = scene.sub.post_and_go(&status, &[("status", "void"), ("revision", &revision(&late))]).await;
    assert!(again.shows("is Void now."));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_the_other_companys_to_decide_is_greyed_with_the_reason() {
    let scene = Scene::begin().await;
    let cor = scene.write("", "Reroute the main", "18,450.00", "send").await;
    let status = format!("{cor}/status");
    let option = |code: &str| format!("<option value=\"{code}\" disabled>");
    let page = scene.sub.get(&cor).await;
    assert!(page.text.contains(&option("approved_to_proceed")) && page.text.contains(&option("approved_co_issued")));
    assert!(!page.text.contains(&option("void")), "its own to withdraw");
    assert!(page.shows("Only the company that receives this COR can approve it."), "{}", page.text);
    let seen = revision(&page);
    let refused = scene.sub.post_and_go(&status, &[("status", "approved_to_proceed"), ("revision", &seen)]).await;
    assert!(refused.shows("Only the company that receives this COR can approve it."), "the verb keeps it as well");
    assert!(!scene.gc.get(&cor).await.text.contains(" disabled>"), "all of them are the receiver's");

    scene.gc.post_and_go(&status, &[("status", "approved_to_proceed"), ("revision", &seen)]).await;
    let page = scene.sub.get(&cor).await;
    assert!(!page.text.contains("<select id=\"status\""), "nothing is left to choose");
    assert!(page.shows("Only the company that receives it can take that back"), "{}", page.text);
    // The editor shows the price and says why it stays; what is no price is saved.
    let edit = format!("{cor}/edit");
    let editor = scene.sub.get(&edit).await;
    assert!(editor.shows("is approved, so its price stays as it is") && !editor.text.contains("data-add-line"));
    assert!(editor.text.contains("name=\"line_amount\" value=\"18,450.00\" readonly"), "{}", editor.text);
    let contract = scene.made.contracts[0].to_string();
    let (version, number, line) = (field(&editor, "version"), field(&editor, "number"), field(&editor, "line_id"));
    let mut form = Scene::form(&contract, &number, "Reroute the chilled water main", "18,450.00");
    (form[3].1, form[10].1) = (&line, "18,450.00");
    form.extend([("version", version.as_str()), ("do", "save")]);
    let saved = scene.sub.post_and_go(&edit, &form).await;
    assert!(saved.shows("was saved.") && saved.shows("Reroute the chilled water main"), "{}", saved.text);
    let version = field(&scene.sub.get(&edit).await, "version");
    (form[9].1, form[10].1, form[11].1) = ("18,460.00", "", &version);
    let raised = scene.sub.post(&edit, &form).await;
    assert_eq!(raised.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(raised.shows("is approved, so its price stays as it is") && raised.shows("18,460.00"), "{}", raised.text);
    assert!(
        raised.shows("This COR was Approved to Proceed for 18,450.00 already when you opened this form."),
        "nobody overtook it: {}",
        raised.text
    );

    // The receiver is asked why before an approval is taken back.
    let seen = revision(&scene.gc.get(&cor).await);
    let back = [("status", "revise_and_resubmit"), ("revision", seen.as_str()), ("ask", "1")];
    let asked = scene.gc.post_and_go(&status, &back).await;
    assert!(asked.shows("What has to change") && asked.shows("The approval is taken back"), "{}", asked.text);
    let silent = scene.gc.post(&status, &back[..2]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.shows("Say why the approval is taken back."), "{}", silent.text);
    let told = [back[0], back[1], ("reason", "Price the crane too.")];
    assert!(scene.gc.post_and_go(&status, &told).await.shows("was returned for revision."));
    let page = scene.sub.get(&cor).await;
    assert!(page.shows("Returned for revision: “Price the crane too.”"), "{}", page.text);
    assert!(scene.sub.get(&edit).await.text.contains("data-add-line"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_records_the_approval_of_a_customer_who_has_not_joined() {
    let scene = Scene::begin().await;
    let log = scene.gc.get(&scene.log(Side::Sent, "status=approved_to_proceed")).await;
    assert!(log.shows("recorded by sender"), "{}", log.text);
    let log = scene.gc.get(&scene.log(Side::Sent, "status=in_review")).await;
    let (cor, status) = (format!("/cors/{}", rows(&log)[0]), format!("/cors/{}/status", rows(&log)[0]));
    let seen = revision(&scene.gc.get(&cor).await);
    let form = [("status", "approved_to_proceed"), ("revision", seen.as_str()), ("ask", "1")];
    let asked = scene.gc.post_and_go(&status, &form).await;
    assert!(asked.shows("Harbor Point Health hasn't joined") && asked.shows("How the approval was given"));
    let half = scene.gc.post(&status, &[form[0], form[1], ("means", "mail"), ("given_on", "2027-01-01")]).await;
    assert_eq!(half.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(half.shows("This day is still to come.") && half.text.contains("value=\"mail\" required checked"));
    let set = scene.gc.post_and_go(&status, &[form[0], form[1], ("means", "mail"), ("given_on", "2026-11-20")]).await;
    assert!(set.shows("is Approved to Proceed now.") && set.shows("recorded by sender"), "{}", set.text);
    assert!(set.shows("Mail or e-mail, Nov 20, 2026, recorded by Whitfield & Sons Construction"), "{}", set.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_draft_is_not_sent() {
    let scene = Scene::begin().await;
    let cor = scene.write("", "Reroute the main", "18,450.00", "send").await;
    let seen = revision(&scene.sub.get(&cor).await);
    scene.sub.post_and_go(&format!("{cor}/status"), &[("status", "void"), ("revision", &seen)]).await;
    let sent = scene.sub.post_and_go(&format!("{cor}/send"), &[]).await;
    assert!(sent.shows("is Void already. Only a draft can be sent"), "{}", sent.text);
    assert!(!sent.shows("from Void to In Review"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_tells_before_and_after_and_a_late_one_is_refused() {
    let scene = Scene::begin().await;
    let cor = scene.write("", "Reroute the main", "100.00", "send").await;
    let edit = format!("{cor}/edit");
    let editor = scene.sub.get(&edit).await;
    let (version, number, line) = (field(&editor, "version"), field(&editor, "number"), field(&editor, "line_id"));
    let contract = scene.made.contracts[0].to_string();
    let mut form = Scene::form(&contract, &number, "Reroute the main", "125.00");
    form[3] = ("line_id", line.as_str());
    form.extend([("version", version.as_str()), ("do", "save")]);
    let saved = scene.sub.post_and_go(&edit, &form).await;
    assert!(saved.shows("changed the amount from 100.00 to 125.00 (+25.00)"), "{}", saved.text);
    assert!(scene.gc.get(&cor).await.shows("changed the amount from 100.00 to 125.00 (+25.00)"));
    assert!(scene.sub.get(&edit).await.text.contains(&line), "the line is the same line");

    let late = scene.sub.post(&edit, &form).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.shows("Somebody changed this COR in the meantime.") && late.shows("125.00"), "what was typed is kept");
    let theirs = scene.gc.post(&edit, &form).await;
    assert_eq!(theirs.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_named_and_what_was_typed_is_kept() {
    let scene = Scene::begin().await;
    let contract = scene.made.contracts[0].to_string();
    let new = format!("/projects/{}/cors/new", scene.made.project);
    let mut form = Scene::form(&contract, "001", "Reroute \"the\" main", "12,5x");
    let page = scene.sub.post(&new, &form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.shows("“12,5x” is not a number.") && page.shows("Reroute \"the\" main"));
    form[9].1 = "12.50";
    let page = scene.sub.post(&new, &form).await;
    assert!(page.shows("COR 001 exists already on this project."), "{}", page.text);
    let foreign = scene.made.contracts[1].to_string();
    form[2].1 = &foreign;
    assert!(scene.sub.post(&new, &form).await.shows("Choose the contract that this COR changes."));
    form.push(("do", "add:material"));
    assert_eq!(scene.sub.post(&new, &form).await.status, StatusCode::OK, "one more line, nothing stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comma_for_a_point_is_refused_with_what_it_could_mean() {
    let scene = Scene::begin().await;
    let contract = scene.made.contracts[0].to_string();
    let new = format!("/projects/{}/cors/new", scene.made.project);
    let mut form = Scene::form(&contract, "", "Reroute the main", "7,50");
    let page = scene.sub.post(&new, &form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.shows("“7,50” is not clear. Type 7.50, or 750 if you mean that."), "{}", page.text);
    assert!(page.text.contains("value=\"7,50\""), "what was typed is kept");
    form[9].1 = "";
    (form[6].1, form[8].1) = ("3,5", "98.75");
    let page = scene.sub.post(&new, &form).await;
    assert!(page.shows("Quantity: “3,5” is not clear. Type 3.5, or 35 if you mean that."), "{}", page.text);
    (form[6].1, form[8].1) = ("3.5", "1.234,5");
    let page = scene.sub.post(&new, &form).await;
    assert!(page.shows("Rate: “1.234,5” is not clear. Type 1,234.5 if you mean that."), "{}", page.text);
    (form[6].1, form[8].1, form[10].1) = ("3.5", "98.75", "€ 350");
    let page = scene.sub.post(&new, &form).await;
    assert!(page.shows("“€ 350” is not in USD."), "{}", page.text);
    form[10].1 = "";
    let made = scene.sub.post(&new, &form).await;
    assert!(scene.sub.get(&made.location).await.shows("345.63"), "3.5 × 98.75");
}

/// The value of the first field of this name.
fn field(page: &crate::visitor::Page, name: &str) -> String {
    let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_total_is_asked_about_when_its_lines_change() {
    let scene = Scene::begin().await;
    let contract = scene.made.contracts[0].to_string();
    let mut form = Scene::form(&contract, "", "Reroute the main", "2,234.48");
    form[10].1 = "2,250";
    form.push(("do", "send"));
    let made = scene.sub.post(&format!("/projects/{}/cors/new", scene.made.project), &form).await;
    assert_eq!(made.status, 303, "a rounding of 15.52 needs no question: {}", made.text);
    let (cor, edit) = (made.location.clone(), format!("{}/edit", made.location));
    let editor = scene.sub.get(&edit).await;
    assert!(editor.text.contains("data-doubt hidden"), "nothing to ask yet");
    let (version, number, line) = (field(&editor, "version"), field(&editor, "number"), field(&editor, "line_id"));

    // One more line of 1,840.30 and the old total: the difference is no rounding to be booked in silence.
    let added = [
        ("line_id", ""),
        ("line_section", "material"),
        ("line_description", "Valves"),
        ("line_quantity", ""),
        ("line_unit", ""),
        ("line_rate", ""),
        ("line_amount", "1840.30"),
    ];
    let base: Vec<(&str, &str)> = vec![
        ("number", &number),
        ("title", "Reroute the main"),
        ("line_id", &line),
        ("line_section", "labor"),
        ("line_description", "Pipefitter"),
        ("line_quantity", ""),
        ("line_unit", ""),
        ("line_rate", ""),
        ("line_amount", "2,234.48"),
        ("version", &version),
        ("total", "2,250.00"),
    ];
    let with = |more: &[(&'static str, &'static str)]| [base.as_slice(), &added, more].concat();
    let asked = scene.sub.post(&edit, &with(&[("do", "save")])).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.shows("the lines add up to 4,074.78, which leaves a Rounding of (1,824.78)"), "{}", asked.text);
    assert!(!asked.text.contains("data-doubt hidden") && asked.text.contains("name=\"counts_for\" value=\"4074.78\""));
    let unsaved = scene.sub.get(&cor).await;
    assert!(unsaved.shows("2,234.48") && !unsaved.shows("1,840.30"), "nothing is saved before it is answered");
    // One more empty line shows the question as well.
    assert!(!scene.sub.post(&edit, &with(&[("do", "add:labor")])).await.text.contains("data-doubt hidden"));

    // An answer about other lines is none.
    let late = with(&[("counts", "lines"), ("counts_for", "4000.00"), ("do", "save")]);
    assert_eq!(scene.sub.post(&edit, &late).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let kept = with(&[("counts", "total"), ("counts_for", "4074.78"), ("do", "save")]);
    let saved = scene.sub.post_and_go(&edit, &kept).await;
    assert!(saved.shows("changed lines, which add up to 4,074.78 now; the total of 2,250.00 was typed and is kept"));
    assert!(saved.shows("The total was typed: 2,250.00. The lines add up to 4,074.78."), "{}", saved.text);
    let theirs = scene.gc.get(&cor).await;
    assert!(theirs.shows("The total was typed: 2,250.00. The lines add up to 4,074.78."), "the receiver reads it too");

    // What was settled is not asked again, and taking the lines makes an end of it.
    let editor = scene.sub.get(&edit).await;
    assert!(editor.text.contains("data-doubt hidden") && !editor.text.contains("data-far hidden"), "{}", editor.text);
    let version = field(&editor, "version");
    let mut settled = with(&[("do", "save")]);
    settled[1].1 = "Reroute the chilled water main";
    settled[9].1 = &version;
    let saved = scene.sub.post(&edit, &settled).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "only the title changed: {}", saved.text);
    let version = field(&scene.sub.get(&edit).await, "version");
    let mut taken = with(&[("counts", "lines"), ("counts_for", "4074.78"), ("do", "save")]);
    taken[9].1 = &version;
    let saved = scene.sub.post_and_go(&edit, &taken).await;
    assert!(saved.shows("the amount from 2,250.00 to 4,074.78 (+1,824.78)"), "{}", saved.text);
    assert!(!saved.shows("Rounding"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_total_without_its_lines_is_no_lump_sum_before_somebody_says_so() {
    let scene = Scene::begin().await;
    let contract = scene.made.contracts[0].to_string();
    let mut form = Scene::form(&contract, "", "Reroute the main", "2,340.30");
    form[10].1 = "2,350";
    let made = scene.sub.post(&format!("/projects/{}/cors/new", scene.made.project), &form).await;
    let (cor, edit) = (made.location.clone(), format!("{}/edit", made.location));
    let editor = scene.sub.get(&edit).await;
    let (version, number) = (field(&editor, "version"), field(&editor, "number"));
    let base: Vec<(&str, &str)> =
        vec![("number", &number), ("title", "Reroute the main"), ("version", &version), ("total", "2,350.00")];
    let with = |more: &[(&'static str, &'static str)]| [base.as_slice(), more, &[("do", "save")]].concat();
    for said in [
        with(&[]),
        with(&[("counts", "total"), ("counts_for", "2340.30")]),
        with(&[("counts", "total"), ("counts_for", "0.00")]),
        with(&[("counts", "lines"), ("counts_for", "")]),
    ] {
        let asked = scene.sub.post(&edit, &said).await;
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "{said:?}");
        assert!(asked.shows("2,350.00 was typed for lines that are gone. Keep it as a lump sum"), "{}", asked.text);
        assert!(!asked.text.contains("data-doubt hidden") && asked.text.contains("name=\"counts_for\" value=\"\""));
        assert!(asked.text.contains("data-rounding hidden"), "a lump sum rounds nothing");
    }
    assert!(scene.sub.get(&cor).await.shows("2,340.30"), "nothing is saved before it is answered");
    let saved = scene.sub.post_and_go(&edit, &with(&[("counts", "total"), ("counts_for", "")])).await;
    assert!(saved.shows("lines, of which none are left; the total of 2,350.00 was typed and is kept as a lump sum"));
    assert!(!saved.shows("2,340.30") && !saved.shows("Rounding"), "{}", saved.text);
    // It is one from now on, and asked about no more.
    let editor = scene.sub.get(&edit).await;
    assert!(editor.text.contains("data-doubt hidden"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_total_far_from_its_lines_is_asked_about() {
    let scene = Scene::begin().await;
    let contract = scene.made.contracts[0].to_string();
    let new = format!("/projects/{}/cors/new", scene.made.project);
    let mut form = Scene::form(&contract, "", "Reroute the main", "1,000.00");
    form[10].1 = "1,010.01";
    let asked = scene.sub.post(&new, &form).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "more than 1 %");
    assert!(asked.shows("Keep the total, or take the sum of the lines."), "{}", asked.text);
    form[10].1 = "1,010.00";
    assert_eq!(scene.sub.post(&new, &form).await.status, StatusCode::SEE_OTHER, "1 % is a rounding");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_line_cannot_be_read_no_sum_is_said_and_nothing_asked() {
    let scene = Scene::begin().await;
    let contract = scene.made.contracts[0].to_string();
    let new = format!("/projects/{}/cors/new", scene.made.project);
    let mut form = Scene::form(&contract, "", "Reroute the main", "7,50");
    form[10].1 = "1,000.00";
    form.extend([
        ("line_id", ""),
        ("line_section", "material"),
        ("line_description", "Valves"),
        ("line_quantity", ""),
        ("line_unit", ""),
        ("line_rate", ""),
        ("line_amount", "(500.00)"),
    ]);
    let sum = |sum: &str| format!("data-computed>{sum}<");
    for unread in ["7,50", "", "a lot"] {
        form[9].1 = unread;
        let page = scene.sub.post(&new, &form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains(&sum("—")) && !page.text.contains("data-unclear hidden"), "{}", page.text);
        assert!(page.text.contains("data-doubt hidden") && page.text.contains("data-rounding hidden"), "{}", page.text);
        assert!(page.shows("Some lines need your attention.") && !page.shows("Keep the total, or take the sum"));
        for typed in ["value=\"1,000.00\"", "value=\"(500.00)\"", &format!("value=\"{unread}\"")] {
            assert!(page.text.contains(typed), "{typed} is kept");
        }
    }
    form[9].1 = "7.50";
    let page = scene.sub.post(&new, &form).await;
    assert!(page.shows("the lines add up to (492.50), which leaves a Rounding of 1,492.50"), "{}", page.text);
    assert!(page.text.contains(&sum("(492.50)")) && !page.text.contains("data-doubt hidden"));
    form.extend([("counts", "total"), ("counts_for", "-492.50")]);
    assert_eq!(scene.sub.post(&new, &form).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_after_the_approval_offers_the_rest_and_shows_both_prices() {
    let scene = Scene::begin().await;
    let cor = scene.write("", "Reroute the main", "2,896.40", "send").await;
    let (edit, status) = (format!("{cor}/edit"), format!("{cor}/status"));
    let editor = scene.sub.get(&edit).await;
    let (version, number, line) = (field(&editor, "version"), field(&editor, "number"), field(&editor, "line_id"));
    let contract = scene.made.contracts[0].to_string();
    let mut form = Scene::form(&contract, &number, "Reroute the main at grid C", "3,500.00");
    form[3] = ("line_id", line.as_str());
    form.push(("version", version.as_str()));
    let seen = revision(&scene.gc.get(&cor).await);
    scene.gc.post_and_go(&status, &[("status", "approved_to_proceed"), ("revision", &seen)]).await;

    // However often it is pressed, it is said what happened, and nothing is offered that would be refused.
    for over in ["", &revision(&scene.gc.get(&cor).await)] {
        let mut saved = form.clone();
        saved.extend([("over", over), ("do", "save")]);
        let late = scene.sub.post(&edit, &saved).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
        let by = "Daniel Whitfield of Whitfield & Sons Construction set this COR to Approved to Proceed for 2,896.40, ";
        assert!(late.shows(by), "{}", late.text);
        assert!(late.shows("return it with Revise and Resubmit") && late.shows("Approved price"));
        assert!(late.text.contains("The price you typed, <b>3,500.00</b>"), "{}", late.text);
        assert!(late.text.contains("name=\"line_amount\" value=\"3,500.00\" readonly"), "{}", late.text);
        assert!(late.shows("the title from “Reroute the main” to “Reroute the main at grid C”"), "{}", late.text);
        assert!(!late.shows("Overwrite with my version") && !late.text.contains("value=\"save\""), "{}", late.text);
        assert!(late.text.contains("value=\"rest\"") && !late.text.contains("data-add-line"));
        let now = field(&late, "over");
        form.retain(|(name, _)| *name != "over");
        assert_eq!(now, revision(&scene.gc.get(&cor).await));
    }
    // A total that was typed over the approved one rounds nothing: each price is named for what it is.
    let mut total = form.clone();
    let amount = total.iter_mut().find(|(name, _)| *name == "line_amount").unwrap();
    amount.1 = "2,896.40";
    total.retain(|(name, _)| *name != "total");
    total.extend([("total", "3,600"), ("do", "save")]);
    let late = scene.sub.post(&edit, &total).await;
    assert!(late.shows("Approved price") && late.shows("Total that you typed, not saved"), "{}", late.text);
    assert!(late.text.contains("data-rounding hidden") && !late.shows("703.60"), "{}", late.text);
    // What needs mending is marked, and what was typed of the price is still there.
    let now = revision(&scene.gc.get(&cor).await);
    let mut rest = form.clone();
    rest.extend([("over", now.as_str()), ("do", "rest")]);
    rest[1].1 = " ";
    let refused = scene.sub.post(&edit, &rest).await;
    assert!(
        refused.shows("Say in a few words what this COR is about.") && refused.shows("3,500.00"),
        "{}",
        refused.text
    );
    assert!(refused.shows("then you can save the rest of your changes"));
    rest[1].1 = "Reroute the main at grid C";
    let saved = scene.sub.post_and_go(&edit, &rest).await;
    assert!(saved.shows("was saved without the price you typed. Its price is still 2,896.40."), "{}", saved.text);
    assert!(saved.shows("Reroute the main at grid C") && !saved.shows("3,500.00"));

    // With nothing but a price there is nothing to save.
    let now = revision(&scene.gc.get(&cor).await);
    let mut price = form.clone();
    price.extend([("over", now.as_str()), ("do", "save")]);
    let late = scene.sub.post(&edit, &price).await;
    assert!(late.shows("Nothing else was changed here.") && !late.text.contains("value=\"rest\""), "{}", late.text);
    // Returned meanwhile, the price can be saved, knowingly.
    let returned = [("status", "revise_and_resubmit"), ("revision", &now), ("reason", "Price the crane too.")];
    scene.gc.post_and_go(&status, &returned).await;
    let late = scene.sub.post(&edit, &price).await;
    assert!(late.shows("It is Revise and Resubmit for 2,896.40 now.") && late.shows("Overwrite with my version"));
    let now = revision(&scene.gc.get(&cor).await);
    price.retain(|(name, _)| *name != "over");
    price.push(("over", now.as_str()));
    assert!(scene.sub.post_and_go(&edit, &price).await.shows("3,500.00"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_no_entry_tells_of_is_told_in_whole_sentences() {
    let scene = Scene::begin().await;
    // The demo's CORs came with their status.
    let cor = rows(&scene.sub.get(&scene.log(Side::Sent, "status=approved_to_proceed")).await)[0];
    let edit = format!("/cors/{cor}/edit");
    let editor = scene.sub.get(&edit).await;
    let (version, number) = (field(&editor, "version"), field(&editor, "number"));
    let contract = scene.made.contracts[0].to_string();
    let mut form = Scene::form(&contract, &number, "Another title", "3,500.00");
    form.push(("do", "save"));
    for (opened, end) in [(version.as_str(), " already when you opened this form.</b>"), ("0", " now.</b>")] {
        let mut saved = form.clone();
        saved.push(("version", opened));
        let refused = scene.sub.post(&edit, &saved).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let told = refused.text.split("<b>This COR ").nth(1).unwrap();
        let sentence = told.split(" <a href").next().unwrap();
        assert!(sentence.contains("Approved to Proceed for ") && sentence.ends_with(end), "{sentence}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_is_not_lost_to_what_happened_meanwhile() {
    let scene = Scene::begin().await;
    // A colleague threw the draft away.
    let draft = scene.write("", "A thought", "1.00", "save").await;
    let contract = scene.made.contracts[0].to_string();
    let mut form = Scene::form(&contract, "077", "Reroute the \"main\"", "3,500.00");
    form.extend([("description", "Around the new shear wall"), ("version", "1"), ("do", "save")]);
    scene.sub.post_and_go(&format!("{draft}/delete"), &[]).await;
    let gone = scene.sub.post(&format!("{draft}/edit"), &form).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    for typed in ["It isn’t saved; copy what you need.", "Around the new shear wall", "line amount: 3,500.00"] {
        assert!(gone.shows(typed), "{typed}: {}", gone.text);
    }
    assert!(!gone.shows("version") && !gone.shows(&contract), "nothing but what was written");

    // Fields that are typed into elsewhere: of a project that somebody can't see, and of a COR that isn't there.
    let nowhere = "00000000-0000-7000-8000-000000000000";
    let invitation =
        [("company", "<Vantage & Co>"), ("name", "26A - Electrical"), ("value", "1,200.00"), ("party", nowhere)];
    let gone = scene.sub.post(&format!("/projects/{nowhere}/settings/contracts"), &invitation).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.text.contains("company: &#60;Vantage &#38; Co&#62; name: 26A - Electrical "), "{}", gone.text);
    let approval =
        [("status", "approved_to_proceed"), ("means", "verbal"), ("given_on", "2026-11-03"), ("revision", "1")];
    let gone = scene.sub.post(&format!("/cors/{nowhere}/status"), &approval).await;
    assert!(gone.shows("given on: 2026-11-03") && !gone.shows("means:"), "{}", gone.text);

    // A reason is asked for again of the COR as it is now.
    let cor = scene.write("", "Reroute the main", "18,450.00", "send").await;
    let status = format!("{cor}/status");
    let seen = revision(&scene.gc.get(&cor).await);
    scene.gc.post_and_go(&status, &[("status", "approved_to_proceed"), ("revision", &seen)]).await;
    let returned = [("status", "revise_and_resubmit"), ("revision", &seen), ("reason", "Price the crane too.")];
    let asked = scene.gc.post(&status, &returned).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        asked.shows("it is Approved to Proceed for 18,450.00 now. You chose Revise and Resubmit"),
        "{}",
        asked.text
    );
    assert!(asked.text.contains(">Price the crane too.</textarea>"), "{}", asked.text);
    let again = [returned[0], ("revision", &revision(&asked)), returned[2]];
    assert!(scene.gc.post_and_go(&status, &again).await.shows("was returned for revision."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_thrown_away_and_a_sent_cor_is_not() {
    let scene = Scene::begin().await;
    let draft = scene.write("", "A thought", "1.00", "save").await;
    let log = scene.sub.post_and_go(&format!("{draft}/delete"), &[]).await;
    assert!(log.shows("The draft was deleted.") && !log.shows("A thought"));
    assert_eq!(scene.sub.get(&draft).await.status, StatusCode::NOT_FOUND);
    let sent = scene.write("", "A promise", "1.00", "send").await;
    assert!(scene.sub.post_and_go(&format!("{sent}/delete"), &[]).await.shows("set it to Void instead"));
    assert_eq!(scene.gc.post(&format!("{sent}/delete"), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(scene.gc.get(&sent).await.status, StatusCode::OK);
}
