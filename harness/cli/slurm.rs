//! `tchbench slurm`: trains suites as a job array of Slurm, and merges its shards.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::app::exit::{Exit, Failure};
use crate::app::options::commit::CommitOption;
use crate::app::options::compute::Compute;
use crate::app::options::folders::{DataFolder, ResultsFolder};
use crate::app::options::selection::{FilterOptions, ProfileOptions};
use crate::app::results::new_run_name;
use crate::app::slurm::SlurmRun;
use crate::app::suites;
use crate::recipe::Name;
use crate::record::run_name;
use crate::terminal::{print, tell};

/// Write the scripts of a Slurm job array that trains suites, one shard a task, and of the job that merges them; or
/// submit them
#[derive(Debug, clap::Args)]
#[command(mut_arg("results", |arg| arg.help("Where the runs' folders and the scripts are made; all nodes see it")))]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/
    #[arg(required = true, value_name = "SUITE")]
    suites: Vec<PathBuf>,
    /// The number of tasks
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    shards: u32,
    /// At most so many tasks are run at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    at_once: Option<u32>,
    /// Submit the array and the merge with sbatch
    #[arg(long)]
    submit: bool,
    #[command(flatten)]
    filters: FilterOptions,
    /// These seeds in place of the suite's, as in 1,2,5-8
    #[arg(long, value_name = "LIST")]
    seeds: Option<String>,
    #[command(flatten)]
    profile: ProfileOptions,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    commit: CommitOption,
    /// Trials side by side in a task [default: the task's cores / threads]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,
    #[command(flatten)]
    results: ResultsFolder,
    /// The name of the merged run's folder [default: time and suites]
    #[arg(long, value_parser = new_run_name)]
    name: Option<Name>,
    #[command(flatten)]
    data: DataFolder,
    /// Keep the weights of every trial that succeeds beside its record, for `inspect` and `robustness`
    #[arg(long)]
    keep_weights: bool,
    /// Options of sbatch, for the array and the merge, as in --partition=long --time=2:00:00
    #[arg(last = true, value_name = "SBATCH OPTIONS")]
    options: Vec<String>,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let seeds = args.seeds.as_deref();
    let suites = suites::select(&args.suites, &args.profile, &args.filters, seeds, &args.data.catalogue())?;
    let trials: usize = suites.iter().flat_map(|suite| &suite.cases).map(|case| case.seeds.len()).sum();
    if args.shards as usize > trials {
        let message = format!("--shards {}: there are {trials} trials; give at most as many", args.shards);
        return Err(Failure::new(Exit::Usage, message));
    }
    let name = match args.name {
        Some(name) => name,
        None => {
            let names: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
            let default = run_name(Timestamp::now(), &names);
            default.parse().map_err(|wanted| Failure::new(Exit::Internal, format!("{default}: {wanted}")))?
        }
    };
    let run = SlurmRun {
        program: utf8(env::current_exe().map_err(no_path)?.into_os_string())?,
        folder: utf8(env::current_dir().map_err(no_path)?.into_os_string())?,
        words: words_of_run(env::args_os())?,
        shards: args.shards,
        at_once: args.at_once,
        results: utf8(args.results.folder.into_os_string())?,
        name,
        options: args.options,
    };
    let scripts = run.write()?;
    if args.submit {
        scripts.submit()?;
    } else {
        let path = scripts.submit_path();
        tell!("{} tasks for {trials} trials, and their merge; submit them with: bash", args.shards);
        print(&format!("{}\n", path.display()));
    }
    Ok(Exit::Success)
}

/// Returns of the words of this command line those that `tchbench run` is given, too: without the verb, the options that
/// are of this verb alone, those that the scripts say themselves, and what sbatch is told.
fn words_of_run(line: impl Iterator<Item = OsString>) -> Result<Vec<String>, Failure> {
    let mut words = line.skip(2);
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        let word = utf8(word)?;
        match word.as_str() {
            "--" => break,
            "--submit" => {}
            "--shards" | "--at-once" | "--results" | "--name" => drop(words.next()),
            _ if ["--shards=", "--at-once=", "--results=", "--name="]
                .iter()
                .any(|own| word.starts_with(own)) => {}
            _ => kept.push(word),
        }
    }
    Ok(kept)
}

fn utf8(word: OsString) -> Result<String, Failure> {
    word.into_string().map_err(|word| {
        Failure::new(Exit::Usage, format!("{}: is not UTF-8, and cannot stand in a script", word.display()))
    })
}

fn no_path(error: std::io::Error) -> Failure {
    Failure::new(Exit::Internal, format!("neither this program nor this folder can be named: {error}"))
}
