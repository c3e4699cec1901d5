//! How often a verdict on throughput is wrong on a machine whose measurements differ without a change,
//! in some cases more than in others; and what slowdown is found.

#![allow(clippy::unwrap_used)]

#[path = "support/records.rs"]
mod records;
#[path = "support/sides.rs"]
#[allow(dead_code)]
mod sides;

use sides::{case, side, terms};
use tchbench::compare::{CaseFinding, Noise, Terms, Verdict, diff};
use tchbench::record::{Baseline, CalibratedCase, Method, Throughput};
use tchbench::rng::{Purpose, Stream};

/// Processes of a measurement.
const PROCESSES: usize = 14;
/// Measurements of each kind in a calibration.
const REPEATS: usize = 5;
/// Comparisons in a setting.
const COMPARISONS: usize = 400;
/// 5 % of them, and four standard errors.
const MOST: usize = 37;

/// Measurements of cases whose times differ by `spreads` from one measurement to another, as standard
/// deviations of their logarithms, and by 0.5 % from process to process.
struct Machine<'a> {
    spreads: &'a [f64],
    stream: Stream,
}

impl Machine<'_> {
    fn measurement(&mut self, index: usize, seconds: f64) -> Throughput {
        let session = self.spreads[index] * self.stream.normal();
        let mut process = || vec![seconds * (session + 0.005 * self.stream.normal()).exp()];
        Throughput {
            attempt: 1,
            slowdown: 0.0,
            method: Method { processes: PROCESSES as u32, rounds: 1, round_seconds: 0.05, seed: 1 },
            step_seconds: (0..PROCESSES).map(|_| process()).collect(),
            calibration_seconds: vec![vec![0.001]; PROCESSES],
        }
    }

    fn calibrated(&mut self) -> Vec<CalibratedCase> {
        let cases = self.spreads.len();
        let one = |index| CalibratedCase {
            trial: case(&format!("case-{index}"), &[]).trial,
            plain: (0..REPEATS).map(|_| self.measurement(index, 1.0)).collect(),
            slowed: (0..REPEATS).map(|_| self.measurement(index, 1.05)).collect(),
        };
        (0..cases).map(one).collect()
    }

    /// So many attempts of each case; of the first case, steps that take `first` times as long.
    fn side(&mut self, attempts: usize, first: f64) -> Baseline {
        let cases = self.spreads.len();
        let one = |index| {
            let mut found = case(&format!("case-{index}"), &[]);
            let seconds = if index == 0 { first } else { 1.0 };
            found.throughput = (0..attempts).map(|_| self.measurement(index, seconds)).collect();
            found
        };
        side((0..cases).map(one).collect())
    }
}

/// How many comparisons, each of a machine calibrated anew and with a baseline of its own, have what.
#[derive(Debug, Default)]
struct ComparisonCounts {
    some_regressed: usize,
    some_improved: usize,
    some_inconclusive: usize,
    first_regressed: usize,
}

fn count(spreads: &[f64], first: f64) -> ComparisonCounts {
    let mut machine = Machine { spreads, stream: Stream::new(41, Purpose::Probe, spreads.len() as u64) };
    let mut counts = ComparisonCounts::default();
    for _ in 0..COMPARISONS {
        let terms = Terms { noise: Noise::of(&machine.calibrated()).unwrap(), ..terms() };
        let (old, new) = (machine.side(1, 1.0), machine.side(2, first));
        let found = diff(&[(old, new)], &terms);
        let is = |one: &CaseFinding, verdict| one.throughput.verdict == verdict;
        let some = |verdict| usize::from(found.iter().any(|one| is(one, verdict)));
        counts.some_regressed += some(Verdict::Regressed);
        counts.some_improved += some(Verdict::Improved);
        counts.some_inconclusive += some(Verdict::Inconclusive);
        counts.first_regressed += usize::from(is(&found[0], Verdict::Regressed));
    }
    println!("{spreads:?}, the first times {first}: {counts:?} of {COMPARISONS}");
    counts
}

const QUIET: f64 = 0.005;
const NOISY: f64 = 0.03;

/// Twelve cases, of which the last so many are noisy.
fn with_noisy(noisy: usize) -> [f64; 12] {
    std::array::from_fn(|index| if index < 12 - noisy { QUIET } else { NOISY })
}

#[test]
fn an_unchanged_program_is_seldom_called_slower_or_faster_however_unlike_its_cases_are() {
    for noisy in [0, 1, 2] {
        let counts = count(&with_noisy(noisy), 1.0);
        assert!(counts.some_regressed <= MOST && counts.some_improved <= MOST, "{noisy} noisy: {counts:?}");
        assert!(counts.some_inconclusive <= MOST, "{noisy} noisy: {counts:?}");
    }
}

/// A noisy case does not hide what a quiet one shows.
#[test]
fn a_slowdown_of_5_percent_is_found_in_a_quiet_case() {
    for noisy in [0, 2] {
        let counts = count(&with_noisy(noisy), 1.05);
        assert!(counts.first_regressed >= COMPARISONS * 95 / 100, "{noisy} noisy: {counts:?}");
    }
}

/// A case that the calibration does not have is as noisy as its noisiest.
#[test]
fn a_case_that_was_not_calibrated_is_taken_for_a_noisy_one() {
    let spreads = with_noisy(1);
    let mut machine = Machine { spreads: &spreads, stream: Stream::new(43, Purpose::Probe, 0) };
    let mut calibrated = machine.calibrated();
    calibrated.remove(0);
    let noise = Noise::of(&calibrated).unwrap();
    let largest = noise.largest_floor();
    let found = diff(&[(machine.side(1, 1.0), machine.side(1, 1.0))], &Terms { noise, ..terms() });
    let threshold = |index: usize| found[index].throughput.figures.unwrap().threshold;
    assert!(largest > 0.05, "{largest}");
    assert_eq!((threshold(0), threshold(11)), (largest, largest));
    assert!(threshold(1) < 0.04, "{}", threshold(1));
}
