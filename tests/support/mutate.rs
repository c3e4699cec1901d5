//! Seeded damage: what disks, editors and ill will make of a file.

use serde_json::{Value, json};
use tchbench::rng::Stream;

/// The content with one random damage.
pub fn damaged(content: &[u8], stream: &mut Stream) -> Vec<u8> {
    let mut bytes = content.to_vec();
    let (from, to) = range(bytes.len(), stream);
    match stream.below(10) {
        0 => bytes[from] ^= 1 << stream.below(8),
        1 => bytes.truncate(from),
        2 => drop(bytes.drain(from..to)),
        3 => bytes.extend_from_within(from..to),
        4 => bytes[from..to].iter_mut().for_each(|byte| *byte = stream.below(256) as u8),
        5 => bytes = with_lines(&bytes, |lines, one, other| lines.swap(one, other), stream),
        6 => {
            bytes = with_lines(
                &bytes,
                |lines, one, _| {
                    lines.remove(one);
                },
                stream,
            );
        }
        7 => replace_token(&mut bytes, |byte| byte.is_ascii_digit(), &pick(&NUMBERS, stream), stream),
        8 => replace_token(&mut bytes, |byte| byte.is_ascii_alphabetic(), &pick(&WORDS, stream), stream),
        _ => drop(bytes.splice(from..from, b"[".repeat(50_000))),
    }
    bytes
}

const NUMBERS: [&str; 10] =
    ["-1", "0", "1e400", "-1e308", "18446744073709551616", "4294967295", "NaN", "0.1", "1e-320", "1e9"];
const WORDS: [&str; 8] = ["../../x", "/dev/zero", "\u{1b}[2J", "<script>", "=1+1", "", "\u{202e}", "null"];

fn pick(from: &[&str], stream: &mut Stream) -> String {
    from[stream.below(from.len() as u32) as usize].to_owned()
}

/// Places `from` < `to` in `length` bytes, at most 100 apart.
fn range(length: usize, stream: &mut Stream) -> (usize, usize) {
    let from = stream.below(length as u32) as usize;
    (from, length.min(from + 1 + stream.below(100) as usize))
}

fn with_lines(bytes: &[u8], edit: impl Fn(&mut Vec<&[u8]>, usize, usize), stream: &mut Stream) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    let mut any = || stream.below(lines.len() as u32) as usize;
    let (one, other) = (any(), any());
    edit(&mut lines, one, other);
    lines.concat()
}

/// Puts `new` in place of a run of bytes that belong together, the first at or after a random place.
fn replace_token(bytes: &mut Vec<u8>, belongs: fn(&u8) -> bool, new: &str, stream: &mut Stream) {
    let at = stream.below(bytes.len() as u32) as usize;
    let Some(from) = bytes[at..].iter().position(belongs).map(|offset| at + offset) else { return };
    let to = bytes[from..].iter().position(|byte| !belongs(byte)).map_or(bytes.len(), |length| from + length);
    bytes.splice(from..to, new.bytes());
}

/// Changes one random value of a JSON document to something else that is JSON.
pub fn change(document: &mut Value, stream: &mut Stream) {
    let mut pointers = Vec::new();
    list(document, String::new(), &mut pointers);
    let mut any = || pointers[stream.below(pointers.len() as u32) as usize].clone();
    let (pointer, other) = (any(), any());
    let copied = document.pointer(&other).cloned();
    let Some(value) = document.pointer_mut(&pointer) else { return };
    match (stream.below(4), value) {
        (0, Value::Array(items)) if !items.is_empty() => {
            let item = items[stream.below(items.len() as u32) as usize].clone();
            items.extend([item.clone(), item]);
        }
        (1, Value::Array(items)) if !items.is_empty() => {
            items.remove(stream.below(items.len() as u32) as usize);
        }
        (1, Value::Object(fields)) if !fields.is_empty() => {
            let key = fields.keys().nth(stream.below(fields.len() as u32) as usize).cloned();
            fields.remove(&key.unwrap());
        }
        (2, value) => *value = copied.unwrap_or_default(),
        (_, value) => *value = nonsense(stream),
    }
}

fn list(value: &Value, pointer: String, all: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| list(item, format!("{pointer}/{index}"), all));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(key, item)| {
                let key = key.replace('~', "~0").replace('/', "~1");
                list(item, format!("{pointer}/{key}"), all);
            });
        }
        _ => {}
    }
    all.push(pointer);
}

fn nonsense(stream: &mut Stream) -> Value {
    let all = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1e308),
        json!(5e-324),
        json!(u64::MAX),
        json!(4_000_000_000u32),
        json!(""),
        json!("../../../x"),
        json!("/dev/zero"),
        json!("\u{1b}[2J\u{202e}"),
        json!("</script>](x)|`"),
        json!("9".repeat(100_000)),
        json!([]),
        json!({}),
        json!([[[]]]),
    ];
    all[stream.below(all.len() as u32) as usize].clone()
}
