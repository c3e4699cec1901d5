//! For JSON, whose own escapes need not hide DEL, C1 and what changes the direction of writing.

/// Returns the same JSON without a raw control character but line ends.
pub fn text(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        // Outside of its strings JSON has no other control character, and all of them are below U+10000.
        if super::is_control(character) && !"\n\r\t".contains(character) {
            safe.push_str(&format!("\\u{:04x}", u32::from(character)))
        } else {
            safe.push(character)
        }
    }
    safe
}

/// Returns the JSON for a `<script>` of a page: no tag or comment in it.
pub fn script(json: &str) -> String {
    text(json).replace('<', "\\u003c")
}
