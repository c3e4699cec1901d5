//! How often verdicts on accuracy and loss are wrong, by simulation: whatever two sides share, whether or not seeds
//! diverge, by pairs and by groups.

#![allow(clippy::unwrap_used)]

#[path = "support/records.rs"]
mod records;
#[path = "support/sides.rs"]
#[allow(dead_code)]
mod sides;

use sides::{case, side, terms};
use tchbench::compare::{Across, CaseFinding, Terms, Verdict, diff};
use tchbench::record::{CaseResults, Status};
use tchbench::rng::{Purpose, Stream};

/// How a case's seeds are spread, and what the run does to them.
#[derive(Clone, Copy)]
struct World {
    seeds: usize,
    cases: usize,
    /// How far seeds spread, in units of what MNIST's do.
    spread: f64,
    /// The correlation of the two values of a pair.
    shared: f64,
    /// The probability that a seed diverges, on either side.
    diverging: f64,
    /// Whether the run is worse by exactly both margins.
    at_margin: bool,
}

/// Accuracies of 97.8 % that deviate by 0.15 points, and losses of 0.07 that go with them and deviate by 4 %, or so many times as
/// far.
fn pair(stream: &mut Stream, world: World) -> [Option<(f64, f64)>; 2] {
    let (common, more) = (world.shared.sqrt(), (1.0 - world.shared).sqrt());
    let both: [f64; 3] = std::array::from_fn(|_| stream.normal());
    let mut one = |worse: bool| {
        let [chance, noise, luck] = both.map(|both| common * both + more * stream.normal());
        let (accuracy, loss) =
            (0.978 + world.spread * 0.0015 * chance, 0.07 * (world.spread * 0.03 * (noise - chance)).exp());
        // P(luck < -1.645) is 5 %, and so on.
        let threshold = [(0.05, -1.644854), (0.02, -2.053749), (0.01, -2.326348)];
        let diverges = threshold.iter().any(|(p, z)| *p == world.diverging && luck < *z);
        let score = if worse { (accuracy - 0.005, loss * 1.1) } else { (accuracy, loss) };
        (!diverges).then_some(score)
    };
    [one(false), one(world.at_margin)]
}

fn named(index: usize, scores: &[Option<(f64, f64)>]) -> CaseResults {
    let well: Vec<(f64, f64)> = scores.iter().map(|score| score.unwrap_or((0.0, 0.0))).collect();
    let mut found = case(&format!("case-{index}"), &well);
    for (seed, _) in found.seeds.iter_mut().zip(scores).filter(|(_, score)| score.is_none()) {
        (seed.status, seed.loss, seed.accuracy) = (Some(Status::Diverged), None, None);
    }
    found
}

fn compare(old: Vec<CaseResults>, mut new: Vec<CaseResults>, terms: &Terms) -> Vec<CaseFinding> {
    // No two trajectories are the same, though scores may be.
    for seed in new.iter_mut().flat_map(|case| &mut case.seeds) {
        seed.trajectory = Some(format!("run {:?}", seed.trajectory));
    }
    diff(&[(side(old), side(new))], terms)
}

/// In how many of so many comparisons some case has this verdict, and how many cases have it.
fn families(count: usize, world: World, verdict: Verdict) -> (usize, usize) {
    let mut stream = Stream::new(41, Purpose::Probe, (world.shared * 1e3 + world.diverging * 1e5) as u64);
    let (mut families, mut cases) = (0, 0);
    for _ in 0..count {
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for index in 0..world.cases {
            let (olds, news): (Vec<_>, Vec<_>) =
                (0..world.seeds).map(|_| pair(&mut stream, world)).map(|[old, new]| (old, new)).unzip();
            old.push(named(index, &olds));
            new.push(named(index, &news));
        }
        // A row of all cases is another test, with its own error rate.
        let found = compare(old, new, &Terms { suite_margin: 0.9, ..terms() });
        let such = found.iter().filter(|finding| finding.accuracy.verdict == verdict).count();
        families += usize::from(such > 0);
        cases += such;
    }
    (families, cases)
}

/// 5 % of so many comparisons, and four standard errors.
fn most(count: usize) -> usize {
    let expected = 0.05 * count as f64;
    (expected + 4.0 * (expected * 0.95).sqrt()) as usize
}

const COUNT: usize = 200;
/// What two sides share, and how often a seed diverges.
const WORLDS: [(f64, f64); 8] =
    [(0.0, 0.0), (0.3, 0.0), (0.9, 0.0), (1.0, 0.0), (0.0, 0.01), (0.3, 0.02), (0.0, 0.05), (1.0, 0.05)];

