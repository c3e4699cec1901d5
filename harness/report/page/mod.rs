//! The page of experiments: everything on it comes from records and suites.

mod recipe;
mod tables;

use std::collections::BTreeSet;

use super::claims::claims_of_suite;
use super::comparison::comparison;
use super::export::{TableFormat, render};
use super::inspect::ViewFinding;
use super::plot::{PlotError, plot};
use super::robustness::{robustness, robustness_charts};
use super::table::Table;
use super::units;
use crate::analysis::{Checked, Outcome, check};
use crate::escape::{markdown, shell};
use crate::listing::Natural;
use crate::record::{Inspection, Robustness, Run, TrialRecord};
use crate::suite::case::Suite;

/// A page in markdown, and the pictures it shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The text of the page in markdown.
    pub text: String,
    /// SVG by the names of their files, in the order shown.
    pub pictures: Vec<(String, String)>,
}

/// What was found by looking into a run's networks.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedInspection {
    /// The name of the run.
    pub run: String,
    /// The name it is kept under.
    pub name: String,
    /// What was found in the networks.
    pub inspection: Inspection<ViewFinding>,
}

/// All that is published of some runs.
#[derive(Clone, Debug, Default)]
pub struct Published {
    /// The runs that are published.
    pub runs: Vec<Run>,
    /// Of all their trials.
    pub records: Vec<TrialRecord>,
    /// Of those of them that were scored on changed test images.
    pub robustness: Vec<Robustness>,
    /// What was found by looking into their networks.
    pub looks: Vec<PublishedInspection>,
}

/// Returns the page of every suite that belongs to an experiment. `pictures` is the folder of the pictures, as the page
/// links to it.
pub fn page(suites: &[Suite], published: &Published, pictures: &str) -> Page {
    let mut suites: Vec<&Suite> =
        suites.iter().filter(|suite| !suite.presentation.experiment.is_empty()).collect();
    suites.sort_by_key(|suite| (Natural(&suite.presentation.experiment), Natural(&suite.name)));
    let sections: Vec<Section> = suites.iter().map(|suite| Section::new(suite, published)).collect();
    let mut page = Page { text: INTRODUCTION.to_owned(), pictures: Vec::new() };
    page.text += &overview(&sections);
    for section in &sections {
        section.write(&mut page, pictures);
    }
    page
}

/// What tells a page from other files; a line near its beginning.
const MARK: &str =
    "<!-- Made by `make page`. Do not edit: change the suites or the records, and make it again. -->";

/// Returns whether a file's text is a page that was made here.
pub fn is_page(text: &str) -> bool {
    text.lines().take(5).any(|line| line == MARK)
}

const INTRODUCTION: &str = "\
# Experiments

<!-- Made by `make page`. Do not edit: change the suites or the records, and make it again. -->

Published course experiments, run by the suites under `suites/`. `make page` makes this page and its pictures
from the records under `results/published/` and the suites' own texts; a test makes them again and finds no
difference. A claim is a published figure with bounds of ours, which its source column tells; it is met where the
mean over all seeds keeps them. With one seed that mean has no spread.

";

/// What the looks inside a suite's networks begin with.
const LOOKING: &str = "
Each picture is made by the command above it once the run above has kept its weights (`--keep-weights`; they are not
published). Where nothing else is said it is of the best weights, those with the lowest validation loss; the tables
above are of the weights that were tested: the last, unless early stopping put the best back.
";

/// A suite with what there is of it.
struct Section<'a> {
    suite: &'a Suite,
    published: Published,
    checked: Vec<Checked>,
}

