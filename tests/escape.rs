//! Whatever a text holds, an independent reader of each form finds that text and nothing else.

#![allow(clippy::unwrap_used)]

#[path = "support/records.rs"]
mod records;

use std::path::Path;
use std::process::Command;

use proptest::collection::vec;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use records::{record, run, unsuccessful};
use tchbench::escape::{csv as in_csv, github, json, markdown, shell, terminal, xml};
use tchbench::recipe::identity;
use tchbench::record::{Folder, Status};

/// Texts in which what means something to some form is frequent.
fn texts() -> impl Strategy<Value = String> {
    const MARKS: &str = "\\`*_[]()<>|~#$&!-+=:;@.,'\"{}%1a \t\n\r\0\u{1b}\u{7f}\u{85}\u{9b}\u{2028}\u{202e}\u{2067}\u{fffe}＝";
    const WORDS: [&str; 11] = [
        "&amp;",
        "&#60;",
        "<b>",
        "</script>",
        "<!--",
        "]]>",
        "](x)",
        "$x$",
        "~~",
        "1.",
        "\u{1b}]0;title\u{7}",
    ];
    let mark = prop::sample::select(MARKS.chars().collect::<Vec<_>>()).prop_map(String::from);
    let word = prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned);
    let part = prop_oneof![6 => mark, 2 => word, 2 => any::<char>().prop_map(String::from)];
    vec(part, 0..16).prop_map(|parts| parts.concat())
}

/// What commands a terminal or changes the direction of writing.
fn is_control(c: char) -> bool {
    c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
}

/// With controls spelt out, but for `kept`.
fn spelt_out(text: &str, kept: &str) -> String {
    let spelt = |c: char| match is_control(c) && !kept.contains(c) {
        true => c.escape_unicode().to_string(),
        false => c.to_string(),
    };
    text.chars().map(spelt).collect()
}

/// As it is shown on one line.
fn line(text: &str) -> String {
    spelt_out(&text.replace("\r\n", "\n").replace(['\n', '\r', '\t'], " "), "")
}

/// Everything that GitHub reads.
fn read(document: &str) -> Vec<Event<'_>> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM
        | Options::ENABLE_MATH;
    Parser::new_ext(document, options).collect()
}

