//! Suite files: what is shipped, and what is refused and how.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use proptest::prelude::*;
use tchbench::recipe::layers::batch_norm::BatchNorm;
use tchbench::recipe::layers::dense::Dense;
use tchbench::recipe::optimizers::Adam;
use tchbench::recipe::optimizers::Rmsprop;
use tchbench::recipe::optimizers::Sgd;
use tchbench::recipe::*;
use tchbench::suite::case::{Case, Suite};
use tchbench::suite::{Error, load, load_all, parse};

/// A suite of one case, with these lines in its defaults and its case.
fn suite(defaults: &str, case: &str) -> String {
    format!(
        "schema = 1\nname = \"s\"\n[defaults]\ndataset = \"mnist\"\nepochs = 5\nbatch = 32\n\
         optimizer = {{ kind = \"adam\", lr = 1e-3 }}\n{defaults}\n[[case]]\nname = \"a\"\n{case}\n"
    )
}

const LINEAR: &str = "layers = [{ kind = \"flatten\" }, { kind = \"dense\", units = 10 }]";

fn with_layers(layers: &str) -> String {
    suite("", &format!("layers = [{layers}]"))
}

fn only_case(text: &str) -> Case {
    parse(text, "s.toml", None).unwrap().cases.remove(0)
}

/// What is said to each of these, in turn.
fn refusals(texts: &[String]) -> String {
    let refused = |text: &String| parse(text, "s.toml", None).map(drop).unwrap_err().to_string();
    texts.iter().map(refused).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn shipped_suites_are_sound() {
    let all = load_all(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/suites"))).unwrap();
    let names: Vec<&str> = all.iter().map(|suites| suites[0].name.as_str()).collect();
    assert_eq!(
        names,
        [
            "cnn",
            "depth",
            "hidden-layer",
            "linear",
            "lstm-gru",
            "lstm2x128",
            "pixels-rows",
            "rnn-lstm",
            "sequences",
            "smoke",
            "width"
        ]
    );
    for suites in &all {
        assert_eq!(suites[0].profile, None);
        assert_eq!(suites[1].profile.as_deref(), Some("quick"));
        assert!(suites[0].cases.iter().all(|case| case.parameters.is_some()));
        let seeds = if ["lstm-gru", "width"].contains(&suites[1].name.as_str()) { 5 } else { 2 };
        assert!(suites[1].cases.iter().all(|case| case.seeds.len() >= seeds), "{}", suites[1].name);
    }
    let claims = |suite: &Suite| suite.cases.iter().map(|case| case.claims.len()).sum::<usize>();
    let of = |profile: usize| all.iter().map(|suites| claims(&suites[profile])).collect::<Vec<_>>();
    assert_eq!(of(0), [2, 2, 5, 2, 8, 5, 3, 6, 2, 0, 0]);
    assert_eq!(of(1), [0; 11], "claims are about the full recipe");
}

/// The `toml` blocks of the manual are suites, or cases under ordinary defaults.
#[test]
fn examples_of_the_manual_are_sound() {
    let manual = [include_str!("../README.md"), include_str!("../docs/suites.md")].concat();
    let examples: Vec<&str> =
        manual.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(examples.len() > 5);
    for example in examples {
        let defaults = suite("", "").replace("[[case]]\nname = \"a\"\n", "");
        let whole = if example.contains("schema") { example.to_owned() } else { defaults + example };
        parse(&whole, "example", None).unwrap_or_else(|error| panic!("{error}\n{example}"));
    }
}

#[test]
fn defaults_are_written_out() {
    let case = only_case(&suite("", LINEAR));
    insta::assert_snapshot!(serde_json::to_string_pretty(&case).unwrap());
}

/// Constants that differ between the conventions.
#[test]
fn conventions_bring_their_constants() {
    let of = |convention: &str, rule: &str| {
        let case = only_case(&suite(
            &format!("convention = \"{convention}\""),
            &format!(
                "optimizer = {{ kind = \"{rule}\", lr = 1 }}\nlayers = [{{ kind = \"batch-norm\" }}, \
                 {{ kind = \"flatten\" }}, {{ kind = \"dense\", units = 10 }}]"
            ),
        ));
        (case.experiment.training.optimizer, case.experiment.layers[0].clone())
    };
    let adam = |eps| Optimizer::Adam(Adam { lr: 1.0, beta1: 0.9, beta2: 0.999, eps });
    let norm = |momentum, eps| Layer::BatchNorm(BatchNorm { momentum, eps });
    assert_eq!(of("torch", "adam"), (adam(1e-8), norm(0.1, 1e-5)));
    assert_eq!(of("keras", "adam"), (adam(1e-7), norm(0.01, 1e-3)));
    assert_eq!(of("torch", "rmsprop").0, Optimizer::Rmsprop(Rmsprop { lr: 1.0, alpha: 0.99, eps: 1e-8 }));
    assert_eq!(of("keras", "rmsprop").0, Optimizer::Rmsprop(Rmsprop { lr: 1.0, alpha: 0.9, eps: 1e-7 }));
    assert_eq!(of("tf1", "adam"), (adam(1e-8), norm(0.01, 1e-3)));
    assert_eq!(of("tf1", "rmsprop").0, of("keras", "rmsprop").0);
    assert_eq!(of("keras", "sgd").0, Optimizer::Sgd(Sgd { lr: 1.0, momentum: 0.0, nesterov: false }));
}

/// The reset gate of a convention's own GRU, which a layer's own `reset` replaces.
#[test]
fn conventions_bring_their_gru() {
    let of = |convention: &str, reset: &str| {
        let layers = format!(
            "layers = [{{ kind = \"sequence\", by = \"rows\" }}, {{ kind = \"gru\", units = 4{reset} }}, \
             {{ kind = \"dense\", units = 10 }}]"
        );
        let case = only_case(&suite(&format!("convention = \"{convention}\""), &layers));
        match &case.experiment.layers[1] {
            Layer::Recurrent(layer) => Some(layer.reset),
            _ => None,
        }
    };
    let own = ["torch", "keras", "tf1"].map(|convention| of(convention, ""));
    assert_eq!(own, [Reset::After, Reset::After, Reset::Before].map(Some));
    assert_eq!(of("tf1", ", reset = \"after\""), Some(Reset::After));
}

#[test]
fn a_layer_wins_over_its_case_and_a_case_over_the_defaults() {
    let case = only_case(&suite(
        "l2 = 0.1\nseeds = [7]\naugmentation = { when = \"once\", flip = true }",
        "epochs = 9\naugmentation = false\nlayers = [{ kind = \"flatten\" }, \
         { kind = \"dense\", units = 5 }, { kind = \"dense\", units = 10, l2 = 0 }]",
    ));
    let penalties: Vec<f64> = case
        .experiment
        .layers
        .iter()
        .filter_map(|layer| match layer {
            Layer::Dense(Dense { l2, .. }) => Some(*l2),
            _ => None,
        })
        .collect();
    assert_eq!(penalties, [0.1, 0.0]);
    assert_eq!(case.experiment.training.epochs, 9);
    assert_eq!(case.experiment.data.augmentation, None);
    assert_eq!(case.seeds, [7]);
}

#[test]
fn a_profile_wins_over_all_and_drops_claims_of_the_full_recipe() {
    let claims =
        "epochs = 6\nclaims = [{ metric = \"train-loss\", at_most = 1, by_epoch = 6, source = \"x\" }]";
    let text = format!(
        "{}\n[profiles.short]\nepochs = 1\n[profiles.seeds]\nseeds = [1, 2]\n\
         [profiles.smaller]\ntrain_samples = 100\nkeep_claims = true\n",
        suite("epochs = 5", &format!("{claims}\n{LINEAR}")).replacen("epochs = 5\n", "", 1)
    );
    let under = |profile| parse(&text, "s.toml", profile).unwrap().cases.remove(0);
    let shown = |case: Case| (case.experiment.training.epochs, case.seeds.len(), case.claims.len());
    assert_eq!(shown(under(None)), (6, 1, 1));
    assert_eq!(shown(under(Some("short"))), (1, 1, 0));
    assert_eq!(shown(under(Some("seeds"))), (6, 2, 1));
    assert_eq!(shown(under(Some("smaller"))), (6, 1, 1));
    let full = parse(&text, "s.toml", Some("full")).unwrap();
    assert_eq!((full.profile, full.cases.len()), (None, 1));
    let error = parse(&text, "s.toml", Some("shrot")).unwrap_err();
    assert_eq!(error.to_string(), "s.toml: no profile `shrot`; did you mean `short`?");
}

#[test]
fn typos() {
    insta::assert_snapshot!(refusals(&[
        suite("epoch = 3", LINEAR),
        suite("", &format!("{LINEAR}\nclaim = []")),
        suite("", "layers = [{ kind = \"flaten\" }, { kind = \"dense\", unit = 10 }]"),
        suite("dataset = \"minst\"", LINEAR).replacen("dataset = \"mnist\"\n", "", 1),
        suite("schedule = { kind = \"warm\" }", LINEAR),
        suite("optimizer.kind = \"adam\"", LINEAR),
        suite("", LINEAR).replace("[defaults]", "[default]"),
        suite("", LINEAR) + "[profiles.quick]\nbatch = 3\n",
        suite("", "name = \"a\"\nlayers = []"),
        "schema = 1\nname = \"s\"\ncase = [".to_owned(),
    ]));
}

#[test]
fn values_out_of_range() {
    let wrong = [
        "label_noise = 1.5",
        "resize = [14, 14, 1]",
        "resize = 1000",
        "pixel_noise = { when = \"appended\", std = 0 }",
        "normalize = { mean = nan, std = -1 }",
        "augmentation = { when = \"once\" }",
        "binarize = \"yes\"",
        "train_samples = 60_001",
        "validation = { from = \"test\", count = 10_000 }",
        "validation = { from = \"train\", count = 50_000 }\ntrain_samples = 20_000",
        "weight_decay = -1e-3",
        "schedule = { kind = \"reduce-on-plateau\", factor = 1, patience = 0 }",
        "schedule = { kind = \"reduce-on-plateau\", factor = 0.5, patience = 1, min_lr = 0.01 }",
        "early_stopping = { patience = 3 }",
        "seeds = []",
        "seeds = [1, -2]",
        "seeds = [1, 2, 1]",
        "numerics = \"portable\"",
    ];
    let mut texts: Vec<String> = wrong.iter().map(|line| suite(line, LINEAR)).collect();
    for optimizer in [
        "{ kind = \"sgd\", lr = 0 }",
        "{ kind = \"sgd\", lr = 0.1, nesterov = true }",
        "{ kind = \"adam\", lr = 1, beta1 = 1, eps = 0, alpha = 0.9 }",
        "{ lr = 1 }",
    ] {
        texts.push(suite("", &format!("optimizer = {optimizer}\n{LINEAR}")));
    }
    insta::assert_snapshot!(refusals(&texts));
}

/// The floor is held against the rate of each case, however the two come together.
#[test]
fn a_floor_of_the_rate_is_at_most_the_rate() {
    let watched = "validation = { from = \"train\", count = 100 }\n\
         schedule = { kind = \"reduce-on-plateau\", factor = 0.5, patience = 1, min_lr = 1e-3 }";
    assert!(parse(&suite(watched, LINEAR), "s.toml", None).is_ok());
    let each = "each = [{ name = \"fast\", lr = 1e-2 }, { name = \"slow\", lr = 1e-4 }]\n\
        optimizer = { kind = \"sgd\", lr = \"{lr}\" }";
    let each = suite(watched, &format!("{each}\n{LINEAR}")).replace("\"a\"", "\"{name}\"");
    insta::assert_snapshot!(refusals(&[
        suite(watched, &format!("optimizer = {{ kind = \"adam\", lr = 5e-4 }}\n{LINEAR}")),
        each,
    ]));
}

#[test]
fn layers_that_do_not_fit() {
    insta::assert_snapshot!(refusals(&[
        with_layers("{ kind = \"dense\", units = 10 }"),
        with_layers("\n  { kind = \"lstm\", units = 32 },\n  { kind = \"dense\", units = 10 },\n"),
        with_layers("{ kind = \"flatten\" }, { kind = \"dense\", units = 12 }"),
        with_layers("{ kind = \"conv\", filters = 8, kernel = [3, 0] }"),
        with_layers("{ kind = \"conv\", filters = 8, padding = \"same\", stride = 2 }"),
        with_layers("{ kind = \"sequence\" }, { kind = \"rnn\", units = 8, activation = \"relo\" }"),
        with_layers("{ kind = \"sequence\" }, { kind = \"rnn\", units = 8, activation = \"sigmoid\" }"),
        with_layers("{ kind = \"sequence\" }, { kind = \"lstm\", units = 8, reset = \"before\" }"),
        with_layers("{ kind = \"flatten\" }, { kind = \"dropout\", rate = 1 }"),
        with_layers("3"),
        suite("", "layers = 3"),
        suite("", ""),
        suite("", &format!("{LINEAR}\nparameters = 7_851")),
    ]));
}

#[test]
fn claims_that_make_no_sense() {
    let claim = |claim: &str| suite("", &format!("{LINEAR}\nclaims = [{{ {claim} }}]"));
    insta::assert_snapshot!(refusals(&[
        claim("metric = \"test-accuracy\", source = \"x\""),
        claim("metric = \"test-accuracy\", at_least = 97, source = \"x\""),
        claim("metric = \"test-accuracy\", at_least = 0.9, by_epoch = 2, source = \"x\""),
        claim("metric = \"train-accuracy\", at_least = 0.9, by_epoch = 6, source = \"x\""),
        claim("metric = \"train-loss\", at_least = 2, at_most = 1, source = \"x\""),
        claim("metric = \"validation-loss\", at_most = 1, source = \"x\""),
        claim("metric = \"plateau-epoch\", at_most = 9, source = \"x\""),
        claim("metric = \"final-validation-accuracy\", at_least = 80, source = \"x\""),
        claim("metric = \"test_accuracy\", at_most = 1"),
    ]));
}

/// Of 5 epochs the first is 1 and the last is 5; a target that is never reached is no epoch.
#[test]
fn a_claim_on_an_epoch_is_of_one_that_there_is() {
    let validation = "validation = { from = \"train\", count = 100 }";
    let claims = |bounds: &str| {
        let claim = |metric: &str| format!("{{ metric = \"{metric}\", {bounds}, source = \"x\" }}");
        let claims = ["epochs-to-0.95", "best-epoch", "plateau-epoch"].map(claim).join(", ");
        suite("", &format!("{LINEAR}\n{validation}\nclaims = [{claims}]"))
    };
    for bounds in ["at_most = 1", "at_most = 5", "at_least = 1, at_most = 2.5"] {
        assert!(parse(&claims(bounds), "s.toml", None).is_ok(), "{bounds}");
    }
    insta::assert_snapshot!(refusals(&[
        claims("at_most = 0"),
        claims("at_most = 0.5"),
        claims("at_most = 6"),
        claims("at_least = 0, at_most = 5.5"),
    ]));
}

#[test]
fn figures_and_tables_that_make_no_sense() {
    let shown = |shown: &str| suite("", LINEAR) + shown;
    insta::assert_snapshot!(refusals(&[
        shown("[[figure]]\nkind = \"curve\""),
        shown("[[figure]]\ntitle = \"x\""),
        shown("[[figure]]\nkind = \"curves\"\ncases = [\"b*\", \"[\"]\nby = \"lr\""),
        shown("[[figure]]\nkind = \"curves\"\nmetrics = [\"test-loss\"]"),
        shown("[[figure]]\nkind = \"box\"\nmetrics = [\"test-loss\", \"test-accuracy\"]"),
        shown("[[figure]]\nkind = \"sweep\"\nmetrics = [\"test-loss\", \"test-accuracy\"]"),
        shown("[[figure]]\nkind = \"pareto\"\nagainst = \"time\""),
        shown("[[table]]\nkind = \"rows\""),
        shown("[[table]]\nkind = \"columns\"\nheadings = [\"one\", \"two\"]"),
        shown("[[table]]\nkind = \"epochs\"\npublished = [0.9, 97]"),
        shown("[[table]]\nkind = \"cases\"\nmetrics = [\"test-loss\"]"),
    ]));
}

#[test]
fn what_is_shown_changes_no_experiment_and_no_record() {
    let plain = suite("", LINEAR);
    let told = plain.replace("name = \"s\"", "name = \"s\"\nexperiment = \"C\"")
        + "[[figure]]\nkind = \"sweep\"\n[[table]]\nkind = \"cases\"\n";
    let [plain, told] = [plain, told].map(|text| parse(&text, "s.toml", None).unwrap());
    assert_eq!(told.presentation.experiment, "C");
    assert_eq!((told.presentation.figures.len(), told.presentation.tables.len()), (1, 1));
    assert_eq!(serde_json::to_value(&plain).unwrap(), serde_json::to_value(&told).unwrap());
}

#[test]
fn files_that_are_no_suite() {
    insta::assert_snapshot!(refusals(&[
        String::new(),
        "schema = 2\nname = \"future\"\nnew_key = 1\n".to_owned(),
        suite("", LINEAR).replace("name = \"s\"", "name = \"S 1\""),
        suite("", LINEAR) + "[[case]]\nname = \"a\"\n" + LINEAR,
        "schema = 1\nname = \"s\"\ncase = []\n".to_owned(),
        suite("", LINEAR).replace("name = \"a\"\n", ""),
        "schema = 1\nname = \"s\"\nname = \"t\"\n[[case]".to_owned(),
    ]));
    let missing = load(Path::new("/nowhere/s.toml"), None).unwrap_err().to_string();
    assert!(missing.starts_with("/nowhere/s.toml: "), "{missing}");
    let empty = tempfile::tempdir().unwrap();
    let none = load_all(empty.path()).unwrap_err().to_string();
    assert!(none.ends_with("no .toml file in this folder; name a suite file"), "{none}");
}

/// The first twenty mistakes of a file, and how many there are beside.
#[test]
fn every_mistake_at_once() {
    let lines: String = (0..30).map(|n| format!("key{n} = 1\n")).collect();
    let said = refusals(&[suite("", &format!("{lines}{LINEAR}"))]);
    assert_eq!(said.lines().count(), 21);
    assert!(said.ends_with("s.toml: and 10 more"), "{said}");
}

const SMOKE: &str = include_str!("../suites/smoke.toml");

proptest! {
    /// Whatever is done to a file, it is read or refused with places that are in it.
    #[test]
    fn no_file_is_too_broken(
        cut in 0..SMOKE.len(),
        length in 0_usize..40,
        put in prop_oneof![Just("0"), Just("-1"), Just("\"é\""), Just("\n"), Just("[["), Just("{ kind = 3 }"), Just("")],
    ) {
        let broken = format!("{}{put}{}", &SMOKE[..cut], SMOKE.get(cut + length..).unwrap_or(""));
        if let Err(error) = parse(&broken, "smoke.toml", None) {
            let Error::Invalid { problems, .. } = error else { panic!("{error}") };
            prop_assert!(!problems.is_empty());
            for problem in problems {
                let line = broken.split('\n').nth(problem.line - 1).unwrap_or_default();
                prop_assert!(problem.column <= line.chars().count() + 1, "{problem} in {line:?}");
            }
        }
    }
}

#[test]
fn what_no_file_or_number_can_hold_is_named_for_that() {
    let refused = |text: &str| parse(text, "s.toml", None).unwrap_err().to_string();
    let long = refused(&suite("", LINEAR).replace("\"s\"", &format!("\"{}\"", "n".repeat(151))));
    assert_eq!(
        long,
        "s.toml:2:8: name: a long text given; letters, digits and ._+- only, a letter or digit first, at most 150 characters"
    );
    parse(&suite("", LINEAR).replace("\"s\"", &format!("\"{}\"", "n".repeat(150))), "s.toml", None).unwrap();
    let seed = refused(&suite("seeds = [18446744073709551616]", LINEAR));
    assert!(
        seed.ends_with(
            "18446744073709551616 given; too large: write a whole number from 0 to 18446744073709551615"
        ),
        "{seed}"
    );
    let rate = refused(&suite("", LINEAR).replace("1e-3", "1e400"));
    assert!(rate.ends_with("1e400 given; too large: write a number up to 1.7976931348623157e308"), "{rate}");
}
