//! For a command line that a reader may copy.

/// Returns an argument as one word of a shell. Control characters are written as in bash, zsh and POSIX 2024: `$'\n'`.
///
/// `shell-words` is not used: it quotes neither the braces and `!` that bash expands nor control characters.
pub fn word(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    if !argument.contains(super::is_control) {
        return format!("'{}'", argument.replace('\'', r"'\''"));
    }
    let mut word = "$'".to_owned();
    for character in argument.chars() {
        match character {
            '\\' | '\'' => word.extend(['\\', character]),
            '\n' => word.push_str("\\n"),
            control if super::is_control(control) => word.push_str(&format!("\\u{:04x}", u32::from(control))),
            _ => word.push(character),
        }
    }
    word + "'"
}