/// The tags that a document opens, and the text within them.
fn content(document: &str) -> (Vec<String>, String) {
    let (mut tags, mut text) = (Vec::new(), String::new());
    for event in read(document) {
        match event {
            Event::Start(tag) => tags.push(format!("{tag:?}").split([' ', '(']).next().unwrap().to_owned()),
            Event::End(_) => {}
            Event::Text(words) => text.push_str(&words),
            other => tags.push(format!("{other:?}")),
        }
    }
    (tags, text)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_terminal_gets_no_command(text in texts()) {
        let safe = terminal::text(&text);
        prop_assert_eq!(&safe, &spelt_out(&text, "\n\t"));
        prop_assert_eq!(terminal::text(&safe), safe);
        let safe = terminal::line(&text);
        prop_assert!(!safe.contains(is_control), "{safe:?}");
        prop_assert_eq!(terminal::line(&safe), safe);
    }

    #[test]
    fn markdown_shows_what_was_written(text in texts()) {
        let (line, words) = (markdown::line(&text), markdown::words(&text));
        let shown = self::line(&text).trim().to_owned();
        prop_assert!(!line.contains(is_control), "{line:?}");
        let of = |tags: &[&str], text: &str| (tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>(), text.to_owned());
        if shown.is_empty() {
            prop_assert_eq!(content(&format!("{line}\n\n{}\n", markdown::bold(&text))), of(&[], ""));
            return Ok(());
        }
        prop_assert_eq!(content(&format!("{line}\n")), of(&["Paragraph"], &shown), "{}", line);
        prop_assert_eq!(content(&format!("- {line}\n- end\n")), of(&["List", "Item", "Item"], &format!("{shown}end")));
        prop_assert_eq!(content(&format!("## {words}\n")), of(&["Heading"], &shown));
        prop_assert_eq!(content(&format!("{}\n", markdown::bold(&text))), of(&["Paragraph", "Strong"], &shown));
        prop_assert_eq!(content(&format!("[{words}](#a) end\n")), of(&["Paragraph", "Link"], &format!("{shown} end")));
        prop_assert_eq!(content(&format!("![{words}](a)\n")), of(&["Paragraph", "Image"], &shown));
        prop_assert_eq!(
            content(&format!("| a | b |\n| :--- | ---: |\n| {words} | end |\n")),
            of(&["Table", "TableHead", "TableCell", "TableCell", "TableRow", "TableCell", "TableCell"], &format!("ab{shown}end"))
        );
    }

    #[test]
    fn markdown_holds_code_and_paths(text in texts()) {
        let shown = line(&text);
        if !shown.trim().is_empty() {
            let document = format!("a {} b\n", markdown::code(&text));
            prop_assert!(read(&document).contains(&Event::Code(shown.into())), "{document:?}");
        }
        let document = format!("![a]({})\n", markdown::path(&format!("x/{text}")));
        let destination = read(&document).into_iter().find_map(|event| match event {
            Event::Start(Tag::Image { dest_url, .. }) => Some(dest_url.to_string()),
            _ => None,
        });
        prop_assert_eq!(destination, Some(markdown::path(&format!("x/{text}"))));
    }

    #[test]
    fn a_command_of_github_actions_ends_where_it_should(text in texts()) {
        let (title, message) = (github::property(&text), github::message(&text));
        prop_assert!(!title.contains(|c| is_control(c) || ":,".contains(c)), "{title:?}");
        prop_assert!(!message.contains(is_control), "{message:?}");
        let decoded = |text: &str| text.replace("%3A", ":").replace("%2C", ",").replace("%0A", "\n").replace("%25", "%");
        let shown = spelt_out(&text.replace("\r\n", "\n").replace('\t', " "), "\n");
        prop_assert_eq!(decoded(&title), shown.as_str());
        prop_assert_eq!(decoded(&message), shown);
    }

    #[test]
    fn xml_is_well_formed_and_holds_the_text(text in texts()) {
        let document = format!("<a b=\"{}\">{}</a>", xml::attribute(&text), xml::content(&text));
        prop_assert!(!document.contains(|c| is_control(c) && !"\n\t".contains(c)), "{document:?}");
        let read = roxmltree::Document::parse(&document).unwrap();
        let shown = spelt_out(&text, "\n\t").replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}");
        prop_assert_eq!(read.root_element().attribute("b"), Some(shown.as_str()));
        prop_assert_eq!(read.root_element().text().unwrap_or_default(), shown);
    }

    #[test]
    fn csv_is_no_formula_and_holds_the_text(text in texts()) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["begin", &in_csv::field(&text), "end"]).unwrap();
        let row = writer.into_inner().unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(row.as_slice());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        prop_assert_eq!(rows.len(), 1);
        prop_assert_eq!(rows[0].len(), 3);
        let (field, shown) = (&rows[0][1], spelt_out(&text, "\n\t"));
        prop_assert_eq!(field.strip_prefix('\'').filter(|rest| *rest == shown).unwrap_or(field), &shown);
        let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
        prop_assert!(!is_formula || field.parse::<f64>().is_ok(), "{field:?}");
    }

    #[test]
    fn json_gives_the_text_back(text in texts()) {
        let raw = serde_json::to_string_pretty(&[&text]).unwrap();
        for safe in [json::text(&raw), json::script(&raw)] {
            prop_assert!(!safe.contains(|c| is_control(c) && c != '\n'), "{safe:?}");
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&safe).unwrap(), vec![text.clone()]);
        }
        prop_assert!(!json::script(&raw).contains('<'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_shell_takes_an_argument_for_one_word(texts in vec(texts(), 1..40)) {
        // What a shell would expand: braces, history, a home, a command's path.
        let expanded = ["{a,b}", "x{1..3}", "!!", "~", "=ls"].map(str::to_owned);
        let given = texts.iter().map(|text| text.replace('\0', ""));
        let arguments: Vec<String> = given.chain(expanded).collect();
        let words: Vec<String> = arguments.iter().map(|argument| shell::word(argument)).collect();
        prop_assert!(!words.concat().contains(is_control));
        let script = format!("printf '%s\\0' {}", words.join(" "));
        let output = Command::new("bash").args(["-c", &script]).env("LC_ALL", "C.UTF-8").output().unwrap();
        let printed: String = arguments.iter().flat_map(|argument| [argument.as_str(), "\0"]).collect();
        prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), printed);
    }
}

