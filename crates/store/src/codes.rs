//! The domain's words as columns: ids, enums by their codes, money in minor units.

use domain::{
    ActivityId, ApiTokenId, ChangeNotificationId, CompanyId, ContractId, CorId, Currency, DraftId, LineItemId, LinkId,
    LoginId, Money, OfficeId, PersonId, ProjectId, PushId, ReconciliationId, WebhookId, Zone,
    activity::EntryKind,
    change_notification::Response,
    cor::{Breakdown, CorNumber, Means, Section, Status},
    procore::{
        Amount, Side,
        push_state::{ProcoreState, RequestedAction},
    },
    role::Role,
    security::SecurityEventKind,
};

use crate::{
    db::{Cell, FromVal, Val},
    repo::webhook::WebhookState,
};

macro_rules! ids {
    ($($id:ty),+ $(,)?) => {$(
        impl From<$id> for Val {
            fn from(id: $id) -> Self {
                Self::Uuid(id.0)
            }
        }

        impl FromVal for $id {
            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                uuid::Uuid::from_cell(cell).map(Self)
            }
        }
    )+};
}

ids!(
    ActivityId,
    ApiTokenId,
    ChangeNotificationId,
    CompanyId,
    ContractId,
    CorId,
    DraftId,
    LineItemId,
    LinkId,
    LoginId,
    OfficeId,
    PersonId,
    ProjectId,
    PushId,
    ReconciliationId,
    WebhookId,
);

macro_rules! codes {
    ($($word:ty),+ $(,)?) => {$(
        impl From<$word> for Val {
            fn from(word: $word) -> Self {
                Self::Text(word.code().to_owned())
            }
        }

        impl FromVal for $word {
            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                match cell {
                    Cell::Text(code) => <$word>::from_code(code),
                    _ => None,
                }
            }
        }
    )+};
}

codes!(
    Breakdown,
    Currency,
    EntryKind,
    Means,
    ProcoreState,
    Response,
    Role,
    Section,
    SecurityEventKind,
    Side,
    Status,
    WebhookState,
    RequestedAction
);

impl From<Money> for Val {
    fn from(money: Money) -> Self {
        Self::Int(money.in_minor())
    }
}

impl FromVal for Money {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        i64::from_cell(cell).map(Self::minor)
    }
}

impl From<Amount> for Val {
    fn from(amount: Amount) -> Self {
        Self::Text(amount.stored())
    }
}

impl FromVal for Amount {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(stored) => stored.parse().ok(),
            _ => None,
        }
    }
}

impl From<&Zone> for Val {
    fn from(zone: &Zone) -> Self {
        Self::Text(zone.name().to_owned())
    }
}

impl FromVal for Zone {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(name) => Self::named(name),
            _ => None,
        }
    }
}

impl From<&CorNumber> for Val {
    fn from(number: &CorNumber) -> Self {
        Self::Text(number.as_str().to_owned())
    }
}

impl FromVal for CorNumber {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(text) => Self::parse(text).ok(),
            _ => None,
        }
    }
}
