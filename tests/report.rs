//! The report of runs, as far as it can be told without a browser; `tests/report.sh` opens one.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;

use roxmltree::{Document, Node, ParsingOptions};
use tchbench::compare::{SuiteChanges, diff};
use tchbench::record::{Format, Mean, Night, Status, StepTime, TrialRecord};
use tchbench::report::{Published, RecordsOrigin, ReportContent, RunFindings, html, is_report};

#[path = "support/place.rs"]
#[allow(dead_code)]
mod place;
#[path = "support/records.rs"]
mod records;
#[path = "support/sides.rs"]
#[allow(dead_code)]
mod sides;

use place::Place;
use records::{record, run, unsuccessful};

/// The content of a report on one run of these records.
fn content(records: Vec<TrialRecord>) -> ReportContent {
    let origins = vec![RecordsOrigin { run: "run".to_owned(), records: records.len() }];
    let published = Published { runs: vec![run(&records, 0.5)], records, ..Published::default() };
    ReportContent { published, origins, ..ReportContent::default() }
}

/// Three cases: two with two seeds, and one that diverged.
fn some() -> ReportContent {
    let diverged = record("rnn", 8, 1, 0.5);
    content(vec![
        record("mlp-16", 16, 1, 0.90),
        record("mlp-16", 16, 2, 0.92),
        record("mlp-32", 32, 1, 0.94),
        record("mlp-32", 32, 2, 0.95),
        record("mlp-64", 64, 1, 0.96),
        record("mlp-64", 64, 2, 0.97),
        unsuccessful(diverged, Status::Diverged, 1, "a loss is not finite"),
    ])
}

/// The page without its style sheets and scripts: what is left is XML, too.
fn without_code(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<s") {
        let tag = ["tyle>", "cript>", "cript type=\"application/json\">"]
            .into_iter()
            .find(|tag| after.starts_with(tag));
        text.push_str(before);
        rest = match tag {
            Some(tag) => {
                let name = if tag.starts_with("tyle") { "</style>" } else { "</script>" };
                after.split_once(name).unwrap().1
            }
            None => {
                text.push_str("<s");
                after
            }
        };
    }
    text + rest
}

/// Calls a function on the page as XML.
fn read<T>(page: &str, look: impl FnOnce(&Document) -> T) -> T {
    let text = without_code(page);
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&text, options).unwrap();
    look(&document)
}

/// All text inside a node.
fn text(node: Node) -> String {
    node.descendants().filter_map(|inner| if inner.is_text() { inner.text() } else { None }).collect()
}

fn with_id<'d>(document: &'d Document, id: &str) -> Node<'d, 'd> {
    document.descendants().find(|node| node.attribute("id") == Some(id)).unwrap()
}

/// The data of the charts, with their titles.
fn charts(page: &str) -> Vec<serde_json::Value> {
    let parts = page.split("<script type=\"application/json\">").skip(1);
    parts.map(|part| serde_json::from_str(part.split_once("</script>").unwrap().0).unwrap()).collect()
}

fn chart(page: &str, title: &str) -> serde_json::Value {
    charts(page).into_iter().find(|chart| chart["t"] == title).unwrap()
}

#[test]
fn the_report_is_one_well_formed_page_that_needs_nothing_besides() {
    let page = html(&some());
    assert!(is_report(&page));
    assert!(
        !page.contains("http://www.w3.org/1999/xhtml\""),
        "the svg names its space, and nothing else a place"
    );
    for outside in ["src=", "@import", "url(", "https:", "fetch(", "XMLHttpRequest"] {
        assert!(!page.contains(outside), "{outside}");
    }
    read(&page, |document| {
        let ids: Vec<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
        for link in document.descendants().filter_map(|node| node.attribute("href")) {
            assert!(ids.contains(&link.strip_prefix('#').unwrap()), "{link}");
        }
        let headings: Vec<String> =
            document.descendants().filter(|node| node.has_tag_name("h2")).map(text).collect();
        assert_eq!(
            headings,
            ["7 trials: 1 did not end well", "Results", "Claims", "Trials", "Recipes", "Machines"]
        );
        for table in document.descendants().filter(|node| node.has_tag_name("table")) {
            let rows = || table.descendants().filter(|node| node.has_tag_name("tr"));
            let width = rows().next().unwrap().children().filter(Node::is_element).count();
            for row in rows() {
                assert_eq!(row.children().filter(Node::is_element).count(), width, "{}", text(row));
            }
        }
    });
}

