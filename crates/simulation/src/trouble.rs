//! What can go wrong, where, and how often it did.

use std::collections::BTreeMap;

/// The steps of the protocol at which something can go wrong, in the order of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The wizard reads the event that it plans for.
    Plan,
    /// A worker reads the event before it writes.
    Read,
    /// *Sending* is committed.
    Record,
    /// A new event is posted.
    Post,
    /// An existing event is patched.
    Patch,
    /// What the answer says is stored.
    Store,
    /// After a refusal the event is read again.
    Reread,
    /// After the quarantine: the known event is read.
    LookEvent,
    /// After the quarantine: a new event is looked for among those of the window.
    LookList,
    /// A token is renewed.
    Refresh,
}

impl Step {
    /// All steps.
    pub const ALL: [Self; 10] = [
        Self::Plan,
        Self::Read,
        Self::Record,
        Self::Post,
        Self::Patch,
        Self::Store,
        Self::Reread,
        Self::LookEvent,
        Self::LookList,
        Self::Refresh,
    ];

    /// How many times as often as elsewhere something goes wrong at this step: schedules come to some of them only
    /// now and then.
    pub(crate) const fn rarity(self) -> u64 {
        match self {
            Self::LookList => 5,
            Self::LookEvent | Self::Reread => 3,
            Self::Post | Self::Refresh => 2,
            _ => 1,
        }
    }

    /// The head of its column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Read => "read",
            Self::Record => "record",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Store => "store",
            Self::Reread => "reread",
            Self::LookEvent => "look",
            Self::LookList => "look list",
            Self::Refresh => "refresh",
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    /// The connection is refused: nothing left.
    NotSent,
    /// The connection is closed before the request is read.
    Unread,
    /// Nothing is executed and nothing answered.
    HangBefore,
    /// Executed, nothing answered.
    HangAfter,
    /// Executed, the connection closed without an answer.
    DropAfter,
    /// Executed, the answer breaks off in the middle.
    CutBody,
    /// Executed after its caller gave up.
    Late,
    /// A gateway answers this status, and the request behind it is executed later.
    LateBehind(u16),
    /// This status; the second says whether it was executed all the same.
    Status(u16, bool),
    /// Headers that no server should send: beside this status, or beside the real answer.
    Absurd(Option<u16>),
    /// The process sleeps with the request in its hands; it leaves when it wakes up.
    HeldBefore,
    /// The answer is slower than the lease.
    SlowAnswer,
    /// The process dies before the request leaves.
    CrashBefore,
    /// The process dies after the request was executed, before the answer comes.
    CrashAfter,
    /// All access tokens have expired.
    TokensExpired,
    /// All sign-ins are revoked.
    TokensRevoked,
    /// The process dies between two steps.
    Crash,
    /// The process sleeps between two steps, longer than its lease.
    Sleep,
    /// The clock of the process jumps ahead.
    ClockAhead,
    /// The clock of the process jumps back.
    ClockBack,
    /// Somebody in Procore edits a line of ours.
    LineEdited,
    /// Somebody in Procore removes a line of ours.
    LineRemoved,
    /// Somebody in Procore locks a line of ours.
    LineLocked,
    /// Somebody in Procore adds a line of their own.
    ForeignLine,
    /// Somebody in Procore closes the event.
    EventClosed,
    /// Somebody in Procore voids the event.
    EventVoided,
    /// Somebody in Procore deletes the event.
    EventDeleted,
    /// Procore shows the event or a line of ours in it otherwise than documented.
    EventOdd,
    /// The sender edits a COR of the push.
    CorEdited,
    /// A COR of the push is voided, or taken back from that.
    CorVoided,
    /// The app is removed from the account.
    AppRemoved,
    /// The person loses the permission.
    PermissionLost,
    /// The office is disconnected.
    OfficeDisconnected,
}

impl Trouble {
    /// What can meet a request.
    pub const OF_CALLS: [Self; 33] = [
        Self::NotSent,
        Self::Unread,
        Self::HangBefore,
        Self::HangAfter,
        Self::DropAfter,
        Self::CutBody,
        Self::Late,
        Self::LateBehind(502),
        Self::LateBehind(504),
        Self::Status(400, false),
        Self::Status(401, false),
        Self::Status(403, false),
        Self::Status(404, false),
        Self::Status(409, false),
        Self::Status(422, false),
        Self::Status(429, false),
        Self::Status(500, false),
        Self::Status(500, true),
        Self::Status(502, false),
        Self::Status(502, true),
        Self::Status(503, false),
        Self::Status(503, true),
        Self::Status(504, false),
        Self::Status(504, true),
        Self::Absurd(None),
        Self::Absurd(Some(429)),
        Self::Absurd(Some(503)),
        Self::HeldBefore,
        Self::SlowAnswer,
        Self::CrashBefore,
        Self::CrashAfter,
        Self::TokensExpired,
        Self::TokensRevoked,
    ];

    /// What can happen between two steps of a worker.
    pub const BETWEEN: [Self; 17] = [
        Self::Crash,
        Self::Sleep,
        Self::ClockAhead,
        Self::ClockBack,
        Self::LineEdited,
        Self::LineRemoved,
        Self::LineLocked,
        Self::ForeignLine,
        Self::EventClosed,
        Self::EventVoided,
        Self::EventDeleted,
        Self::EventOdd,
        Self::CorEdited,
        Self::CorVoided,
        Self::AppRemoved,
        Self::PermissionLost,
        Self::OfficeDisconnected,
    ];

