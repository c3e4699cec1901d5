//! For markdown as GitHub reads it, which is CommonMark with tables, strikethrough and formulas.

/// Returns a part of a line or of a table's cell, which reads as it is written.
pub fn words(text: &str) -> String {
    let text = super::one_line(text);
    let mut safe = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.trim().chars();
    while let Some(character) = rest.next() {
        let after = rest.clone().next();
        if is_special(before, character, after, rest.as_str()) {
            safe.push('\\');
        }
        safe.push(character);
        before = Some(character);
    }
    safe
}

/// Returns a line of its own, or an item of a list: neither a heading, list, quotation nor a rule.
pub fn line(text: &str) -> String {
    let safe = words(text);
    let digits = safe.chars().take_while(char::is_ascii_digit).count();
    match safe.get(digits..).and_then(|rest| rest.chars().next()) {
        Some('-' | '+' | '=' | '>' | ':') if digits == 0 => format!("\\{safe}"),
        Some('.' | ')') if digits > 0 => {
            let (number, rest) = safe.split_at(digits);
            format!("{number}\\{rest}")
        }
        _ => safe,
    }
}

/// Returns the text in bold, on a line of its own; nothing for an empty text, since the marks alone would be a rule.
pub fn bold(text: &str) -> String {
    match words(text) {
        empty if empty.is_empty() => empty,
        words => format!("**{words}**"),
    }
}

/// Returns the text as code within a line.
pub fn code(text: &str) -> String {
    let text = super::one_line(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let room = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{room}{text}{room}{fence}")
}

/// Returns a path as the destination of a link or a picture: a path, not an address.
pub fn path(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut safe, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                safe.push(byte.into())
            }
            _ => safe.push_str(&format!("%{byte:02X}")),
        }
        safe
    })
}

/// Whether a character means something there. An underscore within a word does not, a `<` before anything but
/// a tag does not, and neither does an `&` that begins no reference.
fn is_special(before: Option<char>, character: char, after: Option<char>, rest: &str) -> bool {
    let is_part = |beside: Option<char>| beside.is_some_and(char::is_alphanumeric);
    match character {
        '\\' | '`' | '*' | '[' | ']' | '|' | '~' | '#' | '$' => true,
        '_' => !(is_part(before) && is_part(after)),
        '<' => after.is_some_and(|c| c.is_ascii_alphabetic() || "/!?".contains(c)),
        '&' => {
            let name = rest.split(';').next().unwrap_or_default();
            name.len() < rest.len() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
        }
        _ => false,
    }
}
