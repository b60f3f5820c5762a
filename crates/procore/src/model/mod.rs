//! Procore's records, as far as change events need them.
//!
//! Reading is lenient where Procore is: unknown fields are ignored, missing ones are empty, an unknown word is kept as a
//! word, and a text may be a number or an object. It is strict where a mistake would cost money: ids must be readable, an
//! amount that is not is no number, and none ever passes through a float. Lists are read record by record ([`Listed`]).

mod change_event;
mod directory;
mod id;
pub(crate) mod list;
mod read;
mod reference;
mod webhook;
mod write;

pub use change_event::{
    BudgetCode, ChangeEvent, ChangeItem, ContractRef, DocumentRef, Estimate, EventReason, EventStatus, EventType,
    ExternalData, Markup, PrimeContractRef, Scope, StatusKind, VendorRef,
};
pub use directory::{AccessLevel, Company, CurrencySettings, Me, Permissions, Project, Tool, UserRef};
pub use id::{
    ChangeEventId, ChangeReasonId, ChangeTypeId, CompanyId, ContractId, DocumentId, HookId, LineId, ProjectId,
    StatusId, TriggerId, UserId, VendorId, WbsCodeId,
};
pub use list::{Listed, Odd};
pub use read::Figure;
pub use reference::{ChangeReason, ChangeType, Commitment, PrimeContract, Status, WbsCode};
pub use webhook::{
    Attempt, Delivery, DeliveryStatus, Happened, Hook, HookApi, HookPlace, NewHook, Notice, Resource, Trigger, Wanted,
};
pub(crate) use write::Envelope;
pub use write::{ChangeEventPatch, CostWrite, ItemWrite, NewChangeEvent, RevenueWrite, SourceOfRevenueRom};
