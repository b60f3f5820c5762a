//! What the page of security events says.

/// The first line of the file.
pub const CSV_HEADINGS: &str = "time,what,outcome,who,person_id,about,address,browser";
/// It happened.
pub const DONE: &str = "Done";
/// It was tried and refused.
pub const REFUSED: &str = "Refused";
/// Who did it, when an operator did.
pub const OPERATOR: &str = "Your operator";
/// Where an operator did it.
pub const COMMAND_LINE: &str = "Command line";
/// A browser that doesn't say what it is.
pub const UNKNOWN_BROWSER: &str = "Unknown browser";
/// Nothing under the filter.
pub const NONE: &str = "No events match. Choose another topic, or clear the filter.";
/// A change of the password that ended the tokens, too.
pub const AND_TOKENS: &str = "API tokens revoked";
