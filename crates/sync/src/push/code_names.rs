//! Budget codes by name in Procore's refusals, which name them by an id that nobody knows.

use std::collections::{BTreeMap, BTreeSet};

use procore::Message;
use store::repo::reference::ReferenceRow;

use super::attempt::Attempt;
use crate::{
    Error,
    reference::{BUDGET_CODES, BudgetCode, Stored},
};

impl Attempt {
    /// Procore's messages with the names of the push's budget codes instead of their ids. If it refused one, our list of codes is
    /// outdated, so it is read again before anybody chooses from it.
    pub(super) async fn naming_codes(&self, messages: &[Message]) -> Result<Vec<Message>, Error> {
        if !messages.iter().any(is_about_a_code) {
            return Ok(messages.to_vec());
        }
        let (company, project) = (self.push.company, self.push.project);
        let rows = self
            .context
            .store
            .write(move |tx| {
                let mut us = tx.of(company);
                us.outdate_reference(project, BUDGET_CODES)?;
                Ok::<_, Error>(us.reference(project)?)
            })
            .await?;
        let mine: BTreeSet<i64> = self.push.order.plan.puts_money().filter_map(|line| line.budget_code).collect();
        let names: BTreeMap<i64, String> = names(&rows).into_iter().filter(|(id, _)| mine.contains(id)).collect();
        Ok(messages.iter().map(|message| named(message, &names)).collect())
    }
}

fn is_about_a_code(message: &Message) -> bool {
    let text = format!("{} {}", message.field.as_deref().unwrap_or_default(), message.text).to_ascii_lowercase();
    ["wbs code", "wbs_code", "budget code", "budget_code"].iter().any(|word| text.contains(word))
}

/// A damaged list gives no names.
fn names(rows: &[ReferenceRow]) -> BTreeMap<i64, String> {
    let row = rows.iter().find(|row| row.kind == BUDGET_CODES);
    let known = row.and_then(|row| Stored::<BudgetCode>::of(row).ok());
    known.into_iter().flat_map(Stored::named).map(|code| (code.id, code.name())).collect()
}

fn named(message: &Message, names: &BTreeMap<i64, String>) -> Message {
    let about = is_about_a_code(message);
    let text =
        names.iter().filter(|_| about).fold(message.text.clone(), |text, (id, name)| with_name(&text, *id, name));
    Message { text, ..message.clone() }
}

/// The text with the name in place of the id and of the words that introduce it.
fn with_name(text: &str, id: i64, name: &str) -> String {
    const CALLED: [&str; 3] = ["wbs code with id ", "budget code with id ", "with id "];
    let id = id.to_string();
    let digit = |c: char| c.is_ascii_digit();
    let whole = |at: usize| !text[..at].ends_with(digit) && !text[at + id.len()..].starts_with(digit);
    let Some((at, _)) = text.match_indices(id.as_str()).find(|(at, _)| whole(*at)) else { return text.to_owned() };
    let (before, after) = (&text[..at], &text[at + id.len()..]);
    let lower = before.to_ascii_lowercase();
    let before = match CALLED.iter().find(|words| lower.ends_with(*words)) {
        Some(words) if words.starts_with("with") => &before[..before.len() - words.len()],
        Some(words) => return format!("{}budget code {name}{after}", &before[..before.len() - words.len()]),
        None => before,
    };
    format!("{before}{name}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_named_as_people_know_it() {
        let names = BTreeMap::from([(4711, "07-8413.S · Firestopping".to_owned())]);
        for (said, told) in [
            ("Wbs Code with ID 4711 not found", "budget code 07-8413.S · Firestopping not found"),
            (
                "Line 2: Budget code with ID 4711 is inactive.",
                "Line 2: budget code 07-8413.S · Firestopping is inactive.",
            ),
            ("Budget code 4711 is closed", "Budget code 07-8413.S · Firestopping is closed"),
            // Another number, and one that is part of a longer one.
            ("Wbs Code with ID 47110 not found", "Wbs Code with ID 47110 not found"),
            ("Budget Code was not found.", "Budget Code was not found."),
            ("Vendor 4711 is inactive", "Vendor 4711 is inactive"),
        ] {
            let message = Message { field: None, text: said.to_owned() };
            assert_eq!(named(&message, &names).text, told);
        }
    }
}
