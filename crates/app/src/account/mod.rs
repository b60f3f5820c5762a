//! Accounts: the first set-up, sign-in, passwords and API tokens.

pub(crate) mod api;
pub mod api_tokens;
pub mod news;
pub(crate) mod pages;
pub mod password;
pub mod secret;
pub mod setup;
pub mod sign_in;
pub mod throttle;
pub mod unsent;

pub(crate) mod samples;
