//! Plain text for a field of Procore's that may hold HTML.

/// Writes text so that a reader of HTML sees it as it was typed: a tag or an entity in it stays visible.
///
/// Only what HTML would read as markup is escaped. Everything else stays ("R&D", "gap < 3 in"), so that it also reads well should
/// Procore show the field as plain text.
pub(super) fn as_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '<' if opens_tag(rest.as_str()) => html.push_str("&lt;"),
            '&' if names_character(rest.as_str()) => html.push_str("&amp;"),
            c => html.push(c),
        }
    }
    html
}

fn opens_tag(after: &str) -> bool {
    after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
}

/// No name of a character has one letter.
fn names_character(after: &str) -> bool {
    after.starts_with('#') || after.chars().take_while(char::is_ascii_alphanumeric).take(2).count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_that_somebody_typed_stays_visible_and_the_rest_as_it_is() {
        let cases = [
            ("R&D, gap < 3 in, 5 > 4, AT&T", "R&D, gap < 3 in, 5 > 4, AT&T"),
            ("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"),
            ("a<b & c&d; <!-- <?x", "a&lt;b & c&d; &lt;!-- &lt;?x"),
            ("&lt;b&gt; &#60; &copyright", "&amp;lt;b&amp;gt; &amp;#60; &amp;copyright"),
            ("ends with & and <", "ends with & and <"),
            ("", ""),
        ];
        for (text, html) in cases {
            assert_eq!(as_html(text), html);
        }
    }
}