#[test]
fn each_trial_has_its_recipe_its_machine_and_the_command_that_replays_it() {
    let mut content = some();
    content.results = Some("my results".to_owned());
    let page = html(&content);
    read(&page, |document| {
        let trials = text(with_id(document, "trials"));
        assert!(trials.contains("tchbench replay run/smoke/mlp-16/2 --results 'my results'"), "{trials}");
        for record in &content.published.records {
            assert!(trials.contains(&record.trial.identity));
        }
        let common = text(with_id(document, "recipe-all"));
        assert!(common.contains("experiment.training.optimizer.lr: 0.001"), "{common}");
        let own = text(with_id(document, "recipe-1"));
        assert!(own.contains("smoke/mlp-16") && own.contains("experiment.layers[1].units: 16"), "{own}");
        let machine = text(with_id(document, "machine-1"));
        assert!(machine.contains(&content.published.records[0].fingerprint.digest()), "{machine}");
    });
}

#[test]
fn charts_hold_the_values_of_records_with_seeds_and_bands() {
    let page = html(&some());
    let curves = chart(&page, "Learning curves");
    assert_eq!(curves["n"], serde_json::json!(["mlp-64", "mlp-32", "mlp-16", "rnn"]), "the best first");
    let accuracy = &curves["v"][0];
    assert_eq!(accuracy["n"], "train accuracy");
    assert_eq!(accuracy["xs"], serde_json::json!([1, 2]));
    let marks = &accuracy["s"][1]["m"];
    assert_eq!(marks[0], serde_json::json!({"k": "band", "d": [89.25, 89.75, 95.25, 95.75], "e": true}));
    assert_eq!(marks[1], serde_json::json!({"k": "line", "d": [89.5, 95.5], "e": true}));
    assert_eq!(marks[2], serde_json::json!({"k": "seed", "d": [89, 95], "e": true, "l": ["seed 1"]}));
    let cost = chart(&page, "Accuracy against cost");
    assert_eq!(cost["v"][0]["x"]["l"], "parameters");
    let sweep = chart(&page, "Along the number in the cases' names");
    assert_eq!(sweep["n"], serde_json::json!(["mlp"]), "a case without a number is left out");
    assert_eq!(sweep["v"][0]["s"][0]["m"][1]["d"], serde_json::json!([16, 91, 32, 94.5, 64, 96.5]));
}

#[test]
fn what_users_write_is_text() {
    const EVIL: &str =
        "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u{2028}\u{202e}\"'&amp;]]>";
    let plain = html(&some());
    let mut content = some();
    let published = &mut content.published;
    published.runs[0].suites[0].description = EVIL.to_owned();
    published.runs[0].suites[0].analysis = EVIL.to_owned();
    published.runs[0].invocation.push(EVIL.to_owned());
    published.runs[0].class_names.insert("glyphs".to_owned(), vec![EVIL.to_owned(); 10]);
    for claim in published.runs[0].suites[0].cases.iter_mut().flat_map(|case| &mut case.claims) {
        claim.source = EVIL.to_owned();
    }
    for record in &mut published.records {
        record.error = record.error.as_ref().map(|_| EVIL.to_owned());
        record.fingerprint.host.cpu = EVIL.to_owned();
        record.fingerprint.engine.libtorch = EVIL.to_owned();
    }
    content.origins[0].run = EVIL.to_owned();
    let page = html(&content);
    for tag in ["<script", "</script", "<img", "<style"] {
        assert_eq!(page.matches(tag).count(), plain.matches(tag).count(), "{tag}");
    }
    assert!(!page.contains(['\u{2028}', '\u{202e}']), "what changes lines or directions is spelt out");
    assert!(charts(&page).len() == charts(&plain).len());
    read(&page, |document| {
        let told = text(with_id(document, "trials"));
        assert!(told.contains("<img src=x onerror=alert(1)>\\u{2028}\\u{202e}\"'&amp;]]>"), "{told}");
    });
}