#[test]
fn what_means_nothing_is_left_alone() {
    for plain in
        ["accuracy > 50 %, p < 0.05", "R&D at https://a.example/x_y?b=1&c=2", "-1.5", "rnn_tanh - 2 x 32 (4)"]
    {
        assert_eq!(markdown::words(plain), plain);
        assert_eq!(terminal::line(plain), plain);
    }
    assert_eq!(in_csv::field("-1.5"), "-1.5");
    assert_eq!(in_csv::field("=1+1"), "'=1+1");
    for plain in ["smoke/mlp-2", "--jobs"] {
        assert_eq!(shell::word(plain), plain);
    }
    assert_eq!(shell::word("it's"), r"'it'\''s'");
    assert_eq!(shell::word(""), "''");
}

/// What a suite's author, or a file that only seems to be his, may write.
const HOSTILE: &str = "=1+1 | <b>x</b> \u{1b}[2J\u{9b}31m\u{7f} \u{202e}txt [a](b) ![p](q) `c` **d**\n# e\r\n- f\u{2028}&amp; ]]>";

/// A results folder with a run of one case, of which one seed failed; everything that is free text is hostile.
fn hostile() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let failed = unsuccessful(record("mlp", 16, 2, 0.5), Status::Failed, 1, HOSTILE);
    let mut all = [record("mlp", 16, 1, 0.9), failed];
    all.iter_mut().for_each(|record| record.fingerprint.host.cpu = HOSTILE.to_owned());
    let mut run = run(&all, 0.95);
    run.invocation.push(HOSTILE.to_owned());
    run.fingerprint.host.cpu = HOSTILE.to_owned();
    for suite in &mut run.suites {
        (suite.description, suite.analysis) = (HOSTILE.to_owned(), HOSTILE.to_owned());
        suite.cases[0].description = HOSTILE.to_owned();
        suite.cases[0].claims[0].source = HOSTILE.to_owned();
        // Claims are judged by the seeds that went well.
        suite.cases[0].seeds.truncate(1);
    }
    run.trials.truncate(1);
    let folder = Folder::create(&root.path().join("results"), &run.name).unwrap();
    folder.write_run(&run).unwrap();
    all.iter().for_each(|record| folder.write_trial(record).unwrap());

    let mut other = all[0].clone();
    other.fingerprint.host.cpu = "another".to_owned();
    other.trial.experiment.training.batch = 50;
    other.started.as_mut().unwrap().steps *= 2;
    let trial = &mut other.trial;
    trial.identity = identity(&trial.experiment, trial.seed, &trial.dataset, &trial.environment);
    let mut second = run.clone();
    second.name = "other".parse().unwrap();
    second.began = "2020-01-01T00:00:00Z".parse().unwrap();
    let folder = Folder::create(&root.path().join("results"), "other").unwrap();
    folder.write_run(&second).unwrap();
    folder.write_trial(&other).unwrap();

    let text = toml::Value::String(HOSTILE.to_owned());
    std::fs::create_dir(root.path().join("suites")).unwrap();
    let suite = format!(
        "schema = 1\nname = \"smoke\"\nexperiment = {text}\ndescription = {text}\nanalysis = {text}\n\
         table = [{{ kind = \"cases\", title = {text}, note = {text} }}]\n\
         figure = [{{ kind = \"curves\", title = {text} }}]\n\
         [defaults]\ndataset = \"glyphs\"\nepochs = 2\nbatch = 100\noptimizer = {{ kind = \"adam\", lr = 1e-3 }}\n\
         [[case]]\nname = \"mlp\"\ndescription = {text}\n\
         layers = [{{ kind = \"flatten\" }}, {{ kind = \"dense\", units = 10 }}]\n\
         claims = [{{ metric = \"test-accuracy\", at_least = 0.95, source = {text} }}]\n"
    );
    std::fs::write(root.path().join("suites/smoke.toml"), suite).unwrap();
    root
}

/// What the program writes to stdout, with no control character in it or on stderr.
fn stdout(root: &Path, arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_tchbench")).args(arguments).current_dir(root).output().unwrap();
    for stream in [&output.stdout, &output.stderr] {
        let text = std::str::from_utf8(stream).unwrap();
        assert!(!text.contains(|c| is_control(c) && c != '\n'), "{arguments:?}: {text:?}");
    }
    String::from_utf8(output.stdout).unwrap()
}

