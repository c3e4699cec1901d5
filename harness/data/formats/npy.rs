//! The header of a NumPy array (numpy.lib.format, version 1 to 3).

use std::io::Read;

use super::error::FormatProblem;

/// No header is longer.
const LONGEST_HEADER: u32 = 1 << 16;

/// What the header of an array says.
pub(super) struct NpyHeader {
    pub(super) kind: Kind,
    pub(super) shape: Vec<u32>,
    /// The number of bytes before the first element.
    pub(super) length: u64,
}

/// The type of an array's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// `u`, `i` or `f`, as NumPy writes it.
    pub(super) class: u8,
    /// The number of bytes of an element.
    pub(super) size: usize,
    is_big_endian: bool,
}

impl Kind {
    /// Returns the type that NumPy writes so (`<f4`, `|u1`); `None` if it is not read here.
    fn of(text: &str) -> Option<Kind> {
        let (order, rest) = text.split_at_checked(1)?;
        let (class, size) = rest.split_at_checked(1)?;
        let class = *class.as_bytes().first()?;
        let size = size.parse().ok()?;
        let is_known = match class {
            b'u' | b'i' => matches!(size, 1 | 2 | 4 | 8),
            b'f' => matches!(size, 4 | 8),
            _ => false,
        };
        (is_known && matches!(order, "<" | ">" | "|" | "=")).then_some(Kind {
            class,
            size,
            is_big_endian: order == ">",
        })
    }

    /// Returns the number of bytes that an element takes once it is read as a value of a sample.
    pub(super) fn value_size(self) -> u64 {
        if self.class == b'f' { 4 } else { 1 }
    }

    /// Returns the bytes of an element, the least significant first.
    pub(super) fn word(self, bytes: &[u8]) -> [u8; 8] {
        let mut word = [0; 8];
        for (index, byte) in bytes.iter().take(8).enumerate() {
            word[if self.is_big_endian { bytes.len() - 1 - index } else { index }] = *byte;
        }
        word
    }
}

impl NpyHeader {
    /// Returns the size of the first dimension.
    pub(super) fn count(&self) -> u64 {
        self.shape.first().copied().unwrap_or_default().into()
    }
}

/// Reads the header of an array.
///
/// # Errors
/// Returns an error if it is none, or one of what is not read here.
pub(super) fn header(member: &mut impl Read) -> Result<NpyHeader, FormatProblem> {
    let mut take = |count: u64| -> Result<Vec<u8>, FormatProblem> {
        let mut bytes = Vec::new();
        let read = member.by_ref().take(count).read_to_end(&mut bytes);
        read.map_err(|error| format!("cannot be unpacked: {error}"))?;
        Ok(bytes)
    };
    let begin = take(8)?;
    let (Some(b"\x93NUMPY"), Some(&[major, _])) =
        (begin.get(..6), begin.get(6..).and_then(|rest| rest.first_chunk::<2>()))
    else {
        return Err("no NumPy array: it does not begin as one".into());
    };
    let (width, version) = match major {
        1 => (2, 1),
        2 | 3 => (4, 2),
        _ => return Err(format!("version {major} of NumPy's format is not known").into()),
    };
    let length = take(width)?;
    let mut word = [0; 4];
    length.iter().zip(&mut word).for_each(|(byte, place)| *place = *byte);
    let length = u32::from_le_bytes(word);
    if length > LONGEST_HEADER || (version == 1 && length > u16::MAX.into()) {
        return Err(format!("a header of {length} bytes is none").into());
    }
    let text = String::from_utf8_lossy(&take(length.into())?).into_owned();
    let (kind, shape) = header_of(&text)?;
    Ok(NpyHeader { kind, shape, length: 8 + width + u64::from(length) })
}

/// Returns the type and the dimensions that a header names, a Python dictionary as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
fn header_of(header: &str) -> Result<(Kind, Vec<u32>), String> {
    let value = |key: &str| {
        let after = header.split_once(&format!("'{key}':")).map(|(_, after)| after.trim_start());
        after.ok_or_else(|| format!("its header has no `{key}`"))
    };
    let descr = value("descr")?;
    let Some(descr) = descr.strip_prefix('\'').and_then(|rest| rest.split('\'').next()) else {
        return Err("its elements are records; give an array of numbers".to_owned());
    };
    if descr.contains('O') {
        return Err(
            "it holds pickled Python objects, which are not read; save an array of numbers".to_owned()
        );
    }
    let kind = Kind::of(descr).ok_or_else(|| {
        format!("elements of type `{descr}` are not read; save uint8, float32 or float64, and whole numbers as labels")
    })?;
    if value("fortran_order")?.starts_with("True") {
        return Err("its elements are in Fortran order; save numpy.ascontiguousarray(array)".to_owned());
    }
    let shape = value("shape")?.strip_prefix('(').and_then(|rest| rest.split(')').next()).unwrap_or("?");
    let sides = shape.split(',').map(str::trim).filter(|side| !side.is_empty());
    let sides: Option<Vec<u32>> = sides.map(|side| side.parse().ok()).collect();
    match sides {
        Some(sides) if (1..=4).contains(&sides.len()) => Ok((kind, sides)),
        _ => Err(format!("the dimensions ({shape}) are not read; give 1 to 4, each below 4294967296")),
    }
}
