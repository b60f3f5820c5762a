//! Writing, sending and answering a COR.

use crate::harness::{
    Person,
    stage::{MANAGER, MECHANICAL, Stage},
};

const LAST_LINE: &str = "[data-section=\"SECTION\"] tr[data-line]:last-child input[name=\"FIELD\"]";

/// Adds a line to a section of the editor: description, quantity and rate; without a rate, an amount.
pub async fn add_line(person: &Person, section: &str, description: &str, quantity: &str, unit: &str, rate: &str) {
    person.click_on(&format!("[data-section=\"{section}\"] [data-add-line]")).await;
    let field = |name: &str| LAST_LINE.replace("SECTION", section).replace("FIELD", name);
    person.fill_in(&field("line_description"), description).await;
    if quantity.is_empty() {
        person.fill_in(&field("line_amount"), rate).await;
    } else {
        person.fill_in(&field("line_quantity"), quantity).await;
        person.fill_in(&field("line_unit"), unit).await;
        person.fill_in(&field("line_rate"), rate).await;
    }
}

/// Writes a COR with a labor and a material line as far as the buttons.
pub async fn write(person: &Person, title: &str) {
    person.fill("title", title).await;
    add_line(person, "labor", "Pipefitter", "12.5", "h", "98.75").await;
    add_line(person, "material", "Valves", "", "", "1,000.10").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cor_is_written_sent_and_answered() {
    let stage = Stage::demo().await;
    let tom = stage.signed_in(MECHANICAL).await;
    tom.open_log("Sent").await;
    tom.click("+ New COR").await;
    // The next number stands there already.
    assert_eq!(tom.value_of("[name=number]").await, "021");
    write(&tom, "Relocate thermostat in room 210").await;
    // 12.5 × 98.75 = 1,234.375, half a cent up; the page counts as the server does.
    tom.see("1,234.38").await;
    tom.see("2,234.48").await;
    tom.fill("total", "2,250").await;
    tom.see("15.52").await;
    tom.click("Save draft").await;
    tom.see("Rounding").await;
    tom.see("2,250.00").await;
    tom.see("Draft").await;

    // A draft is its sender's alone.
    let daniel = stage.signed_in(MANAGER).await;
    daniel.open_log("Received").await;
    daniel.not_see("Relocate thermostat in room 210").await;

    tom.click("Send").await;
    tom.see("In Review").await;
    daniel.reload().await;
    daniel.see_row(&["021", "Relocate thermostat in room 210", "2,250.00", "In Review"]).await;
    daniel.click("Relocate thermostat in room 210").await;
    daniel.fill("status", "Approved to Proceed").await;
    daniel.click("Set status").await;
    daniel.see("is Approved to Proceed now.").await;
    tom.reload().await;
    tom.see("Approved to Proceed").await;
    daniel.leave_content().await;
    tom.leave_content().await;
}

/// The table that the server's reader is held against.
const TYPED: &str = include_str!("../../../domain/tests/typed_numbers.json");

/// Types each text of the table into a quantity at 1.00, or into a rate, and answers what the page makes of it otherwise
/// than the server.
const DIFFERENCES: &str = r#"
    const row = document.querySelector("[data-line]");
    const field = (name) => row.querySelector(`[name=line_${name}]`);
    const differences = [];
    for (const { typed, in: currency, is } of JSON.parse(arguments[0])) {
      if (currency && currency !== "USD") continue;
      const [here, there] = currency ? [field("rate"), field("quantity")] : [field("quantity"), field("rate")];
      there.value = "1";
      here.value = typed;
      here.dispatchEvent(new Event("input", { bubbles: true }));
      const refused = here.getAttribute("aria-invalid") === "true" || !here.value.trim();
      const shown = field("amount").value.replace(/,/g, "");
      const right = is && (is.startsWith("-") ? `(${is.slice(1)})` : is);
      const same = (a, b) => Number(a.replace(/[()]/g, "")) === Number(b.replace(/[()]/g, "")) && a.startsWith("(") === b.startsWith("(");
      if (is ? refused || !same(shown, right) : !refused) differences.push(`${JSON.stringify(typed)} → ${refused ? "refused" : shown}`);
    }
    return differences.join("\n");
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_reads_typed_numbers_as_the_server_does() {
    let stage = Stage::demo().await;
    let tom = stage.signed_in(MECHANICAL).await;
    tom.open_log("Sent").await;
    tom.click("+ New COR").await;
    tom.arrive("/cors/new").await;
    let differences = tom.script(DIFFERENCES, &[TYPED.into()]).await;
    assert_eq!(differences, "", "{differences}");

    // A refusal stands beside the line once the field is left, and goes when it is mended.
    tom.reload().await;
    let amount = LAST_LINE.replace("SECTION", "other").replace("FIELD", "line_amount");
    tom.fill_in(&amount, "7,50").await;
    tom.fill("title", "Permit").await;
    tom.see("“7,50” is not clear.").await;
    tom.fill_in(&amount, "7.50").await;
    tom.fill("title", "Permit fee").await;
    tom.not_see("is not clear").await;
    tom.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_total_is_asked_about_as_soon_as_its_lines_change() {
    let stage = Stage::demo().await;
    let tom = stage.signed_in(MECHANICAL).await;
    tom.open_log("Sent").await;
    tom.click("+ New COR").await;
    write(&tom, "Relocate thermostat in room 210").await;
    tom.fill("total", "2,250").await;
    tom.not_see("Which one counts?").await;
    tom.click("Save draft").await;
    tom.see("was typed").await;
    tom.click("Edit").await;
    tom.arrive("/edit").await;

    add_line(&tom, "other", "Permit", "", "", "1,840.30").await;
    tom.see("Which one counts?").await;
    tom.see("(1,824.78)").await;
    tom.see("More than a rounding").await;
    // The browser itself asks for an answer, and an answer is about the lines it was given for.
    let valid = "return document.querySelector('form[data-cor]').checkValidity()";
    assert_eq!(tom.script(valid, &[]).await, false);
    tom.click("Keep the total of 2,250.00").await;
    assert_eq!(tom.script(valid, &[]).await, true);
    let amount = LAST_LINE.replace("SECTION", "other").replace("FIELD", "line_amount");
    tom.fill_in(&amount, "1,840.40").await;
    tom.see("(1,824.88)").await;
    assert_eq!(tom.script(valid, &[]).await, false);
    // What the total becomes is seen before it is saved, and either answer can be taken back.
    let shown = "const total = document.querySelector('[name=total]');
        return [total.value, total.placeholder, document.querySelector('[data-rounding]').hidden].join(' ')";
    tom.click("Use the sum of the lines, 4,074.88").await;
    tom.see("becomes 4,074.88 when it is saved").await;
    assert_eq!(tom.script(shown, &[]).await, " 4,074.88 true");
    tom.click("Keep the total of 2,250.00").await;
    tom.not_see("when it is saved").await;
    assert_eq!(tom.script(shown, &[]).await, "2,250.00 4,074.88 false");
    tom.click("Use the sum of the lines, 4,074.88").await;
    // An answer about other lines is none, and the typed total is back.
    tom.fill_in(&amount, "1,840.50").await;
    tom.see("(1,824.98)").await;
    assert_eq!(tom.script(shown, &[]).await, "2,250.00 4,074.98 false");
    assert_eq!(tom.script(valid, &[]).await, false);
    tom.fill_in(&amount, "1,840.40").await;
    tom.click("Use the sum of the lines, 4,074.88").await;
    assert_eq!(tom.script(valid, &[]).await, true);
    tom.click("Save draft").await;
    tom.see("4,074.88").await;
    tom.not_see("Rounding").await;

    // With its last line gone, a typed total would be the whole price.
    tom.click("Edit").await;
    tom.arrive("/edit").await;
    tom.fill("total", "4,100").await;
    tom.see("25.12").await;
    tom.click("Save draft").await;
    tom.see("4,100.00").await;
    tom.click("Edit").await;
    tom.arrive("/edit").await;
    tom.script("document.querySelectorAll('[data-remove-line]').forEach(button => button.click())", &[]).await;
    tom.see("typed for lines that are gone").await;
    tom.not_see("Which one counts?").await;
    tom.not_see("becomes its own line").await;
    assert_eq!(tom.script(valid, &[]).await, false);
    tom.click("Keep the total of 4,100.00 as a lump sum").await;
    assert_eq!(tom.script(valid, &[]).await, true);
    tom.click("Save draft").await;
    tom.see("is kept as a lump sum").await;
    tom.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_sum_leaves_out_a_line_that_cannot_be_read_and_nothing_is_asked_meanwhile() {
    let stage = Stage::demo().await;
    let tom = stage.signed_in(MECHANICAL).await;
    tom.open_log("Sent").await;
    tom.click("+ New COR").await;
    tom.arrive("/cors/new").await;
    tom.fill("title", "Credit for the valves").await;
    add_line(&tom, "material", "Credit for the valves", "", "", "-500.00").await;
    add_line(&tom, "labor", "Pipefitter", "7,50", "h", "98.75").await;
    tom.fill("total", "1,000").await;
    // What stands beside the lines: labor, material, all of them, the total's placeholder; and what is shown below.
    let sums = r#"
        const text = (place) => place.textContent;
        const shown = (place) => !document.querySelector(place).hidden;
        const subtotal = (section) => text(document.querySelector(`[data-section=${section}] [data-subtotal]`));
        return [subtotal("labor"), subtotal("material"), text(document.querySelector("[data-computed]")),
            document.querySelector("[name=total]").placeholder, shown("[data-unclear]"), shown("[data-doubt]"),
            shown("[data-rounding]"), shown("[data-far]")].join(" ");"#;
    let unread = "— (500.00) — — true false false false";
    tom.see("“7,50” is not clear.").await;
    assert_eq!(tom.script(sums, &[]).await, unread);
    tom.click("Save draft").await;
    tom.see("Type 7.50, or 750 if you mean that.").await;
    tom.see("some lines have no amount yet").await;
    tom.not_see("Which one counts?").await;
    assert_eq!(tom.script(sums, &[]).await, unread, "the server says what the page said");
    assert_eq!(tom.value_of("[name=total]").await, "1,000");

    // Half a line is none either.
    let line = "[data-section=labor] tr[data-line] input[name=FIELD]";
    tom.fill_in(&line.replace("FIELD", "line_rate"), "").await;
    tom.fill_in(&line.replace("FIELD", "line_quantity"), "7.50").await;
    assert_eq!(tom.script(sums, &[]).await, unread);
    // Mended, the question is due, and it is asked about all of the lines.
    tom.fill_in(&line.replace("FIELD", "line_rate"), "98.75").await;
    tom.see("Which one counts?").await;
    assert_eq!(tom.script(sums, &[]).await, "740.63 (500.00) 240.63 240.63 false true true true");
    tom.click("Keep the total of 1,000.00").await;
    tom.click("Save draft").await;
    tom.see("The total was typed: 1,000.00. The lines add up to 240.63.").await;
    tom.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_cor_is_returned_with_a_reason_before_its_price_changes() {
    let stage = Stage::demo().await;
    let (daniel, tom) = (stage.signed_in(MANAGER).await, stage.signed_in(MECHANICAL).await);
    tom.open_log("Sent").await;
    tom.click("Added exhaust for imaging suite server closet").await;
    tom.see("Only the company that receives it can take that back").await;
    tom.click("Edit").await;
    tom.see("so its price stays as it is").await;
    let locked = "return [...document.querySelectorAll('[data-line] input, [name=total]')].every(field => field.type === 'hidden' || field.readOnly)";
    assert_eq!(tom.script(locked, &[]).await, true);
    assert_eq!(tom.value_of("[name=total]").await, "6,188.10");

    daniel.open_log("Received").await;
    daniel.click("Added exhaust for imaging suite server closet").await;
    daniel.fill("status", "Revise and Resubmit").await;
    daniel.click("Set status").await;
    daniel.see("The approval is taken back").await;
    daniel.fill("What has to change", "Add the second fan.").await;
    daniel.click("Set to Revise and Resubmit").await;
    daniel.see("was returned for revision.").await;

    tom.click("Cancel").await;
    tom.see("Returned for revision: “Add the second fan.”").await;
    tom.click("Edit").await;
    add_line(&tom, "material", "Second inline fan", "", "", "2,874.50").await;
    tom.click("Save").await;
    tom.see("9,062.60").await;
    daniel.leave_content().await;
    tom.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_by_a_customer_who_has_not_joined_is_recorded() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    daniel.open_log("Sent").await;
    daniel.see_row(&["imaging suite server closet", "Approved to Proceed", "recorded by sender"]).await;
    daniel.click("Owner change request 4").await;
    daniel.fill("status", "Approved to Proceed").await;
    daniel.click("Set status").await;
    daniel.see("hasn't joined").await;
    daniel.click("Verbal").await;
    // The page knows the project's day: what is still to come there can't be given.
    let bounds = r#"
        const day = document.querySelector("[name=given_on]");
        const today = new Intl.DateTimeFormat("en-CA", { timeZone: "America/New_York" }).format(new Date());
        day.value = new Date(Date.now() + 2 * 864e5).toISOString().slice(0, 10);
        return [day.max === today, day.validity.rangeOverflow].join();
    "#;
    assert_eq!(daniel.script(bounds, &[]).await, "true,true");
    let given =
        "document.querySelector('[name=given_on]').value = new Date(Date.now() - 864e5).toISOString().slice(0, 10)";
    daniel.script(given, &[]).await;
    daniel.click("Set to Approved to Proceed").await;
    daniel.see("recorded by sender").await;
    daniel.see("recorded by Whitfield & Sons Construction").await;
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_is_set_on_a_click_and_a_grave_one_after_a_question() {
    let stage = Stage::demo().await;
    let daniel = stage.signed_in(MANAGER).await;
    daniel.open_log("Received").await;
    daniel.click("Added data drops at reception").await;
    daniel.see("Set status").await;
    let here = daniel.path().await;
    let ready = "return !document.querySelector('[data-needs-change]').disabled";
    assert_eq!(daniel.script(ready, &[]).await, false, "nothing else is chosen yet");
    // Somebody who passes through the list with the keyboard has set nothing.
    for passed in ["Revise and Resubmit", "Approved to Proceed", "Void"] {
        daniel.fill("status", passed).await;
    }
    assert_eq!(daniel.script(ready, &[]).await, true);
    daniel.reload().await;
    assert_eq!(daniel.script("return document.querySelector('.head .pill').textContent", &[]).await, "In Review");

    daniel.fill("status", "Void").await;
    daniel.click("Set status").await;
    daniel.see("to Void?").await;
    daniel.click("Keep it In Review").await;
    daniel.not_see("to Void?").await;
    assert_eq!(daniel.path().await, here);
    daniel.fill("status", "Void").await;
    daniel.click("Set status").await;
    daniel.click("Set to Void").await;
    daniel.see("is Void now.").await;
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_not_lost_to_a_link_or_to_a_colleague() {
    let stage = Stage::demo().await;
    let (tom, colleague) = (stage.signed_in(MECHANICAL).await, stage.signed_in(MECHANICAL).await);
    tom.open_log("Sent").await;
    tom.click("Acoustic lining at conference 304").await;
    tom.click("Edit").await;
    tom.arrive("/edit").await;
    let asks = "const leaving = new Event('beforeunload', { cancelable: true });
        dispatchEvent(leaving);
        return leaving.defaultPrevented";
    assert_eq!(tom.script(asks, &[]).await, false, "nothing is typed yet");
    tom.fill("title", "Acoustic lining, all conference rooms").await;
    assert_eq!(tom.script(asks, &[]).await, true);

    colleague.open(&tom.path().await).await;
    colleague.fill("Customer reference", "PCO 99").await;
    colleague.click("Save").await;
    colleague.see("was saved.").await;
    tom.click("Save").await;
    tom.see("Somebody changed this COR in the meantime.").await;
    assert_eq!(tom.value_of("[name=title]").await, "Acoustic lining, all conference rooms");
    assert_eq!(tom.script(asks, &[]).await, true, "it is still saved nowhere");
    tom.click("Overwrite with my version").await;
    tom.click("Save").await;
    tom.see("was saved.").await;
    tom.see("Acoustic lining, all conference rooms").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_typed_while_it_was_approved_is_shown_and_the_rest_is_saved() {
    let stage = Stage::demo().await;
    let (daniel, tom) = (stage.signed_in(MANAGER).await, stage.signed_in(MECHANICAL).await);
    tom.open_log("Sent").await;
    tom.click("Acoustic lining at conference 304").await;
    tom.click("Edit").await;
    tom.arrive("/edit").await;
    let before = tom.attribute("[name=total]", "placeholder").await;
    tom.fill("title", "Acoustic lining, all conference rooms").await;
    add_line(&tom, "other", "Permit", "", "", "1,840.30").await;
    daniel.open_log("Received").await;
    daniel.click("Acoustic lining at conference 304").await;
    daniel.fill("status", "Approved to Proceed").await;
    daniel.click("Set status").await;
    daniel.see("is Approved to Proceed now.").await;

    tom.click("Save").await;
    tom.see("Daniel Whitfield of Whitfield & Sons Construction set this COR to Approved to Proceed").await;
    tom.see("Approved price").await;
    tom.not_see("Overwrite with my version").await;
    tom.not_see("Rounding").await;
    assert_eq!(tom.value_of("[data-section=other] [name=line_amount]").await, "1,840.30");
    tom.click("Save the rest, not the price").await;
    tom.see(&format!("Its price is still {before}.")).await;
    tom.see("Acoustic lining, all conference rooms").await;
    tom.not_see("1,840.30").await;
    daniel.leave_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_number_and_nonsense_are_told_and_nothing_typed_is_lost() {
    let stage = Stage::demo().await;
    let tom = stage.signed_in(MECHANICAL).await;
    tom.open_log("Sent").await;
    tom.click("+ New COR").await;
    write(&tom, "Second thoughts").await;
    tom.fill("number", "014").await;
    tom.click("Save draft").await;
    tom.see("014").await;
    tom.see_any(&["taken", "already", "used"]).await;
    assert_eq!(tom.value_of("[name=title]").await, "Second thoughts");
    tom.see("2,234.48").await;
    tom.fill("number", "021").await;
    tom.fill("total", "a lot").await;
    tom.click("Save draft").await;
    tom.see_any(&["amount", "number like"]).await;
    tom.fill("total", "").await;
    tom.click("Save draft").await;
    tom.see("Second thoughts").await;
    tom.see("Draft").await;
    tom.leave_content().await;
}
