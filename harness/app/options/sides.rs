//! Sides as a user writes them.

/// Returns `N` whole numbers with `x` between them, as in `14x14`; `None` of another text.
pub fn sides<const N: usize>(text: &str) -> Option<[u32; N]> {
    let sides: Option<Vec<u32>> = text.split('x').map(|side| side.parse().ok()).collect();
    sides?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_as_many_as_are_asked_for() {
        assert_eq!(sides("14x7"), Some([14, 7]));
        assert_eq!(sides("3x14x7"), Some([3, 14, 7]));
        for other in ["14", "14x", "x7", "14 x 7", "-1x7", "14x7x3", "4294967296x1"] {
            assert_eq!(sides::<2>(other), None, "{other}");
        }
    }
}
