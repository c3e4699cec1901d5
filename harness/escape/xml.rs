//! For XML 1.0: SVG and JUnit. What XML cannot hold is spelt out, too.

/// Returns a text without a character that XML cannot hold; the writer escapes it. Line ends and tabs stay.
pub fn text(text: &str) -> String {
    // U+FFFE and U+FFFF are not among the characters of XML 1.0 (section 2.2).
    super::spelt_out(text, &['\n', '\t']).replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}

/// Returns a text as the content of an element. Line ends and tabs stay.
pub fn content(text: &str) -> String {
    self::text(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Returns the text as the value of an attribute in double quotes. A reader turns raw line ends and tabs into spaces,
/// so they are written as references.
pub fn attribute(text: &str) -> String {
    content(text).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}
