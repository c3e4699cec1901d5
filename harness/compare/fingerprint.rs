//! The machines and software of two records, field by field.

use super::field::{Field, leaves};
use crate::record::Fingerprint;

/// Returns every field of the machine and of what computes. The load is left out: it changes no bit and is never the
/// same twice.
pub fn fingerprint(a: &Fingerprint, b: &Fingerprint) -> Vec<Field> {
    let mut fields = Vec::new();
    if let (Ok(a), Ok(b)) = (serde_json::to_value(&a.host), serde_json::to_value(&b.host)) {
        fields.extend(leaves("host", &a, &b));
    }
    if let (Ok(a), Ok(b)) = (serde_json::to_value(&a.engine), serde_json::to_value(&b.engine)) {
        fields.extend(leaves("engine", &a, &b));
    }
    fields
}
