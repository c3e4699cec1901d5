//! What an A/B comparison of throughput left: every raw sample.

use serde::{Deserialize, Serialize};

use super::fingerprint::Host;
use super::format::Format;
use super::measurement::Round;
use crate::event::Engine;
use crate::recipe::{Environment, Name};

/// `tchbench ab --out FILE`: two programs or settings, measured in turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    /// The version of this file.
    pub format: Format,
    /// The one that is compared with.
    pub a: Side,
    /// The one that is compared.
    pub b: Side,
    /// The cases that were measured.
    pub cases: Vec<PairedCase>,
    /// The machine that measured.
    pub host: Host,
    /// When it began, in UTC.
    pub began: jiff::Timestamp,
}

/// One side of an A/B comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// The path of the program.
    pub program: String,
    /// Where and how it computes.
    pub environment: Environment,
    /// Busy work put in after every step, as a fraction of a step; 0 but for validation.
    pub slowdown: f64,
    /// What computes in its environment.
    pub engine: Engine,
}

/// A case, measured on both sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairedCase {
    /// The name of the suite.
    pub suite: Name,
    /// The name of the case.
    pub case: Name,
    /// The seed of its trial.
    pub seed: u64,
    /// Fresh processes, a pair after the other: the unit of replication.
    pub pairs: Vec<ProcessPair>,
}

/// A fresh process of each side, alive together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessPair {
    /// Whether both were steady when the first block began.
    pub steady: bool,
    /// The blocks of rounds, one after the other.
    pub blocks: Vec<Block>,
}

/// Two rounds of each side, all of as many steps, in the order A B B A or B A A B, so that what
/// drifts evenly cancels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Whether it was B that had the first and the last turn.
    pub b_outside: bool,
    /// The rounds of A, in order.
    pub a: [Round; 2],
    /// The rounds of B, in order.
    pub b: [Round; 2],
}
