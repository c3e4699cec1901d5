//! Cases with `each`: one case for every row of values.
#![allow(clippy::unwrap_used)]

use tchbench::recipe::Optimizer;
use tchbench::recipe::optimizers::Sgd;
use tchbench::suite::case::Case;
use tchbench::suite::parse;

/// A suite with one template.
fn suite(case: &str) -> String {
    format!(
        "schema = 1\nname = \"s\"\n[defaults]\ndataset = \"mnist\"\nepochs = 5\nbatch = 32\n\
         optimizer = {{ kind = \"adam\", lr = 1e-3 }}\n[profiles.quick]\nepochs = 1\n[[case]]\n{case}\n"
    )
}

const LINEAR: &str = "layers = [{ kind = \"flatten\" }, { kind = \"dense\", units = 10 }]";

fn cases(case: &str) -> Vec<Case> {
    parse(&suite(case), "s.toml", None).unwrap().cases
}

#[test]
fn a_row_gives_values_of_any_type_and_parts_of_texts() {
    let cases = cases(
        "each = [
           { width = 1_000, total = 795_010, rule = { kind = \"sgd\", lr = 0.1 } },
           { width = 16, total = 12_730, rule = { kind = \"sgd\", lr = 1 } },
         ]
         name = \"wide-{width}\"
         description = \"784-{width}-10, {total} parameters\"
         optimizer = \"{rule}\"
         parameters = \"{total}\"
         layers = [
           { kind = \"flatten\" },
           { kind = \"dense\", units = \"{width}\", activation = \"relu\" },
           { kind = \"dense\", units = 10 },
         ]",
    );
    let shown: Vec<_> = cases.iter().map(|case| (case.name.as_str(), case.parameters)).collect();
    assert_eq!(shown, [("wide-1000", Some(795_010)), ("wide-16", Some(12_730))]);
    assert_eq!(cases[0].description, "784-1000-10, 795010 parameters");
    let sgd = |lr| Optimizer::Sgd(Sgd { lr, momentum: 0.0, nesterov: false });
    assert_eq!(cases[0].experiment.training.optimizer, sgd(0.1));
    assert_eq!(cases[1].experiment.training.optimizer, sgd(1.0));
}

/// What is written once for many rows is the same experiment as written out.
#[test]
fn a_row_is_a_case_like_any_other() {
    let row = cases(&format!(
        "each = [{{ n = 3, p = 0.2 }}]\nname = \"a\"\nseeds = [\"{{n}}\"]\nlabel_noise = \"{{p}}\"\n{LINEAR}"
    ));
    assert_eq!(row, cases(&format!("name = \"a\"\nseeds = [3]\nlabel_noise = 0.2\n{LINEAR}")));
}

#[test]
fn braces_mean_nothing_without_each() {
    let cases = cases(&format!("name = \"a\"\ndescription = \"{{0, 1}}\"\n{LINEAR}"));
    assert_eq!(cases[0].description, "{0, 1}");
}

#[test]
fn rows_that_make_no_sense() {
    let texts = [
        format!("each = []\nname = \"a\"\n{LINEAR}"),
        format!("each = [1]\nname = \"a\"\n{LINEAR}"),
        format!("each = [{{ n = 1 }}, {{ m = 2 }}]\nname = \"a-{{n}}\"\n{LINEAR}"),
        format!("each = [{{ n = 1, lr = 2 }}]\nname = \"a-{{n}}\"\n{LINEAR}"),
        format!("each = [{{ n = [1] }}]\nname = \"a-{{n}}\"\n{LINEAR}"),
        format!("each = [{{ p = 2 }}, {{ p = 3 }}]\nname = \"a-{{p}}\"\nlabel_noise = \"{{p}}\"\n{LINEAR}"),
        format!(
            "each = [{{ p = 0.1 }}, {{ p = 0.1 }}]\nname = \"a-{{p}}\"\nlabel_noise = \"{{p}}\"\n{LINEAR}"
        ),
        format!("each = [{{ n = 1 }}, {{ n = 2 }}]\nname = \"a-{{n}}\"\nepoch = 3\n{LINEAR}"),
    ];
    let refused = |text: &String| parse(&suite(text), "s.toml", None).map(drop).unwrap_err().to_string();
    insta::assert_snapshot!(texts.iter().map(refused).collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn a_grid_is_every_combination_in_the_order_of_the_file() {
    let grid = cases(&format!(
        "grid = {{ width = [1, 2], noise = [0.1, 0.2, 0.3] }}\nname = \"a-{{width}}-{{noise}}\"\n\
         seeds = [\"{{width}}\"]\nlabel_noise = \"{{noise}}\"\n{LINEAR}"
    ));
    let names: Vec<&str> = grid.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["a-1-0.1", "a-1-0.2", "a-1-0.3", "a-2-0.1", "a-2-0.2", "a-2-0.3"]);
    let written = cases(&format!("name = \"a-2-0.1\"\nseeds = [2]\nlabel_noise = 0.1\n{LINEAR}"));
    assert_eq!(grid[3..4], written);
}

#[test]
fn each_row_has_every_combination_of_the_grid() {
    let rows = cases(&format!(
        "each = [{{ n = 7 }}, {{ n = 8 }}]\ngrid = {{ p = [0.1, 0.2] }}\nname = \"a-{{n}}-{{p}}\"\n\
         seeds = [\"{{n}}\"]\nlabel_noise = \"{{p}}\"\n{LINEAR}"
    ));
    let names: Vec<&str> = rows.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["a-7-0.1", "a-7-0.2", "a-8-0.1", "a-8-0.2"]);
}

#[test]
fn grids_that_make_no_sense() {
    let texts = [
        format!("grid = []\nname = \"a\"\n{LINEAR}"),
        format!("grid = {{ n = 1 }}\nname = \"a\"\n{LINEAR}"),
        format!("grid = {{ n = [] }}\nname = \"a\"\n{LINEAR}"),
        format!("grid = {{ n = [1, 2], m = [3] }}\nname = \"a-{{n}}\"\n{LINEAR}"),
        format!("each = [{{ n = 1 }}]\ngrid = {{ n = [1, 2] }}\nname = \"a-{{n}}\"\n{LINEAR}"),
        format!("grid = {{ n = [1, 1] }}\nname = \"a-{{n}}\"\n{LINEAR}"),
    ];
    let refused = |text: &String| parse(&suite(text), "s.toml", None).map(drop).unwrap_err().to_string();
    insta::assert_snapshot!(texts.iter().map(refused).collect::<Vec<_>>().join("\n\n"));
}
