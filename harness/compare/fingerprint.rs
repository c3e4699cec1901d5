//! The machines and software of two records, field by field.

use super::field::{Field, leaves};
use crate::event::Engine;
use crate::record::Fingerprint;

/// Returns every field of the machine and of what computes. The load is left out: it changes no bit and is never the
/// same twice. So are commits and the digests of programs ([`changes`](super::changes)).
pub fn fingerprint(a: &Fingerprint, b: &Fingerprint) -> Vec<Field> {
    let mut fields = Vec::new();
    if let (Ok(a), Ok(b)) = (serde_json::to_value(&a.host), serde_json::to_value(&b.host)) {
        fields.extend(leaves("host", &a, &b));
    }
    let engine = |it: &Fingerprint| serde_json::to_value(Engine { program: None, ..it.engine.clone() });
    if let (Ok(a), Ok(b)) = (engine(a), engine(b)) {
        fields.extend(leaves("engine", &a, &b));
    }
    fields
}
