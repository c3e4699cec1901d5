//! Which part of a plan one of several machines trains.

use std::env;
use std::fmt;
use std::str::FromStr;

use crate::app::exit::{Exit, Failure};
use crate::terminal::tell;

/// A plan is split into so many parts at most.
const MOST: u32 = 100_000;

/// Which part of a plan is trained.
#[derive(Clone, Debug, clap::Args)]
pub struct ShardOptions {
    /// Train this part of the trials, as in 2/8; `auto` or `auto/8` takes it from the job array that this is a task of.
    /// `merge` makes one run of all parts
    #[arg(id = "shard", long = "shard", value_name = "I/N")]
    choice: Option<ShardChoice>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ShardChoice {
    This(ShardNumber),
    Auto(Option<u32>),
}

/// The number of a part, from 1, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardNumber {
    /// The number of the part, from 1.
    pub index: u32,
    /// The number of parts.
    pub count: u32,
}

impl fmt::Display for ShardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for ShardChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted =
            || format!("give i/n with i from 1 to n and n up to {MOST}, as in 2/8, or auto, or auto/8");
        let count = |text: &str| text.parse().ok().filter(|count| (1..=MOST).contains(count));
        match text.split_once('/') {
            None if text == "auto" => Ok(ShardChoice::Auto(None)),
            Some(("auto", all)) => count(all).map(|all| ShardChoice::Auto(Some(all))).ok_or_else(wanted),
            Some((index, all)) => {
                let count: u32 = count(all).ok_or_else(wanted)?;
                let index = index.parse().ok().filter(|index| (1..=count).contains(index));
                index.map(|index| ShardChoice::This(ShardNumber { index, count })).ok_or_else(wanted)
            }
            None => Err(wanted()),
        }
    }
}

impl ShardOptions {
    /// Returns which part is to be trained; `None` if all of the plan is.
    ///
    /// # Errors
    /// Fails if it is to be taken from a job array, and the environment does not say.
    pub fn number(&self) -> Result<Option<ShardNumber>, Failure> {
        match self.choice {
            None => Ok(None),
            Some(ShardChoice::This(number)) => Ok(Some(number)),
            Some(ShardChoice::Auto(count)) => {
                let (number, variable) = of_task(count, |name| env::var(name).ok())
                    .map_err(|why| Failure::new(Exit::Usage, format!("--shard auto: {why}")))?;
                tell!("note: shard {number}, by {variable}");
                Ok(Some(number))
            }
        }
    }
}

/// How an engine tells a task which of several it is.
struct JobArray {
    index: &'static str,
    /// The variable that holds the number of tasks; `None` where the engine does not say.
    count: Option<&'static str>,
    /// The index of the first task, or the variable that holds it.
    first: First,
}