fn hold(seeds: usize, cases: usize, worlds: &[(f64, f64)]) {
    for &(shared, diverging) in worlds {
        let world = World { seeds, cases, spread: 1.0, shared, diverging, at_margin: false };
        let (regressed, _) = families(COUNT, world, Verdict::Regressed);
        let (unchanged, _) = families(COUNT, World { at_margin: true, ..world }, Verdict::Unchanged);
        println!(
            "{cases} cases of {seeds} seeds, {shared} shared, {diverging} diverging: of {COUNT}, {regressed} without a \
             change call one regressed, {unchanged} at the margin call one unchanged"
        );
        assert!(regressed <= most(COUNT) && unchanged <= most(COUNT), "{regressed} {unchanged}");
    }
}

#[test]
fn by_pairs_at_most_5_percent_of_comparisons_are_wrong() {
    hold(10, 12, &WORLDS);
}

#[test]
fn by_groups_at_most_5_percent_of_comparisons_are_wrong() {
    hold(5, 8, &WORLDS);
}

#[test]
fn of_few_seeds_at_most_5_percent_of_comparisons_are_wrong() {
    // Seeds that diverge, and seeds that agree: of two, nothing else says anything.
    hold(2, 12, &[(1.0, 0.0), (0.0, 0.05), (1.0, 0.05)]);
}

/// Accuracies that spread by three margins, of which two sides share all but a thousandth of the variance: of groups, the
/// error of ten seeds alone is more than the margin.
#[test]
fn pairs_show_what_groups_cannot() {
    let world = World { seeds: 10, cases: 12, spread: 10.0, shared: 0.999, diverging: 0.0, at_margin: false };
    let (_, unchanged) = families(50, world, Verdict::Unchanged);
    println!("{unchanged} of 600 unchanged");
    assert!(unchanged >= 570, "{unchanged}");
}

/// However few the seeds, and however far they spread.
#[test]
fn what_differs_by_rounding_is_unchanged() {
    let mut stream = Stream::new(43, Purpose::Probe, 0);
    for seeds in [1, 2, 3, 4, 5, 7, 10, 20] {
        for cases in [1, 12] {
            let (mut old, mut new) = (Vec::new(), Vec::new());
            for index in 0..cases {
                let mut scores = Vec::new();
                for _ in 0..seeds {
                    scores.push(Some((0.5 + 0.1 * stream.normal(), 0.9 + 0.1 * stream.normal())));
                }
                let mut rounded = scores.clone();
                for (_, loss) in rounded.iter_mut().flatten() {
                    *loss += 1e-6 * (2.0 * stream.unit() - 1.0);
                }
                old.push(named(index, &scores));
                new.push(named(index, &rounded));
            }
            let found = compare(old, new, &terms());
            for finding in &found {
                assert_eq!(finding.accuracy.verdict, Verdict::Unchanged, "{seeds} {cases} {finding:?}");
                let told = &finding.accuracy.reasons[0];
                assert!(
                    told.starts_with("the same but for rounding: no seed's loss differs by more"),
                    "{told}"
                );
            }
        }
    }
}

/// Losses that are worse by the margin on average and spread such that pairs agree by chance most often.
#[test]
fn what_is_worse_by_the_margin_does_not_pass_for_rounding() {
    const COUNT: usize = 300;
    let mut stream = Stream::new(44, Purpose::Probe, 0);
    for (seeds, spread) in [(1, 1.0), (2, 1.0), (1, 0.0), (2, 0.0)] {
        let mut wrong = 0;
        for _ in 0..COUNT {
            let (mut old, mut new) = (Vec::new(), Vec::new());
            for index in 0..12 {
                let scores: Vec<_> = (0..seeds).map(|_| Some((0.9, 0.3 + 0.01 * stream.normal()))).collect();
                let worse = |score: &Option<(f64, f64)>| {
                    score.map(|(accuracy, loss)| (accuracy, loss * (1.1 + 0.1 * spread * stream.normal())))
                };
                new.push(named(index, &scores.iter().map(worse).collect::<Vec<_>>()));
                old.push(named(index, &scores));
            }
            let found = compare(old, new, &Terms { suite_margin: 0.9, ..terms() });
            wrong += usize::from(found.iter().any(|one| one.accuracy.verdict == Verdict::Unchanged));
        }
        println!("{seeds} seeds, {spread} margins: {wrong} of {COUNT} call one unchanged");
        assert!(wrong <= most(COUNT), "{wrong}");
    }
}

