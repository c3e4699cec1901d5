//! For a terminal, which obeys control characters.

/// Returns a text of one or several lines, which stay; tabs stay, too.
pub fn text(text: &str) -> String {
    super::spelt_out(text, &['\n', '\t'])
}

/// Returns a part of a line. Nothing in it can begin another one.
pub fn line(text: &str) -> String {
    super::one_line(text)
}
