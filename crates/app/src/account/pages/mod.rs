//! Sign-in, sign-out, the first run, and a person's own password.

pub mod password;
pub mod sign_in;
pub mod tokens;