/// Verbs that show texts of users as tables.
const TABLES: [&[&str]; 6] = [
    &["table", "latest"],
    &["table", "latest", "--epochs"],
    &["claims", "latest"],
    &["plot", "latest", "--kind", "curves", "--title", HOSTILE],
    &["params", "smoke"],
    &["diff", "latest", "--baseline", "other", "--no-confirm"],
];

#[test]
fn no_verb_obeys_a_hostile_text_in_any_form() {
    let root = hostile();
    for verb in TABLES {
        let shown = |format| stdout(root.path(), &[verb, &["--format", format]].concat());
        assert!(!shown("text").is_empty(), "{verb:?}");
        let markdown = shown("markdown");
        for event in read(&markdown) {
            let is_table = matches!(
                event,
                Event::Text(_)
                    | Event::End(_)
                    | Event::Start(
                        Tag::Paragraph
                            | Tag::Strong
                            | Tag::Table(_)
                            | Tag::TableHead
                            | Tag::TableRow
                            | Tag::TableCell
                            | Tag::List(None)
                            | Tag::Item
                    )
            );
            assert!(is_table, "{verb:?}: {event:?} in {markdown}");
        }
        serde_json::from_str::<serde_json::Value>(&shown("json")).unwrap();
        if verb[0] != "diff" {
            let csv = shown("csv");
            for row in csv::Reader::from_reader(csv.as_bytes()).records() {
                let is_formula = |field: &str| field.starts_with(['=', '+', '@']);
                assert!(!row.unwrap().iter().any(is_formula), "{verb:?}: {csv}");
            }
        }
    }
    stdout(root.path(), &["list"]);
    assert!(stdout(root.path(), &["list", "--format", "json"]).contains("\\u001b[2J\\u009b31m"));
    roxmltree::Document::parse(&stdout(
        root.path(),
        &["diff", "latest", "--baseline", "other", "--no-confirm", "--format", "junit"],
    ))
    .unwrap();
}

#[test]
fn no_picture_or_page_obeys_a_hostile_text() {
    let root = hostile();
    stdout(root.path(), &["plot", "latest", "--kind", "curves", "--title", HOSTILE, "--out", "plot.svg"]);
    stdout(root.path(), &["page", "latest", "--out", "page (1).md"]);
    let pictures =
        std::fs::read_dir(root.path().join("page (1)")).unwrap().map(|entry| entry.unwrap().path());
    let pictures: Vec<_> = pictures.chain([root.path().join("plot.svg")]).collect();
    assert!(pictures.len() > 1);
    for path in pictures {
        let svg = std::fs::read_to_string(&path).unwrap();
        let read = roxmltree::Document::parse(&svg).unwrap();
        let title = read.descendants().find(|node| node.has_tag_name("title")).unwrap();
        assert!(title.text().unwrap().contains("<b>x</b> \\u{1b}[2J"), "{title:?}");
    }
    let page = std::fs::read_to_string(root.path().join("page (1).md")).unwrap();
    assert!(!page.contains(|c| is_control(c) && c != '\n'), "{page:?}");
    for event in read(&page) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => assert!(dest_url.starts_with("#"), "{dest_url}"),
            Event::Start(Tag::Image { dest_url, .. }) => {
                assert!(dest_url.starts_with("page%20%281%29/"), "{dest_url}")
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                assert!(
                    ["<!-- Made", "<details>", "</details>"].iter().any(|own| html.starts_with(own)),
                    "{html}"
                );
            }
            _ => {}
        }
    }
}

#[test]
fn no_error_obeys_a_hostile_name() {
    let root = tempfile::tempdir().unwrap();
    let file = "\u{1b}[31m\u{202e}.toml";
    let keys = "\"\\u001b[2J\\nerror: all is well\" = 1\n[defaults.\"\\u009b\"]\n";
    std::fs::write(root.path().join(file), format!("schema = 1\nname = \"s\"\n{keys}")).unwrap();
    for arguments in [
        &["list", file][..],
        &["check", file],
        &["run", file, "--dry-run"],
        &["table", HOSTILE],
        &["plot", "--kind", "box", "--out", HOSTILE],
        &["run", HOSTILE],
        &["diff", "--baselines", HOSTILE, HOSTILE],
        &["run", "--name", HOSTILE],
        &[HOSTILE],
    ] {
        stdout(root.path(), arguments);
    }
}
