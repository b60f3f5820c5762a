//! The time zone of a project: where its days begin and end.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::json;

/// The zone proposed where nothing better is known.
const USUAL: &str = "America/New_York";

/// A time zone with a name of the IANA database, such as `America/New_York`.
///
/// A date without a time (a due date, the day of an approval) is a day of its project's zone, whoever reads it and wherever.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone with that name. `None` if there is none.
    pub fn named(name: &str) -> Option<Self> {
        // `Etc/Unknown` and its like have no name that could be stored.
        TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some()).map(Self)
    }

    /// Its name, as the database writes it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or(USUAL)
    }

    /// The day on which a moment falls there.
    pub fn day(&self, at: Timestamp) -> Date {
        self.0.to_datetime(at).date()
    }
}

/// The zones of the United States and Canada, by name, from east to west. Another one is proposed where a browser is in it.
pub const USUAL_ZONES: [&str; 10] = [
    "America/St_Johns",
    "America/Halifax",
    "America/Puerto_Rico",
    USUAL,
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
];

impl Default for Zone {
    fn default() -> Self {
        Self::named(USUAL).unwrap_or(Self(TimeZone::UTC))
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl PartialSchema for Zone {
    fn schema() -> RefOr<Schema> {
        json::text("A time zone of the IANA database. Dates without a time are days there.").examples([USUAL]).into()
    }
}

impl ToSchema for Zone {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("Zone")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_of_its_zone() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let day = |zone: &str, time: &str| Zone::named(zone).unwrap().day(at(time)).to_string();
        assert_eq!(day("America/New_York", "2026-11-24T04:59:59Z"), "2026-11-23");
        assert_eq!(day("America/New_York", "2026-11-24T05:00:00Z"), "2026-11-24");
        assert_eq!(day("Pacific/Honolulu", "2026-11-24T05:00:00Z"), "2026-11-23");
        assert_eq!(day("America/New_York", "2026-07-24T03:59:59Z"), "2026-07-23", "daylight saving time");
    }

    #[test]
    fn a_zone_has_a_name_that_is_offered() {
        for bad in ["", "Narnia/Cair_Paravel", "EST5EDT,M3.2.0,M11.1.0", "\0"] {
            assert_eq!(Zone::named(bad), None, "{bad:?}");
        }
        for name in USUAL_ZONES {
            assert_eq!(Zone::named(name).unwrap().name(), name);
        }
    }
}
