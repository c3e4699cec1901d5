//! Which cases of suites are meant.

/// Cases of suites, by their names.
#[derive(Clone, Debug, clap::Args)]
pub struct FilterOptions {
    /// Only these cases: one by its name, `case` or `suite/case`, else all with that as a part of it, or a
    /// glob over it; may be repeated
    #[arg(id = "filters", long = "filter", value_name = "PATTERN")]
    pub patterns: Vec<String>,
}

/// A variant of a suite, such as a shorter one.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ProfileOptions {
    /// One of the suite's profiles
    #[arg(id = "profile", long = "profile", value_name = "PROFILE")]
    pub name: Option<String>,
    /// Set a value of every case, as in training.batch=64 or optimizer.lr=0.01: it is part of the identity like any
    /// other; may be repeated
    #[arg(id = "settings", long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
}
