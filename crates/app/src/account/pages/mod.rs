//! Sign-in, sign-out, the first run, and a person's own password.

pub mod gate;
pub mod password;
pub mod tokens;
