//! Whether a commit's program is as the good one or as the bad one.

use std::time::Duration;

use super::train::{TrainedSeeds, accuracy_verdict};
use crate::analysis::CommitOutcome;
use crate::app::exit::{Exit, Failure};
use crate::app::workers::Workers;
use crate::compare::{Difference, PairedRatio, Terms, Verdict, fewest_pairs};
use crate::event::Engine;
use crate::recipe::{Environment, Trial};
use crate::record::ProcessPair;
use crate::runner::{Datasets, Fault, Launcher, PairedSide, SideFault, ab};

/// What tells good from bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Criterion {
    /// The time of a step, measured in turn with the good program's.
    #[value(help = "The time of a step is nearer to the bad commit's than to the good one's")]
    Throughput,
    /// Accuracy and loss, tested over all seeds.
    #[value(help = "Accuracy or loss is worse, tested over all seeds of the case")]
    Accuracy,
    /// The trajectory of the first seed.
    #[value(help = "The first seed's trajectory is another than the good commit's")]
    Bits,
}

/// What it takes to try programs on a case.
pub struct TrialRoom<'a> {
    /// The case with each of its seeds.
    pub trials: &'a [Trial],
    /// Where it is computed.
    pub environment: Environment,
    /// The dataset of the case.
    pub datasets: &'a Datasets,
    /// What ends the work.
    pub workers: &'a Workers,
    /// How long two programs are measured before they are looked at, in seconds.
    pub seconds: f64,
    /// On what terms accuracy is compared.
    pub terms: Terms,
    /// How many intervals are looked at altogether, which are to hold at once.
    pub looks: usize,
}

/// What was found of a program, and how.
pub struct Opinion {
    /// As which end it is.
    pub outcome: CommitOutcome,
    /// The time in units of the good program's; `None` if that was not measured.
    pub ratio: Option<PairedRatio>,
    /// Why, for people; may be empty.
    pub reason: String,
}

/// So often are two programs measured, for as long again each time as before.
pub const LOOKS: usize = 4;

/// Tells good from bad, once both ends are known.
pub enum Judge {
    /// The ratio that lies halfway between both ends, and whether the bad one is slower.
    Throughput { halfway: f64, is_slower: bool },
    /// What was trained by the good program, by the bad one, and by each one that was judged since.
    Trained { good: TrainedSeeds, known: Vec<(TrainedSeeds, CommitOutcome)>, criterion: Criterion },
}

impl Judge {
    /// Looks at both ends. Returns what is found of the bad one, too.
    ///
    /// # Errors
    /// Fails if one of them cannot compute, or if no difference is shown between them.
    pub fn begin(
        criterion: Criterion,
        room: &TrialRoom,
        [good, bad]: [&Launcher; 2],
    ) -> Result<(Self, Opinion), Failure> {
        let fails = |fault: Fault, what: &str| match fault {
            Fault::Interrupted => Failure::new(Exit::Interrupted, "interrupted"),
            fault => Failure::new(Exit::TrialFailed, format!("{what}: {fault}")),
        };
        if criterion == Criterion::Throughput {
            let shown = |ratio: &PairedRatio| !matches!(ratio.difference(), Difference::NoneShown(_));
            let measured = room.measure([good, bad], LOOKS, shown)?;
            let ratio = measured.map_err(|SideFault { is_b, fault, .. }| {
                fails(fault, if is_b { "the bad commit's program" } else { "the good commit's program" })
            })?;
            let PairedRatio { ratio: centre, low, high, .. } = ratio;
            if !shown(&ratio) {
                let message = format!(
                    "no difference is shown between both ends: the bad one takes {centre:.4} times as long ({low:.4} to \
                     {high:.4}); give it more --seconds"
                );
                return Err(Failure::new(Exit::Inconclusive, message));
            }
            let judge = Judge::Throughput { halfway: centre.sqrt(), is_slower: centre > 1.0 };
            let opinion = Opinion { outcome: CommitOutcome::Bad, ratio: Some(ratio), reason: String::new() };
            return Ok((judge, opinion));
        }
        let train = |launcher, what| room.train(launcher, criterion)?.map_err(|fault| fails(fault, what));
        let good = train(good, "the good commit's program")?;
        let bad = train(bad, "the bad commit's program")?;
        let same = good.trajectories() == bad.trajectories();
        let verdict = accuracy_verdict(&good, &bad, &room.terms);
        if same || criterion == Criterion::Accuracy && verdict != Verdict::Regressed {
            let found = if same { "the same bits" } else { verdict.name() };
            let message =
                format!("both ends are no different by this test: {found}; give another --by, or seeds");
            return Err(Failure::new(Exit::Inconclusive, message));
        }
        let known = vec![(good.clone(), CommitOutcome::Good), (bad, CommitOutcome::Bad)];
        let opinion = Opinion { outcome: CommitOutcome::Bad, ratio: None, reason: String::new() };
        Ok((Judge::Trained { good, known, criterion }, opinion))
    }

