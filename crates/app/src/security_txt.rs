//! `security.txt` (RFC 9116): whom to tell about a weakness of this installation.

use jiff::{SignedDuration, Timestamp};
use url::Url;

/// The RFC asks for less than a year. Readers fetch the file again after that.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24 * 180);

/// The file of an installation at `public_url`. `contact` is a `mailto:` or `https:` address.
pub fn text(contact: &Url, public_url: &Url, now: Timestamp) -> String {
    let canonical = format!("{}/.well-known/security.txt", public_url.as_str().trim_end_matches('/'));
    let until = now + GOOD_FOR;
    format!(
        "Contact: {contact}\nExpires: {}\nPreferred-Languages: en\nCanonical: {canonical}\n",
        until.strftime("%Y-%m-%dT00:00:00Z")
    )
}

/// A contact as the operator gives it: an address of mail or of a page.
pub fn contact(typed: &str) -> Result<Url, String> {
    let typed = typed.trim();
    let mail = typed.contains('@') && !typed.contains(':');
    let url = if mail { Url::parse(&format!("mailto:{typed}")) } else { Url::parse(typed) };
    url.ok().filter(|url| ["mailto", "https"].contains(&url.scheme())).ok_or_else(|| {
        format!("{typed} is neither an e-mail address nor an https address, such as security@example.com")
    })
}
