//! Texts that others wrote (suites, file names, workers), made safe for each form of output. One file a form.
//!
//! In every form a control character is spelt out, as in `\u{1b}`: a reader sees that it is there, and nothing
//! obeys it. Only JSON gives it back, since programs read that.

pub mod csv;
pub mod github;
pub mod json;
pub mod markdown;
pub mod shell;
pub mod terminal;
pub mod xml;

/// Whether a character commands whatever shows it: the controls C0, DEL and C1, the separators of lines and
/// paragraphs, and what changes the direction of writing (Boucher and Anderson, "Trojan Source", USENIX
/// Security 2023, table 1).
fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Every control character but those of `kept` is spelt out.
fn spelt_out(text: &str, kept: &[char]) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, character| {
        if is_control(character) && !kept.contains(&character) {
            safe.extend(character.escape_unicode())
        } else {
            safe.push(character)
        }
        safe
    })
}

/// In one line: a tab or the end of a line becomes a space, any other control character is spelt out.
fn one_line(text: &str) -> String {
    spelt_out(&text.replace("\r\n", " ").replace(['\n', '\r', '\t'], " "), &[])
}
