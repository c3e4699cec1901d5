//! For XML 1.0: SVG and JUnit. What XML cannot hold is spelt out, too.

/// As the content of an element. Line ends and tabs stay.
pub fn content(text: &str) -> String {
    let text = super::spelt_out(text, &['\n', '\t']);
    text.chars().fold(String::with_capacity(text.len()), |mut safe, character| {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // Not among the characters of XML 1.0 (section 2.2).
            '\u{fffe}' | '\u{ffff}' => safe.extend(character.escape_unicode()),
            _ => safe.push(character),
        }
        safe
    })
}

/// As the value of an attribute in double quotes. A reader turns raw line ends and tabs into spaces, so they are
/// written as references.
pub fn attribute(text: &str) -> String {
    content(text).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}