    /// Those of them that happen to an event in Procore.
    pub(crate) const IN_PROCORE: [Self; 8] = [
        Self::LineEdited,
        Self::LineRemoved,
        Self::LineLocked,
        Self::ForeignLine,
        Self::EventClosed,
        Self::EventVoided,
        Self::EventDeleted,
        Self::EventOdd,
    ];

    /// The head of its row.
    pub fn name(self) -> String {
        match self {
            Self::NotSent => "connection refused".into(),
            Self::Unread => "closed before it was read".into(),
            Self::HangBefore => "hang before".into(),
            Self::HangAfter => "hang after the effect".into(),
            Self::DropAfter => "dropped after the effect".into(),
            Self::CutBody => "answer cut in mid-body".into(),
            Self::Late => "executed late".into(),
            Self::LateBehind(status) => format!("{status}, executed late"),
            Self::Status(status, true) => format!("{status}, executed"),
            Self::Status(status, false) => format!("{status}"),
            Self::Absurd(Some(status)) => format!("{status}, absurd headers"),
            Self::Absurd(None) => "absurd headers".into(),
            Self::HeldBefore => "asleep before it leaves".into(),
            Self::SlowAnswer => "answer beyond the lease".into(),
            Self::CrashBefore => "crash before it leaves".into(),
            Self::CrashAfter => "crash before the answer".into(),
            Self::TokensExpired => "tokens expired".into(),
            Self::TokensRevoked => "tokens revoked".into(),
            Self::Crash => "crash between steps".into(),
            Self::Sleep => "asleep between steps".into(),
            Self::ClockAhead => "clock jumps ahead".into(),
            Self::ClockBack => "clock jumps back".into(),
            Self::LineEdited => "our line edited there".into(),
            Self::LineRemoved => "our line removed there".into(),
            Self::LineLocked => "our line locked there".into(),
            Self::ForeignLine => "foreign line added".into(),
            Self::EventClosed => "event closed".into(),
            Self::EventVoided => "event voided".into(),
            Self::EventDeleted => "event deleted".into(),
            Self::EventOdd => "event shown oddly".into(),
            Self::CorEdited => "COR edited".into(),
            Self::CorVoided => "COR voided".into(),
            Self::AppRemoved => "app removed".into(),
            Self::PermissionLost => "permission lost".into(),
            Self::OfficeDisconnected => "office disconnected".into(),
        }
    }

    /// Why this cannot happen at that step, if it cannot.
    pub fn impossible(self, step: Step) -> Option<&'static str> {
        let reads = matches!(step, Step::Plan | Step::Read | Step::Reread | Step::LookEvent | Step::LookList);
        if Self::OF_CALLS.contains(&self) {
            if matches!(step, Step::Record | Step::Store) {
                return Some("no request is made");
            }
            if matches!(self, Self::Late | Self::LateBehind(_)) && reads {
                return Some("a read has no effect to come late");
            }
            if step == Step::Plan
                && matches!(self, Self::HeldBefore | Self::SlowAnswer | Self::CrashBefore | Self::CrashAfter)
            {
                return Some("a page holds nothing that a crash could leave behind");
            }
            return None;
        }
        match step {
            Step::Plan | Step::Reread | Step::Refresh => Some("inside another step"),
            Step::Post if Self::IN_PROCORE.contains(&self) => Some("there is no event yet"),
            _ => None,
        }
    }
}

/// How often what went wrong where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage(pub BTreeMap<(Trouble, Step), u64>);

impl Coverage {
    pub(crate) fn note(&mut self, trouble: Trouble, step: Step) {
        *self.0.entry((trouble, step)).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (cell, count) in &other.0 {
            *self.0.entry(*cell).or_default() += count;
        }
    }

    /// The table, in Markdown; `–` where it cannot happen.
    pub fn table(&self) -> String {
        let mut text = String::from("| |");
        for step in Step::ALL {
            text += &format!(" {} |", step.name());
        }
        text += &format!("\n|---|{}\n", "---:|".repeat(Step::ALL.len()));
        for trouble in Trouble::OF_CALLS.into_iter().chain(Trouble::BETWEEN) {
            text += &format!("| {} |", trouble.name());
            for step in Step::ALL {
                let count = self.0.get(&(trouble, step)).copied().unwrap_or(0);
                let cell = if trouble.impossible(step).is_some() { "–".to_owned() } else { count.to_string() };
                text += &format!(" {cell} |");
            }
            text.push('\n');
        }
        text
    }

    /// The possible cells that were met less often than `least`.
    pub fn thin(&self, least: u64) -> Vec<String> {
        let mut thin = Vec::new();
        for trouble in Trouble::OF_CALLS.into_iter().chain(Trouble::BETWEEN) {
            for step in Step::ALL.into_iter().filter(|step| trouble.impossible(*step).is_none()) {
                let count = self.0.get(&(trouble, step)).copied().unwrap_or(0);
                if count < least {
                    thin.push(format!("{} at {}: {count}", trouble.name(), step.name()));
                }
            }
        }
        thin
    }
}