/// Findings against a baseline from whose accuracies those of the run differ by this.
fn findings(difference: f64) -> RunFindings {
    let scores = |difference: f64| -> Vec<(f64, f64)> {
        (0..8).map(|seed| 0.9 + 0.001 * f64::from(seed) + difference).map(|all| (all, 1.0 - all)).collect()
    };
    let side = |difference| {
        sides::side(vec![sides::case("mlp-16", &scores(difference)), sides::case("rnn", &scores(0.0))])
    };
    let pairs = [(side(0.0), side(difference))];
    let terms = sides::terms();
    let findings = diff(&pairs, &terms);
    let changes = SuiteChanges::of(&pairs);
    RunFindings { run: "run".to_owned(), baseline: "main".to_owned(), findings, changes, terms }
}

#[test]
fn the_verdict_stands_first_with_its_error_rates() {
    let of = |difference: f64| {
        let page = html(&ReportContent { comparisons: vec![findings(difference)], ..some() });
        read(&page, |document| {
            let verdict = with_id(document, "verdict");
            assert!(verdict.prev_sibling_element().is_none(), "it is the first section");
            let said = text(verdict);
            let tested = said.contains("at most 5 % of unchanged programs called regressed");
            assert_eq!(tested, difference != 0.0, "equal bits need no test: {said}");
            assert!(
                text(with_id(document, "changed")).contains("nothing that both sides tell of has changed")
            );
            text(verdict.descendants().find(|node| node.has_tag_name("h2")).unwrap())
                + "; "
                + &text(
                    verdict.descendants().find(|node| node.attribute("class") == Some("verdicts")).unwrap(),
                )
                .trim()
                .replace('\n', "; ")
        })
    };
    assert_eq!(
        of(-0.1),
        "Worse than the baseline; accuracy: 1 of 2 regressed: mlp-16; accuracy: 1 of 2 identical: rnn; throughput: 2 of 2 not \
         measured"
    );
    assert_eq!(
        of(0.0),
        "Identical to the baseline; accuracy: 2 of 2 identical; throughput: 2 of 2 not measured"
    );
    assert_eq!(
        of(0.05),
        "Better than the baseline, and nothing is worse; accuracy: 1 of 2 improved: mlp-16; accuracy: 1 of 2 identical: rnn; \
         throughput: 2 of 2 not measured"
    );
}

