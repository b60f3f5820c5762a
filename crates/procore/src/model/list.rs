//! A list read record by record: one odd record stands in nobody's way.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

/// Longer texts of a record are no name.
const NAME_LIMIT: usize = 200;

/// A list as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The records, in Procore's order.
    pub records: Vec<T>,
    /// Those that could not be read. They exist: look here before you treat a missing record as gone.
    pub odd: Vec<Odd>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { records: Vec::new(), odd: Vec::new() }
    }
}

impl<T> Listed<T> {
    /// How many there are, odd ones included.
    pub fn len(&self) -> usize {
        self.records.len() + self.odd.len()
    }

    /// Whether Procore listed nothing at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A record that is not as documented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Odd {
    /// Its id, if that can be read.
    pub id: Option<i64>,
    /// What people know it by, as far as that can be read; may be empty.
    pub name: String,
    /// What is wrong with it, in words that quote none of it: "status is null".
    pub why: String,
    text: String,
}

impl Odd {
    /// Whether a text stands in it, such as a reference of ours. Only texts that JSON writes as they are: letters, digits
    /// and hyphens.
    pub fn mentions(&self, text: &str) -> bool {
        self.text.contains(text)
    }
}

/// Reads a record, or says what is odd about it.
pub(crate) fn read<T: DeserializeOwned>(raw: &RawValue) -> Result<T, Odd> {
    let mut from = serde_json::Deserializer::from_str(raw.get());
    serde_path_to_error::deserialize(&mut from).map_err(|error| odd(raw, &error))
}

/// Reads each record of a list by itself.
pub(crate) fn each<T: DeserializeOwned>(raw: &[Box<RawValue>]) -> Vec<Result<T, Odd>> {
    raw.iter().map(|record| object(record)).collect()
}

/// serde would take a list for an object whose keys are left out.
fn object<T: DeserializeOwned>(raw: &RawValue) -> Result<T, Odd> {
    if raw.get().trim_start().starts_with('{') {
        return read(raw);
    }
    let why = "the record is no object".to_owned();
    Err(Odd { id: None, name: String::new(), why, text: raw.get().to_owned() })
}

/// A list within a record, likewise. `null` is an empty one.
pub(crate) fn within<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Listed<T>, D::Error> {
    let raw = Option::<Vec<Box<RawValue>>>::deserialize(from)?.unwrap_or_default();
    let mut listed = Listed::default();
    for record in each(&raw) {
        match record {
            Ok(record) => listed.records.push(record),
            Err(odd) => listed.odd.push(odd),
        }
    }
    Ok(listed)
}

fn odd(raw: &RawValue, error: &serde_path_to_error::Error<serde_json::Error>) -> Odd {
    let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
    Odd { id: id(&value), name: name(&value), why: why(&value, error), text: raw.get().to_owned() }
}

fn id(value: &Value) -> Option<i64> {
    let id = value.get("id")?;
    id.as_i64().or_else(|| id.as_str()?.trim().parse().ok())
}

/// Number and title, under whichever names Procore gives them.
fn name(value: &Value) -> String {
    let text = |key: &&str| match value.get(*key) {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let number = ["number", "flat_code", "project_number"].iter().find_map(text);
    let title = ["title", "name", "change_type", "change_reason", "description", "resource_name"].iter().find_map(text);
    let name = [number, title].into_iter().flatten().collect::<Vec<_>>().join(" ");
    name.chars().filter(|c| !c.is_control()).take(NAME_LIMIT).collect()
}

/// Where it stumbled and over what kind of thing. serde's own text would quote the value.
fn why(record: &Value, error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    use serde_path_to_error::Segment;
    let mut at = Some(record);
    let mut path = String::new();
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => {
                at = at.and_then(|value| value.get(index));
                path.push_str(&format!("[{index}]"));
            }
            Segment::Map { key } => {
                at = at.and_then(|value| value.get(key));
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let said = error.inner().to_string();
    if let Some(field) = said.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        let dot = if path.is_empty() { "" } else { "." };
        return format!("{path}{dot}{field} is missing");
    }
    let subject = if path.is_empty() { "the record" } else { &path };
    let is = match at {
        None | Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "true or false, which it should not be",
        Some(Value::Number(_)) => "a number that does not fit",
        Some(Value::String(_)) => "a text that does not fit",
        Some(Value::Array(_)) => "a list that does not fit",
        Some(Value::Object(_)) => "not as documented",
    };
    format!("{subject} is {is}")
}
