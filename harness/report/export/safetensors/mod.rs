//! Kept weights for PyTorch: a safetensors file with PyTorch's names and the network's description, and a loader.

use std::collections::HashMap;

use safetensors::{Dtype, SafeTensorError, SafeTensors};
use sha2::{Digest, Sha256};

use super::run_format::{ExportSource, RunFormat, RunWriter, WeightsError};
use crate::event::Epoch;
use crate::recipe::hex;
use crate::record::TrialRecord;

pub(super) const RUNS: RunFormat = RunFormat {
    name: "safetensors",
    about: "Kept weights with PyTorch's names, and network.py, which makes a torch.nn.Module of them",
    source: ExportSource::Runs,
    writer: RunWriter::Weights { convert, loader: ("network.py", include_str!("network.py")) },
};

/// How the name of a tensor of the best epoch begins.
const BEST: &str = "best/";
/// A record keeps so many digits of a tensor's digest.
const SHOWN: usize = 16;

/// Returns a trial's kept weights with the description of its network, once they are what its record says.
fn convert(record: &TrialRecord, content: &[u8]) -> Result<Vec<u8>, WeightsError> {
    let broken = |error: SafeTensorError| WeightsError::Broken { why: error.to_string() };
    let file = SafeTensors::deserialize(content).map_err(broken)?;
    let tested = record.results().kept();
    let best = record.finished.as_ref().and_then(|finished| finished.best_epoch);
    let best = best.and_then(|best| record.epochs.iter().find(|epoch| epoch.epoch == best));
    for (name, view) in file.iter() {
        let (epoch, plain) = match name.strip_prefix(BEST) {
            Some(plain) => (best, plain),
            None => (tested, name),
        };
        let kind = match view.dtype() {
            Dtype::F32 => "Float",
            Dtype::F64 => "Double",
            other => return Err(WeightsError::Broken { why: format!("{name} is of kind {other:?}") }),
        };
        let head = format!("{kind}{:?}\0", view.shape());
        let digest = hex(&Sha256::new().chain_update(head).chain_update(view.data()).finalize());
        if stated(epoch, plain) != digest.get(..SHOWN) {
            return Err(WeightsError::Other { name: name.to_owned() });
        }
    }
    let trial = &record.trial;
    let metadata = HashMap::from([
        // What was read from a record can be written again.
        ("tchbench.experiment", serde_json::to_string(&trial.experiment).unwrap_or_default()),
        ("tchbench.identity", trial.identity.clone()),
        ("tchbench.trial", trial.name()),
    ]);
    let metadata = metadata.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    safetensors::serialize(file.iter(), Some(metadata)).map_err(broken)
}

fn stated<'a>(epoch: Option<&'a Epoch>, name: &str) -> Option<&'a str> {
    epoch?.tensors.get(name).map(String::as_str)
}
