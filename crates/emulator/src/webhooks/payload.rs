//! What a delivery says, in each version.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::notice::{Change, Source};
use super::{EVENTS, LINES};
use crate::Switches;
use crate::text::iso_micros;

/// An event to be written.
pub(crate) struct Event<'a> {
    pub(crate) number: i64,
    pub(crate) ulid: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) company: i64,
    pub(crate) change: &'a Change,
    pub(crate) source: &'a Source,
}

impl Event<'_> {
    /// The payload of `version`.
    pub(crate) fn written(&self, version: &str, switches: &Switches) -> Value {
        let Change { resource, action, id, event_id, project_id, created_by } = self.change;
        let user = self.source.user.unwrap_or(*created_by);
        if version == "v4.0" {
            return json!({
                "id": self.ulid,
                "timestamp": iso_micros(self.at),
                "reason": action,
                "company_id": self.company.to_string(),
                "project_id": project_id.to_string(),
                "user_id": user.to_string(),
                "resource_type": resource,
                "resource_id": id.to_string(),
            });
        }
        let mut payload = json!({
            "id": self.number,
            "ulid": self.ulid,
            "timestamp": iso_micros(self.at),
            "metadata": self.metadata(user, switches),
            "user_id": user,
            "company_id": self.company,
            "project_id": project_id,
            "api_version": version,
            "event_type": action,
            "resource_name": resource,
            "resource_id": id,
        });
        if version == "v3.0" {
            let filled = *resource == LINES && switches.lines_name_their_event;
            let related = if filled { json!([{ "id": event_id, "name": EVENTS }]) } else { json!([]) };
            payload["related_resources"] = related;
        }
        payload
    }

    fn metadata(&self, user: i64, switches: &Switches) -> Value {
        if !switches.deliveries_name_their_source {
            return json!({
                "source_user_id": null, "source_project_id": null, "source_operation_id": null,
                "source_company_id": null, "source_application_id": null,
            });
        }
        json!({
            "source_user_id": user,
            "source_project_id": self.change.project_id,
            "source_operation_id": self.source.operation,
            "source_company_id": self.company,
            "source_application_id": self.source.client,
        })
    }
}

/// A ulid: 48 bits of time and 80 of the hexadecimal `secret`, in Crockford's 32 digits.
pub(super) fn ulid(at: Timestamp, secret: &str) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let random = secret.get(..20).and_then(|hex| u128::from_str_radix(hex, 16).ok()).unwrap_or_default();
    let time = u128::try_from(at.as_millisecond()).unwrap_or_default() & ((1 << 48) - 1);
    let value = (time << 80) | random;
    (0..26)
        .rev()
        .map(|place| char::from(DIGITS[usize::try_from((value >> (place * 5)) & 31).unwrap_or_default()]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::ulid;

    #[test]
    fn a_ulid_has_26_digits_and_sorts_by_time() {
        let at = |ms| jiff::Timestamp::from_millisecond(ms).unwrap();
        let early = ulid(at(1_469_918_176_385), &"f".repeat(64));
        assert_eq!(early, "01ARYZ6S41ZZZZZZZZZZZZZZZZ");
        assert!(early < ulid(at(1_469_918_176_386), &"0".repeat(64)));
    }
}
