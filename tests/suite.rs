//! Suite files: what is shipped, what is refused and how, and what makes up an identity.

use std::path::Path;

use tchbench::suite::case::*;
use tchbench::suite::{Error, load_all, parse};

/// A suite of one case, with these lines in its defaults and its case.
fn suite(defaults: &str, case: &str) -> String {
    format!(
        "schema = 1\nname = \"s\"\n[defaults]\ndataset = \"mnist\"\nepochs = 5\nbatch = 32\n\
         optimizer = {{ kind = \"adam\", lr = 1e-3 }}\n{defaults}\n[[case]]\nname = \"a\"\n{case}\n"
    )
}

const LINEAR: &str = "layers = [{ kind = \"flatten\" }, { kind = \"dense\", units = 10 }]";

fn refused(text: &str) -> String {
    parse(text, "s.toml", None).unwrap_err().to_string()
}

fn only_case(text: &str) -> Case {
    parse(text, "s.toml", None).unwrap().cases.remove(0)
}

#[test]
fn shipped_suites_are_sound() {
    for suites in load_all(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/suites"))).unwrap() {
        let suite = &suites[0];
        assert!(suites.iter().any(|under| under.profile.as_deref() == Some("quick")), "{}", suite.name);
    }
}