/// A case of ten seeds and three others, of which either side may spread three times as far.
fn unlike(
    count: usize,
    cases: usize,
    [old_spread, new_spread]: [f64; 2],
    worse: f64,
    verdict: Verdict,
) -> usize {
    let mut stream = Stream::new(45, Purpose::Probe, (old_spread * 8.0 + new_spread) as u64);
    let terms = Terms { across: Across::new(&["seed".to_owned()]).unwrap(), suite_margin: 0.9, ..terms() };
    let has = |_: &usize| {
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for index in 0..cases {
            let mut drawn = |seeds: usize, spread: f64, worse: f64| -> Vec<Option<(f64, f64)>> {
                let one = |_| {
                    let (chance, noise) = (spread * stream.normal(), spread * stream.normal());
                    Some((0.978 - 0.005 * worse + 0.0015 * chance, 0.07 * (1.0 + 0.1 * worse + 0.03 * noise)))
                };
                (0..seeds).map(one).collect()
            };
            old.push(named(index, &drawn(10, old_spread, 0.0)));
            let mut three = named(index, &drawn(3, new_spread, worse));
            three.seeds.iter_mut().for_each(|seed| seed.seed += 100);
            new.push(three);
        }
        compare(old, new, &terms).iter().any(|finding| finding.accuracy.verdict == verdict)
    };
    (0..count).filter(has).count()
}

#[test]
fn unequal_numbers_of_seeds_with_unequal_spread_are_wrong_in_at_most_5_percent() {
    for cases in [1, 8] {
        for spreads in [[1.0, 1.0], [1.0, 3.0], [3.0, 1.0]] {
            let regressed = unlike(COUNT, cases, spreads, 0.0, Verdict::Regressed);
            let unchanged = unlike(COUNT, cases, spreads, 1.0, Verdict::Unchanged);
            println!(
                "{cases} cases, spread {spreads:?}: {regressed} regressed, {unchanged} unchanged of {COUNT}"
            );
            assert!(regressed <= most(COUNT) && unchanged <= most(COUNT), "{regressed} {unchanged}");
        }
    }
    let found = unlike(100, 1, [1.0, 1.0], 4.0, Verdict::Regressed);
    assert!(found >= 90, "{found} of 100 that are worse by four margins");
}

/// A comparison with as many seeds as one that was inconclusive advised, of which `shared` is common to both sides.
fn advised(count: usize, shared: f64, other_seeds: bool) -> (usize, usize) {
    let mut stream = Stream::new(46, Purpose::Probe, (shared * 1e3) as u64);
    let across = if other_seeds { vec!["seed".to_owned()] } else { Vec::new() };
    let terms = Terms { across: Across::new(&across).unwrap(), ..terms() };
    let mut run = |seeds: usize| {
        let mut scores = [Vec::new(), Vec::new()];
        for _ in 0..seeds {
            let both: [f64; 2] = std::array::from_fn(|_| stream.normal());
            for side in &mut scores {
                let [a, b] = both.map(|both| shared.sqrt() * both + (1.0 - shared).sqrt() * stream.normal());
                side.push(Some((0.9 + 0.005 * a, 0.3 * (1.0 + 0.1 * b))));
            }
        }
        let [old, mut new] = scores.map(|scores| named(0, &scores));
        new.seeds.iter_mut().for_each(|seed| seed.seed += if other_seeds { 1_000 } else { 0 });
        compare(vec![old], vec![new], &terms).remove(0).accuracy
    };
    let (mut asked, mut shown) = (0, 0);
    while asked < count {
        let pilot = run(5);
        let reason = pilot.reasons.last().cloned().unwrap_or_default();
        let Some((_, rest)) = reason.split_once("about ") else { continue };
        let seeds: usize = rest.split(' ').next().unwrap().parse().unwrap();
        asked += 1;
        shown += usize::from(matches!(run(seeds).verdict, Verdict::Unchanged | Verdict::Improved));
    }
    (asked, shown)
}

#[test]
fn as_many_seeds_as_advised_show_it_in_90_percent() {
    for (shared, other_seeds) in [(0.0, true), (0.0, false), (0.9, false)] {
        let (asked, shown) = advised(150, shared, other_seeds);
        println!("{shared} shared, other seeds: {other_seeds}: shown in {shown} of {asked}");
        // 90 % less four standard errors.
        assert!(
            shown as f64 >= asked as f64 * 0.9 - 4.0 * (asked as f64 * 0.09).sqrt(),
            "{shown} of {asked}"
        );
    }
}
