//! Values in memory that this process owns, or that it shares with others.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use bytemuck::Pod;
use memmap2::Mmap;

/// Values that are owned, or part of a memory map that workers share. A clone of the latter copies nothing.
#[derive(Clone, Debug)]
pub enum Buffer<T> {
    /// Values that this process owns.
    Owned(Vec<T>),
    /// A part of a map.
    Mapped(MappedPart<T>),
}

/// A part of a memory map that holds values of one type, aligned as they must be.
#[derive(Clone, Debug)]
pub struct MappedPart<T> {
    map: Arc<Mmap>,
    bytes: Range<usize>,
    values: PhantomData<T>,
}

impl<T: Pod> Buffer<T> {
    /// Returns the values at these bytes of a map. Returns `None` if they do not lie within it, whole and aligned.
    pub(super) fn mapped(map: &Arc<Mmap>, bytes: Range<usize>) -> Option<Self> {
        bytemuck::try_cast_slice::<u8, T>(map.get(bytes.clone())?).ok()?;
        Some(Buffer::Mapped(MappedPart { map: Arc::clone(map), bytes, values: PhantomData }))
    }

    /// Returns the values, wherever they are.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Buffer::Owned(values) => values,
            // Checked when it was mapped.
            Buffer::Mapped(part) => bytemuck::cast_slice(&part.map[part.bytes.clone()]),
        }
    }

    /// Returns the values as bytes, in this machine's order.
    pub(super) fn as_bytes(&self) -> &[u8] {
        bytemuck::cast_slice(self.as_slice())
    }
}
