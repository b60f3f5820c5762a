//! What every page shows, as plain structs with an askama template each.
//!
//! A view holds ready-to-print text, small enums, flags and addresses: no I/O, no decisions of the trade. A handler fills
//! one and calls `render()`. Every view has named samples; [`gallery`] draws them all, so that a person can look at them.
//!
//! Conventions: a field called `…_url` is where a link leads or a form posts; `Option<String>` is "not shown"; money is
//! [`Money`]; an action a person may not take is a [`Deed`] with the reason. Forms are plain `method=post`; the names they post are
//! listed at each view.

mod cell;
mod common;
mod contracts;
mod cor;
mod drift;
mod log;
mod notifications;
mod projects;
mod push;
mod reconciliation;
mod record;
mod settings;
mod shell;
mod sign_in;
mod text;

mod samples;

pub use cell::{EventRef, ProcoreCell};
pub use common::{Choice, Deed, FormErrors, Link, Money, Pill, Tone};
pub use contracts::{ContractList, ContractRow, Invitation};
pub use cor::{
    Activity, AskReason, AskRecord, AskStatus, CorForm, CorLine, CorPage, CorSection, Overtaken, SettledPrice,
};
pub use drift::{DriftFact, DriftLine, DriftPage, RemovalLine, RemovalPage};
pub use log::{
    Bucket, EventsAge, EventsAgeFragment, Facet, FacetOption, LogEmpty, LogPage, LogRow, Pager, SelectionBar,
    SortColumn,
};
pub use notifications::{
    NotificationForm, NotificationList, NotificationPage, NotificationRow, RespondPage, ResponseCor, ResponseRow,
};
pub use projects::{
    MappedCurrency, MappingState, ProjectCard, ProjectForm, ProjectList, ProjectPeople, ProjectPerson, ProjectProcore,
    ProjectTabs,
};
pub use push::{
    Answer, AskedLine, CodeLine, CodesCor, CodesStep, Control, Detail, EventRow, EventStep, Freshness,
    FreshnessFragment, Group, LineMark, NewEvent, Offer, PlanCor, PlanLine, Preflight, PreflightItem, PreflightStep,
    ResultCor, ResultEvent, ResultState, ResultStep, ReviewEvent, ReviewStep, Step, WizardHead,
};
pub use reconciliation::{
    ComparedRow, ComparedSection, ComparedSum, OfficeSection, ReconciliationCompare, ReconciliationOffice,
    ReconciliationPage, ReportRow, RowGroup, SignOff, SignedRow, Stamp, SumRow,
};
pub use record::{RecordEntry, RecordLine, RecordPage};
pub use samples::gallery;
pub use settings::{
    Connection, IntegrationState, OfficeIntegrations, OfficeList, OfficePage, OfficeRow, OfficeTabs, PeopleList,
    PersonPage, PersonRow, SettingsTabs, TokenList, TokenRow,
};
pub use shell::{Again, Crumb, Flash, FlashKind, Nav, NavItem, PasswordPage, Problem, Shell};
pub use sign_in::{FirstRun, PopupDone, SignIn};
pub use text::Text;
