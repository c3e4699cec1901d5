//! Two programs or settings in turn, so near in time that what disturbs one disturbs the other.

use std::time::{Duration, Instant};

use super::datasets::Datasets;
use super::fault::Fault;
use super::interrupt::Interrupt;
use super::plan::Error;
use super::protocol::Request;
use super::timed_worker::{TimedWorker, request};
use super::worker::Launcher;
use crate::recipe::Trial;
use crate::record::{Block, ProcessPair};

/// What a round lasts, in seconds.
const ROUND_SECONDS: f64 = 0.02;
/// Blocks of four rounds a pair of processes. Processes differ more from each other than blocks do:
/// time is better spent on more pairs.
const BLOCKS: u32 = 8;
/// One side, ready to be measured on a case.
#[derive(Clone, Copy)]
pub struct PairedSide<'a> {
    /// What starts its workers.
    pub launcher: &'a Launcher,
    /// The case, with one seed, in this side's environment.
    pub trial: &'a Trial,
    /// Busy work after every step, as a fraction of a step.
    pub slowdown: f64,
}

/// Which side failed, and how.
#[derive(Debug)]
pub struct SideFault {
    /// Whether it was B that failed.
    pub is_b: bool,
    /// Whether it had not yet said that it was ready.
    pub early: bool,
    /// How that side failed.
    pub fault: Fault,
}

/// Measures a case on both sides: as many pairs of fresh processes as fit into `limit.0`, and at least
/// `limit.1`. `tick` is called after each pair. Which side starts first alternates from pair to pair, which
/// one has the outer turns from block to block. Returns the pairs, or which side failed.
///
/// The thread that calls this must live as long as the process.
///
/// # Errors
/// Fails if the data at hand are not the trial's, or if the machine has no room for a process.
pub fn ab(
    a: PairedSide,
    b: PairedSide,
    (limit, fewest): (Duration, usize),
    datasets: &Datasets,
    interrupt: &Interrupt,
    tick: &mut dyn FnMut(),
) -> Result<Result<Vec<ProcessPair>, SideFault>, Error> {
    let requests = [request(a.trial, datasets)?, request(b.trial, datasets)?];
    let began = Instant::now();
    let mut pairs = Vec::new();
    let mut steps = None;
    loop {
        let b_first = pairs.len() % 2 == 1;
        match pair(&[a, b], &requests, b_first, &mut steps, interrupt) {
            Ok(pair) => pairs.push(pair),
            Err(SideFault { fault: fault @ Fault::Shortage(_), .. }) => return Err(Error::Shortage(fault)),
            Err(fault) => return Ok(Err(fault)),
        }
        tick();
        let elapsed = began.elapsed().as_secs_f64();
        let done = pairs.len();
        if done >= fewest && elapsed * (done + 1) as f64 / done as f64 > limit.as_secs_f64() {
            return Ok(Ok(pairs));
        }
    }
}

const A: usize = 0;
const B: usize = 1;

fn pair(
    sides: &[PairedSide; 2],
    requests: &[Request; 2],
    b_first: bool,
    steps: &mut Option<u32>,
    interrupt: &Interrupt,
) -> Result<ProcessPair, SideFault> {
    let at = |side: usize, early: bool| move |fault| SideFault { is_b: side == B, early, fault };
    let start = |side: usize| {
        let PairedSide { launcher, trial, .. } = sides[side];
        TimedWorker::start(launcher, &requests[side], trial, interrupt).map_err(at(side, true))
    };
    let order = if b_first { [B, A] } else { [A, B] };
    let first = start(order[0])?;
    let second = start(order[1])?;
    let mut sessions = if b_first { [second, first] } else { [first, second] };
    for side in order {
        sessions[side].ready().map_err(at(side, true))?;
    }
    let mut steady = true;
    for side in order {
        let warmup = sessions[side].warm_up(ROUND_SECONDS, *steps, sides[side].slowdown);
        steady &= warmup.map_err(at(side, false))?.steady;
        // All rounds of a case are of as many steps.
        *steps = Some(sessions[side].steps());
    }
    let mut blocks = Vec::new();
    for block in 0..BLOCKS {
        let b_outside = (block % 2 == 1) != b_first;
        let mut round = |side: usize| sessions[side].round().map_err(at(side, false));
        let (outer, inner) = if b_outside { (B, A) } else { (A, B) };
        let o1 = round(outer)?;
        let i1 = round(inner)?;
        let i2 = round(inner)?;
        let o2 = round(outer)?;
        let (a, b) = if b_outside { ([i1, i2], [o1, o2]) } else { ([o1, o2], [i1, i2]) };
        blocks.push(Block { b_outside, a, b });
    }
    Ok(ProcessPair { steady, blocks })
}
