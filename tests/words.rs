//! What public items say of themselves.

#![allow(clippy::unwrap_used)]

#[path = "support/house.rs"]
#[allow(dead_code, reason = "tests/layering.rs uses the rest")]
mod house;

use std::collections::BTreeMap;

use house::House;

/// The names and lines of all files of the library.
fn files() -> Vec<(String, Vec<String>)> {
    let lines = |text: &str| text.lines().map(str::to_owned).collect();
    House::read().files.iter().map(|file| (file.name.clone(), lines(&file.text))).collect()
}

fn is_rustdoc(line: &str) -> bool {
    line.trim_start().starts_with("///")
}

#[test]
fn rustdoc_is_whole_sentences() {
    let mut short = Vec::new();
    for (name, lines) in files() {
        let mut rest = lines.as_slice();
        while let Some(start) = rest.iter().position(|line| is_rustdoc(line)) {
            let length = rest[start..].iter().take_while(|line| is_rustdoc(line)).count();
            let text = rest[start..start + length].join(" ").replace("///", "");
            if text.split_whitespace().count() <= 3 {
                short.push(format!("{name}: {}", text.trim()));
            }
            rest = &rest[start + length..];
        }
    }
    assert!(short.is_empty(), "these say too little:\n{}", short.join("\n"));
}

#[test]
fn public_functions_say_when_they_fail() {
    let mut silent = Vec::new();
    for (name, lines) in files() {
        for (index, line) in
            lines.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with("pub fn "))
        {
            let end =
                lines[index..].iter().position(|line| line.contains('{')).map_or(index, |end| index + end);
            let signature = lines[index..=end].join(" ");
            let fails = signature.rsplit_once("->").is_some_and(|(_, output)| output.contains("Result<"));
            let before = lines[..index].iter().rev();
            let told = before.take_while(|line| is_rustdoc(line) || line.trim_start().starts_with("#["));
            if fails && !told.into_iter().any(|line| line.contains("# Errors")) {
                silent.push(format!("{name}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    assert!(silent.is_empty(), "these have no section `# Errors`:\n{}", silent.join("\n"));
}

/// Whether a line binds several values by a tuple of as many expressions: `let (a, b) = (1, 2);`.
fn binds_several(line: &str) -> bool {
    let names = line.trim_start().strip_prefix("let (").and_then(|rest| rest.split_once(") = "));
    names.is_some_and(|(_, value)| value.starts_with('(') && value.ends_with(");"))
}

/// Whether two lines begin a `match` on a `bool`, or on nothing.
fn matches_bool(line: &str, next: &str) -> bool {
    let arm = next.trim_start();
    let is_of_bool = arm.starts_with("true =>") || arm.starts_with("false =>");
    line.contains("match () {") || line.contains("match ") && line.ends_with('{') && is_of_bool
}

#[test]
fn a_let_binds_one_value_and_a_bool_is_asked_by_if() {
    let mut found = Vec::new();
    for file in House::read().files {
        let lines: Vec<&str> = file.text.lines().collect();
        for (index, pair) in lines.windows(2).enumerate() {
            if binds_several(pair[0]) || matches_bool(pair[0], pair[1]) {
                found.push(format!("{}:{}: {}", file.name, index + 1, pair[0].trim()));
            }
        }
    }
    assert!(found.is_empty(), "write `if` and `else`, and one binding a line:\n{}", found.join("\n"));
}

/// Names that each layer of the library defines for itself: its errors, the arguments of a verb.
const SHARED: [&str; 2] = ["Args", "Error"];

/// The name of the type that a line of code defines. A trait's own types, which stand within it, are no types of their own.
fn defined(line: &str) -> Option<&str> {
    if line.trim_start().starts_with("type ") && line.starts_with(' ') {
        return None;
    }
    let line = line.trim_start();
    let line = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ")?.1,
        Some(rest) => rest.trim_start(),
        None => line,
    };
    let (word, rest) = line.split_once(' ')?;
    let is_type = ["struct", "enum", "trait", "type"].contains(&word);
    is_type.then(|| rest.split(|c: char| !c.is_alphanumeric()).next()).flatten()
}

#[test]
fn a_name_means_one_type() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in House::read().files {
        for name in file.text.lines().filter_map(defined) {
            places.entry(name.to_owned()).or_default().push(file.name.clone());
        }
    }
    places.retain(|name, files| files.len() > 1 && !SHARED.contains(&name.as_str()));
    assert!(places.is_empty(), "give each of these types a name of its own: {places:#?}");
}