#[test]
fn a_change_of_the_level_is_told_and_marked() {
    let night = |day: i8| {
        let slower = if day < 10 { 1.0 } else { 1.1 };
        let step = slower * (1.0 + [0.01, -0.01, 0.0][day as usize % 3]);
        let began =
            jiff::civil::date(2026, 11, day).at(2, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap();
        Night {
            format: Format::CURRENT,
            began: began.timestamp(),
            run: format!("2026-11-{day:02}T020000Z-smoke").parse().unwrap(),
            suite: "smoke".parse().unwrap(),
            case: "mlp-16".parse().unwrap(),
            identity: "a".repeat(64),
            numerics_class: "c".repeat(64),
            device_class: "cpu-native".parse().unwrap(),
            machine: "0123456789ab".to_owned(),
            accuracy: Some(Mean { mean: 0.9, deviation: None, seeds: 1 }),
            loss: None,
            step: Some(StepTime {
                seconds: step / 1e3,
                calibrated: Some(step),
                spread: None,
                samples_per_second: 64e3 / step,
            }),
            verdicts: None,
            provenance: None,
        }
    };
    let page = html(&ReportContent { nights: (1..=20).map(night).collect(), ..some() });
    let told = read(&page, |document| text(with_id(document, "history")));
    let change = told.lines().find(|line| line.contains("throughput -")).unwrap();
    let since = "since 2026-11-10 (run 2026-11-10T020000Z-smoke)";
    assert!(change.starts_with("smoke/mlp-16: throughput -9.") && change.contains(since), "{change}");
    let speeds = &chart(&page, "Night by night")["v"][1];
    assert_eq!(speeds["n"], "throughput");
    let marks = speeds["s"][0]["m"].as_array().unwrap();
    let change = marks.iter().find(|mark| mark["k"] == "change").unwrap();
    let tenth = night(10);
    assert_eq!(change["d"][0], tenth.began.as_millisecond());
    assert!(change["l"][0].as_str().unwrap().starts_with("another level: -9."), "{change}");
}

/// A thousand trials of twenty epochs each, in so many cases.
fn thousand(cases: u32) -> ReportContent {
    let seeds = u64::from(1000 / cases);
    let trial = |case: u32, seed: u64| {
        let accuracy = 0.5 + 0.4 * f64::from(case) / f64::from(cases) + 0.01 * seed as f64 / seeds as f64;
        let mut record = record(&format!("mlp-{}", case + 1), case + 1, seed, accuracy);
        let first = record.epochs[0].clone();
        record.epochs = (1..=20)
            .map(|epoch| {
                let mut one = first.clone();
                one.epoch = epoch;
                one.train.accuracy = accuracy * (1.0 - 0.5 / f64::from(epoch + 1));
                one.train.loss = 1.0 - one.train.accuracy;
                one.validation = Some(one.train);
                one
            })
            .collect();
        record
    };
    let all = (0..cases).flat_map(|case| (1..=seeds).map(move |seed| trial(case, seed)));
    content(all.collect())
}

#[test]
fn a_thousand_trials_take_less_than_five_megabytes() {
    for cases in [50, 200, 1000] {
        let page = html(&thousand(cases));
        assert!(page.len() < 5_000_000, "{cases} cases: {} bytes", page.len());
        read(&page, |document| {
            let trials =
                with_id(document, "trials").descendants().filter(|node| node.has_tag_name("tr")).count();
            assert_eq!(trials, 1001);
        });
        if let Ok(folder) = std::env::var("TCHBENCH_REPORTS") {
            fs::write(format!("{folder}/{cases}-cases.html"), page).unwrap();
        }
    }
}

#[test]
fn the_program_writes_it_anew_but_never_over_another_file() {
    let place = Place::new();
    let (code, stdout, stderr) = place.call("report run --out out/report");
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "out/report/index.html\n", ""));
    let path = place.path("out/report/index.html");
    let page = fs::read(&path).unwrap();
    assert_eq!(place.call("report results/run --out out/report").0, 0);
    assert_eq!(fs::read(&path).unwrap(), page, "the same records give the same bytes");
    let shown = String::from_utf8(page).unwrap();
    read(&shown, |document| {
        let ids: Vec<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
        for id in [
            "verdict",
            "results",
            "throughput",
            "claims",
            "robustness",
            "inside",
            "trials",
            "recipes",
            "machines",
        ] {
            assert!(ids.contains(&id), "{id}: {ids:?}");
        }
    });
    fs::write(&path, "a page of somebody else's").unwrap();
    let (code, _, stderr) = place.call("report run --out out/report");
    assert_eq!(code, 2);
    assert_eq!(stderr, "error: --out: out/report/index.html is no report of tchbench; give another folder\n");
    assert_eq!(fs::read(&path).unwrap(), b"a page of somebody else's");
}

#[test]
fn what_cannot_be_reported_says_why() {
    let place = Place::new();
    let refused = |arguments: &str, code: i32, why: &str| {
        let (found, stdout, stderr) = place.call(arguments);
        assert_eq!((found, stdout.as_str()), (code, ""), "{arguments}: {stderr}");
        assert!(stderr.contains(why), "{arguments}: {stderr}");
        assert!(!place.path("new").exists(), "{arguments}");
    };
    refused("report --out new", 2, "<RUN>");
    refused("report run", 2, "--out <DIR>");
    refused("report none --out new", 3, "none");
    refused("report run --baseline none --out new", 3, "none");
    refused("report run --filter no-such-case --out new", 4, "no-such-case");
}

#[test]
fn a_run_is_reported_against_its_baseline() {
    let place = Place::new();
    let (code, _, stderr) = place.call("report run --baseline baselines/smoke/cpu-native.json --out out");
    assert_eq!(code, 0, "{stderr}");
    let page = fs::read_to_string(place.path("out/index.html")).unwrap();
    read(&page, |document| {
        let verdict = text(with_id(document, "verdict"));
        assert!(
            verdict.contains("Run run against the baseline baselines/smoke/cpu-native.json."),
            "{verdict}"
        );
        assert!(verdict.contains("accuracy: 1 of 1 identical"), "{verdict}");
    });
    assert_eq!(
        chart(&page, "Time of a step against the baseline's")["v"][0]["y"]["c"],
        serde_json::json!(["mlp-16"])
    );
}