    /// Judges a program. What it cannot compute is skipped.
    ///
    /// # Errors
    /// Fails if it is interrupted, if the good program fails now, or if the machine has no room for a process.
    pub fn judge(
        &mut self,
        room: &TrialRoom,
        good: &Launcher,
        program: &Launcher,
    ) -> Result<Opinion, Failure> {
        let skipped = |fault: Fault| match fault {
            Fault::Interrupted => Err(Failure::new(Exit::Interrupted, "interrupted")),
            fault => Ok(Opinion {
                outcome: CommitOutcome::Skipped,
                ratio: None,
                reason: format!("its program does not compute the case: {fault}"),
            }),
        };
        match self {
            Judge::Throughput { halfway, is_slower } => {
                let is_clear = |ratio: &PairedRatio| ratio.low > *halfway || ratio.high < *halfway;
                match room.measure([good, program], LOOKS, is_clear)? {
                    Ok(ratio) => {
                        let is_bad = (ratio.ratio > *halfway) == *is_slower;
                        let outcome = if is_bad { CommitOutcome::Bad } else { CommitOutcome::Good };
                        let unclear = format!(
                            "its interval holds {halfway:.4}, halfway between both ends; the estimate decides"
                        );
                        let reason = if is_clear(&ratio) { String::new() } else { unclear };
                        Ok(Opinion { outcome, ratio: Some(ratio), reason })
                    }
                    Err(SideFault { is_b: false, fault, .. }) => {
                        let message = format!("the good commit's program: {fault}");
                        Err(Failure::new(Exit::TrialFailed, message))
                    }
                    Err(SideFault { fault, .. }) => skipped(fault),
                }
            }
            Judge::Trained { good, known, criterion } => {
                let trained = match room.train(program, *criterion)? {
                    Ok(trained) => trained,
                    Err(fault) => return skipped(fault),
                };
                let alike = known.iter().find(|(other, _)| other.trajectories() == trained.trajectories());
                let (outcome, reason) = match (alike, *criterion) {
                    (Some((_, outcome)), _) => (*outcome, String::new()),
                    (None, Criterion::Bits | Criterion::Throughput) => (CommitOutcome::Bad, String::new()),
                    (None, Criterion::Accuracy) => of_verdict(accuracy_verdict(good, &trained, &room.terms)),
                };
                known.push((trained, outcome));
                Ok(Opinion { outcome, ratio: None, reason })
            }
        }
    }
}

fn of_verdict(verdict: Verdict) -> (CommitOutcome, String) {
    let outcome = match verdict {
        Verdict::Regressed => CommitOutcome::Bad,
        Verdict::Identical | Verdict::Unchanged | Verdict::Improved => CommitOutcome::Good,
        _ => CommitOutcome::Skipped,
    };
    (outcome, format!("accuracy is {}", verdict.name()))
}

impl TrialRoom<'_> {
    /// Measures two programs in turn until their ratio is clear, at most so often, each time for as long again as before.
    /// Returns the ratio, or which of them failed.
    ///
    /// # Errors
    /// Fails if the machine has no room for a process.
    pub fn measure(
        &self,
        programs: [&Launcher; 2],
        most: usize,
        is_clear: impl Fn(&PairedRatio) -> bool,
    ) -> Result<Result<PairedRatio, SideFault>, Failure> {
        let trial = self.first();
        let [a, b] = programs.map(|launcher| PairedSide { launcher, trial, slowdown: 0.0 });
        let mut pairs: Vec<ProcessPair> = Vec::new();
        let mut looks = 0usize;
        loop {
            let more = self.seconds * f64::from(1u32 << looks.saturating_sub(1).min(8));
            let fewest = fewest_pairs(self.looks).saturating_sub(pairs.len()).max(1);
            let limit = (Duration::from_secs_f64(more), fewest);
            match ab(a, b, limit, self.datasets, &self.workers.interrupt, &mut || ())? {
                Ok(measured) => pairs.extend(measured),
                Err(fault) => return Ok(Err(fault)),
            }
            looks += 1;
            let Some(ratio) = PairedRatio::of(&pairs, self.looks) else {
                let message = "the times of both programs cannot be compared";
                return Err(Failure::new(Exit::Inconclusive, message));
            };
            if looks >= most || is_clear(&ratio) {
                return Ok(Ok(ratio));
            }
        }
    }

    fn first(&self) -> &Trial {
        &self.trials[0]
    }

    /// Trains the case by a program: the first seed, where bits are asked for, else all.
    ///
    /// # Errors
    /// Fails if the machine has no room for a process.
    fn train(
        &self,
        launcher: &Launcher,
        criterion: Criterion,
    ) -> Result<Result<TrainedSeeds, Fault>, Failure> {
        let seeds = if criterion == Criterion::Bits { &self.trials[..1] } else { self.trials };
        let engine: Engine = match launcher.describe(&self.environment, &self.workers.interrupt) {
            Ok(engine) => engine,
            Err(fault) => return Ok(Err(fault)),
        };
        TrainedSeeds::train(seeds, launcher, &engine, self.datasets, &self.workers.interrupt)
    }
}