enum First {
    Is(u32),
    In(&'static str),
}

/// The engines, the innermost first: a task of Slurm may be started by a job of a CI.
const JOB_ARRAYS: [JobArray; 5] = [
    JobArray {
        index: "SLURM_ARRAY_TASK_ID",
        count: Some("SLURM_ARRAY_TASK_COUNT"),
        first: First::In("SLURM_ARRAY_TASK_MIN"),
    },
    // Kubernetes counts from 0, and does not say to where.
    JobArray { index: "JOB_COMPLETION_INDEX", count: None, first: First::Is(0) },
    // GitLab counts from 1.
    JobArray { index: "CI_NODE_INDEX", count: Some("CI_NODE_TOTAL"), first: First::Is(1) },
    // CircleCI and Buildkite count from 0.
    JobArray { index: "CIRCLE_NODE_INDEX", count: Some("CIRCLE_NODE_TOTAL"), first: First::Is(0) },
    JobArray {
        index: "BUILDKITE_PARALLEL_JOB",
        count: Some("BUILDKITE_PARALLEL_JOB_COUNT"),
        first: First::Is(0),
    },
];

/// Returns the part that the task of an engine does, with the variable that says so. `count` is how many parts are asked for.
fn of_task(
    count: Option<u32>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<(ShardNumber, String), String> {
    let Some((engine, text)) = JOB_ARRAYS.iter().find_map(|engine| Some((engine, variable(engine.index)?)))
    else {
        let names: Vec<&str> = JOB_ARRAYS.iter().map(|engine| engine.index).collect();
        return Err(format!("none of {} is set; give --shard i/n", names.join(", ")));
    };
    let number = |name: &str| -> Result<Option<u32>, String> {
        let Some(text) = variable(name) else { return Ok(None) };
        let wrong = |_| format!("{name} is `{text}`, which is no number; give --shard i/n");
        text.trim().parse().map(Some).map_err(wrong)
    };
    let given = format!("{}={text}", engine.index);
    let index = number(engine.index)?.unwrap_or(0);
    let total = engine.count.unwrap_or_default();
    let told = engine.count.map_or(Ok(None), number)?;
    let all = match (count, told) {
        (Some(count), Some(told)) if count != told => {
            return Err(format!("{count} shards are asked for, but {total} is {told}; give --shard i/n"));
        }
        (Some(count), _) | (None, Some(count)) => count,
        (None, None) => {
            return Err(format!("{given} does not say how many tasks there are; give --shard auto/n"));
        }
    };
    let (first, step) = match engine.first {
        First::Is(first) => (first, 1),
        First::In(name) => (number(name)?.unwrap_or(0), array_step(all, &number)?),
    };
    if count.is_none() && all == 1 && first > 1 {
        return Err(format!(
            "{given} is the only task of its array; give --shard i/n with that of the others"
        ));
    }
    let place = index.checked_sub(first).filter(|place| place % step == 0).map(|place| place / step);
    match place.filter(|place| *place < all.min(MOST)) {
        Some(place) => Ok((ShardNumber { index: place + 1, count: all }, given)),
        None => Err(format!("{given} is none of {all} tasks from {first} on; give --shard i/n")),
    }
}

/// Returns the step between the indices of a Slurm array.
fn array_step(all: u32, number: &impl Fn(&str) -> Result<Option<u32>, String>) -> Result<u32, String> {
    let step = number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1).max(1);
    let least = number("SLURM_ARRAY_TASK_MIN")?;
    let most = number("SLURM_ARRAY_TASK_MAX")?;
    if let (Some(least), Some(most)) = (least, most)
        && most.saturating_sub(least) != all.saturating_sub(1).saturating_mul(step)
    {
        return Err(format!(
            "the array has {all} tasks from {least} to {most}, which are no even range; give --shard i/n"
        ));
    }
    Ok(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_given_as_i_of_n() {
        let this = |index, count| Ok(ShardChoice::This(ShardNumber { index, count }));
        assert_eq!("2/8".parse(), this(2, 8));
        assert_eq!("1/1".parse(), this(1, 1));
        assert_eq!("auto".parse(), Ok(ShardChoice::Auto(None)));
        assert_eq!("auto/8".parse(), Ok(ShardChoice::Auto(Some(8))));
        for wrong in ["", "3", "0/2", "3/2", "1/0", "a/b", "1/2/3", "auto/0", "-1/2", "1/200000"] {
            assert!(wrong.parse::<ShardChoice>().unwrap_err().contains("as in 2/8"), "{wrong}");
        }
    }

    fn task(count: Option<u32>, variables: &[(&str, &str)]) -> Result<String, String> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        of_task(count, variable).map(|(number, by)| format!("{number} by {by}"))
    }

    #[test]
    fn engines_count_from_0_or_1_and_slurm_from_where_it_says() {
        let slurm = |id, count, min, max, step| {
            vec![
                ("SLURM_ARRAY_TASK_ID", id),
                ("SLURM_ARRAY_TASK_COUNT", count),
                ("SLURM_ARRAY_TASK_MIN", min),
                ("SLURM_ARRAY_TASK_MAX", max),
                ("SLURM_ARRAY_TASK_STEP", step),
            ]
        };
        assert_eq!(task(None, &slurm("0", "4", "0", "3", "1")).unwrap(), "1/4 by SLURM_ARRAY_TASK_ID=0");
        assert_eq!(task(None, &slurm("4", "4", "1", "4", "1")).unwrap(), "4/4 by SLURM_ARRAY_TASK_ID=4");
        assert_eq!(task(Some(3), &slurm("9", "3", "5", "9", "2")).unwrap(), "3/3 by SLURM_ARRAY_TASK_ID=9");
        let kubernetes = [("JOB_COMPLETION_INDEX", "0")];
        assert_eq!(task(Some(4), &kubernetes).unwrap(), "1/4 by JOB_COMPLETION_INDEX=0");
        let gitlab = [("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "3")];
        assert_eq!(task(None, &gitlab).unwrap(), "1/3 by CI_NODE_INDEX=1");
        let circle = [("CIRCLE_NODE_INDEX", "1"), ("CIRCLE_NODE_TOTAL", "3")];
        assert_eq!(task(None, &circle).unwrap(), "2/3 by CIRCLE_NODE_INDEX=1");
        let both = [&slurm("2", "2", "1", "2", "1")[..], &gitlab].concat();
        assert_eq!(task(None, &both).unwrap(), "2/2 by SLURM_ARRAY_TASK_ID=2");
    }

    #[test]
    fn what_does_not_say_which_of_how_many_is_refused() {
        let refused = |count, variables: &[(&str, &str)], part: &str| {
            let why = task(count, variables).unwrap_err();
            assert!(why.contains(part) && why.contains("give --shard"), "{why}");
        };
        refused(None, &[], "none of SLURM_ARRAY_TASK_ID");
        refused(None, &[("JOB_COMPLETION_INDEX", "0")], "auto/n");
        refused(Some(2), &[("JOB_COMPLETION_INDEX", "2")], "none of 2 tasks from 0 on");
        refused(None, &[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "3")], "none of 3 tasks from 1 on");
        refused(None, &[("CI_NODE_INDEX", "x"), ("CI_NODE_TOTAL", "3")], "`x`, which is no number");
        // One task of an array, begun again alone.
        let alone = [
            ("SLURM_ARRAY_TASK_ID", "3"),
            ("SLURM_ARRAY_TASK_COUNT", "1"),
            ("SLURM_ARRAY_TASK_MIN", "3"),
            ("SLURM_ARRAY_TASK_MAX", "3"),
        ];
        refused(None, &alone, "is the only task of its array");
        refused(Some(4), &alone, "4 shards are asked for, but SLURM_ARRAY_TASK_COUNT is 1");
        let uneven = [
            ("SLURM_ARRAY_TASK_ID", "3"),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_MAX", "7"),
        ];
        refused(None, &uneven, "no even range");
    }
}
