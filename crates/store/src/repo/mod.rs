//! The statements, a file a noun. Records stand beside the statements that read them.

pub mod activity;
pub mod api_token;
pub mod audit;
pub mod change_event;
pub mod change_notification;
pub mod company;
pub mod contract;
pub mod cor;
pub mod draft;
pub mod integration;
pub mod invitation;
pub mod link;
pub mod log;
pub mod login;
pub mod mapping;
pub mod observation;
pub mod outbox;
pub mod person;
pub mod project;
pub mod push;
pub mod reconciliation;
pub mod reference;
pub mod session;
pub mod watch;
pub mod webhook;
pub mod webhook_inbox;
