//! The verbs, one a file: each checks who may, changes the state and tells the story in one transaction.

pub mod acting;
pub mod api_tokens;
pub mod audit;
pub mod change_events;
mod contract_now;
pub mod contracts;
pub mod cor_form;
pub mod drift;
pub mod forms;
pub mod health;
pub mod integrate;
pub mod invitations;
pub mod log_query;
pub mod map_project;
pub mod notifications;
pub mod offices;
pub mod password;
pub mod people;
pub mod procore_currency;
pub mod procore_sign_in;
pub mod projects;
pub mod push;
pub mod read_cor;
pub mod read_log;
pub mod reconciliation;
pub mod reference;
pub mod secret;
pub mod selection;
pub mod set_cor_status;
pub mod setup;
pub mod sign_in;
pub mod throttle;
pub mod webhooks;
pub mod write_cor;

mod cor_story;
