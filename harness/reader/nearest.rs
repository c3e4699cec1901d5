//! Advice on which of several known words was meant.

/// So many words are told or compared at most.
const TOLD: usize = 100;

/// Returns advice on what was meant: the nearest word, or all of them.
pub fn nearest(given: &str, known: &[&str]) -> String {
    let (told, rest) = known.split_at(known.len().min(TOLD));
    // Of a text that is much longer than any word, the beginning is as far away as the whole.
    let given: String = given.to_lowercase().chars().take(TOLD).collect();
    let distance = |word: &str| strsim::damerau_levenshtein(&given, word);
    match told.iter().min_by_key(|word| distance(word)) {
        Some(word) if distance(word) <= 1 + word.len() / 3 => format!("did you mean `{word}`?"),
        Some(_) if rest.is_empty() => format!("there are {}", told.join(", ")),
        Some(_) => format!("there are {} and {} more", told.join(", "), rest.len()),
        None => "there are none".to_owned(),
    }
}
