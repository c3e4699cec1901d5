//! For the commands that a step of GitHub Actions prints, such as `::error title=...::...`.

/// Returns a text as the message of a command. Line ends stay.
pub fn message(text: &str) -> String {
    super::spelt_out(&text.replace("\r\n", "\n").replace('\t', " "), &['\n'])
        .replace('%', "%25")
        .replace('\n', "%0A")
}

/// Returns a text as the value of a property, which a colon or a comma would end. Line ends stay.
pub fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
