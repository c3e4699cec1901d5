//! Sentences of messages as HTML.

use crate::escape::xml;

/// Returns a text as the content of an element, with what stands between two backquotes as `<code>`. A backquote without a
/// second one stays.
pub(super) fn prose(text: &str) -> String {
    let text = xml::content(text);
    let mut pieces = text.split('`');
    let mut html = pieces.next().unwrap_or_default().to_owned();
    while let Some(piece) = pieces.next() {
        match pieces.next() {
            Some(after) => html += &format!("<code>{piece}</code>{after}"),
            None => html += &format!("`{piece}"),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn what_is_quoted_is_code() {
        assert_eq!(prose("`--baseline` names a run"), "<code>--baseline</code> names a run");
        assert_eq!(prose("write `a < b`, or `c`"), "write <code>a &lt; b</code>, or <code>c</code>");
        assert_eq!(prose("`a` or `"), "<code>a</code> or `");
        assert_eq!(prose("`<script>`"), "<code>&lt;script&gt;</code>");
        assert_eq!(prose(""), "");
    }
}