impl<'a> Section<'a> {
    fn new(suite: &'a Suite, all: &Published) -> Self {
        let own = |run: &Run| {
            let mut run = run.clone();
            run.suites.retain(|other| other.name == suite.name);
            run.trials.retain(|key| key.suite == suite.name);
            // What the authors say of a result is written after it.
            run.suites.iter_mut().for_each(|own| own.analysis.clone_from(&suite.analysis));
            (!run.suites.is_empty()).then_some(run)
        };
        let is_own = |trial: &str| trial.split_once('/').is_some_and(|(first, _)| suite.name == first);
        let is_own_look = |PublishedInspection { inspection, .. }: &&PublishedInspection| {
            inspection.found.subjects().first().is_some_and(|subject| is_own(&subject.trial))
        };
        let is_own_record = |record: &&TrialRecord| record.trial.suite == suite.name;
        let is_own_score = |scored: &&Robustness| scored.trial.suite == suite.name;
        let published = Published {
            runs: all.runs.iter().filter_map(own).collect(),
            records: all.records.iter().filter(is_own_record).cloned().collect(),
            robustness: all.robustness.iter().filter(is_own_score).cloned().collect(),
            looks: all.looks.iter().filter(is_own_look).cloned().collect(),
        };
        let checked = check(&published.runs, &published.records);
        Section { suite, published, checked }
    }

    fn heading(&self) -> String {
        format!("{}: {}", self.suite.presentation.experiment, self.suite.name)
    }

    fn met(&self) -> String {
        let count = |outcome| self.checked.iter().filter(|checked| checked.outcome == outcome).count();
        match (self.checked.len(), count(Outcome::Unmeasured)) {
            _ if self.published.records.is_empty() => "not measured yet".to_owned(),
            (0, _) if self.suite.cases.iter().any(|case| !case.claims.is_empty()) => {
                "not measured yet: only a profile without claims has run".to_owned()
            }
            (0, _) => "none stated".to_owned(),
            (all, 0) => format!("{} of {all} met", count(Outcome::Met)),
            (all, open) => format!("{} of {all} met, {open} unmeasured", count(Outcome::Met)),
        }
    }

    fn write(&self, page: &mut Page, pictures: &str) {
        let suite = self.suite;
        let Published { runs, records, .. } = &self.published;
        page.text += &format!(
            "\n## {}\n\n{}.\n\n",
            markdown::words(&self.heading()),
            markdown::line(&suite.description)
        );
        // What was trained may be a profile of the file, or an older state of it.
        let mut told: Vec<&Suite> = runs.iter().flat_map(|run| &run.suites).collect();
        if told.is_empty() {
            told.push(suite);
        }
        page.text += &recipe::in_short(&told);
        page.text += &recipe::cases(suite);
        if records.is_empty() {
            page.text += "\nNo records of it are published yet.\n";
            return;
        }
        page.text += "\nMade by\n\n";
        page.text += &runs.iter().map(made_by).collect::<Vec<_>>().join("\n");
        if let Some(table) = claims_of_suite(runs, &self.checked) {
            page.add(&table);
        }
        self.write_results(page, pictures);
        self.write_robustness(page, pictures);
        self.write_looks(page, pictures);
    }

    /// The tables and figures that the suite asks for.
    fn write_results(&self, page: &mut Page, pictures: &str) {
        let suite = self.suite;
        let Published { runs, records, .. } = &self.published;
        let asked = &suite.presentation.tables;
        if asked.is_empty() {
            page.add(&comparison("Cases side by side", runs, records, &[]));
        }
        for asked in asked {
            match tables::tables(asked, runs, records) {
                Ok(tables) => tables.iter().for_each(|table| page.add(table)),
                Err(error) => page.say_why_not(&asked.title, &error),
            }
        }
        for (index, figure) in suite.presentation.figures.iter().enumerate() {
            match plot(figure, runs, records) {
                Ok(plot) => {
                    let name = format!("{}-{}", suite.name, index + 1);
                    page.show(pictures, &name, &plot.chart.title, plot.chart.svg());
                }
                Err(error) => page.say_why_not(&figure.title, &error),
            }
        }
    }

    fn write_robustness(&self, page: &mut Page, pictures: &str) {
        let scored = &self.published.robustness;
        if scored.is_empty() {
            return;
        }
        page.text += &format!("\n### Robustness: {}\n", markdown::words(&self.suite.name));
        page.text += "\nFound with the weights that were tested, by\n\n";
        for run in &self.published.runs {
            let of_run = |one: &&Robustness| run.trials.iter().any(|key| key.identity == one.trial.identity);
            let cases: BTreeSet<String> = scored
                .iter()
                .filter(of_run)
                .map(|one| shell::word(&format!("{}/{}", one.trial.suite, one.trial.case)))
                .collect();
            if !cases.is_empty() {
                let cases: String = cases.iter().map(|case| format!(" --filter {case}")).collect();
                page.text += &format!("    tchbench robustness {}{cases}\n", shell::word(&run.name));
            }
        }
        robustness(scored).iter().for_each(|table| page.add(table));
        for (kind, chart) in robustness_charts(scored) {
            let name = format!("{}-robustness-{kind}", self.suite.name);
            page.show(pictures, &name, &chart.title, chart.svg());
        }
    }

    fn write_looks(&self, page: &mut Page, pictures: &str) {
        let suite = self.suite;
        let looks = &self.published.looks;
        if !looks.is_empty() {
            page.text += &format!("\n### Looking inside: {}\n{LOOKING}", markdown::words(&suite.name));
        }
        for PublishedInspection { run, name, inspection: Inspection { invocation, found, .. } } in looks {
            page.text += &format!("\n    {}\n", command(invocation));
            page.show(pictures, &format!("{}-{run}-{name}", suite.name), name, found.svg());
        }
    }
}

impl Page {
    fn show(&mut self, pictures: &str, name: &str, title: &str, svg: String) {
        let name = format!("{name}.svg");
        let path = markdown::path(&format!("{pictures}/{name}"));
        self.text += &format!("\n![{}]({path})\n", markdown::words(title));
        self.pictures.push((name, svg));
    }

    /// In place of a table or picture that cannot be made.
    fn say_why_not(&mut self, title: &str, error: &PlotError) {
        self.text += &format!("\n*{}*\n", markdown::words(&format!("{title}: {error}")));
    }

    fn add(&mut self, table: &Table) {
        self.text += "\n";
        self.text += &render(std::slice::from_ref(table), TableFormat::MARKDOWN, None);
    }
}

fn overview(sections: &[Section]) -> String {
    let mut text = "| experiment | | trials | claims |\n| :--- | :--- | ---: | :--- |\n".to_owned();
    for section in sections {
        let heading = section.heading();
        let anchor: String = heading
            .to_lowercase()
            .replace(' ', "-")
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            .collect();
        text += &format!(
            "| [{}](#{anchor}) | {} | {} | {} |\n",
            markdown::words(&heading),
            markdown::words(&section.suite.description),
            units::count(section.published.records.len() as u64),
            section.met()
        );
    }
    text
}

/// A call as a shell takes it, without where its results went and whether it was quiet.
fn command(invocation: &[String]) -> String {
    let mut words = vec!["tchbench".to_owned()];
    let mut arguments = invocation.iter().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--results" => drop(arguments.next()),
            "--quiet" => {}
            // A look that is kept is made again as a picture.
            "--keep" => words.extend(
                arguments.next().map(|name| format!("--out {}", shell::word(&format!("{name}.svg")))),
            ),
            argument => words.push(shell::word(argument)),
        }
    }
    words.join(" ")
}

/// The command, the day and the machine.
fn made_by(run: &Run) -> String {
    let host = &run.fingerprint.host;
    let engine = &run.fingerprint.engine;
    let threads = run.environment.threads;
    format!(
        "    {}\n\non {} (run {}): {} ({}), {} cores, {}; {}, {threads} thread{} each; device {}, libtorch {}, \
         numerics class {}.\n",
        command(&run.invocation),
        run.began.strftime("%Y-%m-%d"),
        markdown::code(&run.name),
        markdown::words(&host.cpu),
        markdown::words(&host.cpu_model),
        host.cores,
        markdown::words(&host.os),
        match run.jobs {
            1 => "one trial at a time".to_owned(),
            jobs => format!("{jobs} trials side by side at most"),
        },
        if threads == 1 { "" } else { "s" },
        markdown::words(&engine.device),
        markdown::words(&engine.libtorch),
        markdown::code(engine.numerics_class.get(..12).unwrap_or(&engine.numerics_class)),
    )
}
