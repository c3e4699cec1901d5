//! On what terms verdicts are reached.

use std::path::Path;

use crate::app::exit::{Exit, Failure};
use crate::compare::{Across, Margins, Noise, Terms};
use crate::record::{Baseline, Calibration};

/// On what terms verdicts are reached.
#[derive(Clone, Debug, clap::Args)]
pub struct TermsOptions {
    /// Error rate of each kind of verdict, over all cases together, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, value_parser = error_rate)]
    alpha: f64,
    /// An accuracy less than this below the baseline's is not worse, in percentage points
    #[arg(long, value_name = "POINTS", default_value_t = 0.5, value_parser = percent)]
    accuracy_margin: f64,
    /// A loss less than this above the baseline's is not worse, in percent of it
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0, value_parser = percent)]
    loss_margin: f64,
    /// A loss less than this above the baseline's over all cases of a suite is not worse, in percent of it
    #[arg(long, value_name = "PERCENT", default_value_t = 2.0, value_parser = percent)]
    suite_margin: f64,
    /// A time at most this above the baseline's is not slower, in percent of it
    #[arg(long, value_name = "PERCENT", default_value_t = 2.0, value_parser = percent)]
    throughput_margin: f64,
    /// A field, or a glob over fields, whose change is under test: compared all the same; may be
    /// repeated
    #[arg(long, value_name = "FIELD")]
    across: Vec<String>,
}

/// Reads a percentage.
///
/// # Errors
/// Returns what to give instead of another text.
pub fn percent(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value < 100.0 => Ok(value),
        _ => Err("give a number above 0 and below 100".to_owned()),
    }
}

/// Reads an error rate in percent. From 50 % on, a verdict on one side says no more than a coin.
fn error_rate(text: &str) -> Result<f64, String> {
    percent(text)
        .ok()
        .filter(|value| *value < 50.0)
        .ok_or_else(|| "give a number above 0 and below 50".to_owned())
}

impl TermsOptions {
    /// Returns the terms on the machine of a run.
    ///
    /// # Errors
    /// Fails if a calibration of the machine cannot be read, or if `--across` makes no sense.
    pub fn on(&self, results: &Path, run: &Baseline) -> Result<Terms, Failure> {
        let measured = run.cases.iter().find_map(|case| case.throughput.first()).map(|one| one.method);
        let calibration = Calibration::find(results, &run.fingerprint)?;
        // What is measured in another way has another noise.
        let calibration = calibration.filter(|calibration| measured.is_none_or(|it| calibration.is_of(it)));
        let noise = calibration.and_then(|calibration| Noise::of(&calibration.cases));
        Ok(Terms { noise: noise.unwrap_or_default(), ..self.terms()? })
    }

    /// Returns the terms on a machine that was not calibrated.
    ///
    /// # Errors
    /// Fails if `--across` makes no sense.
    pub fn terms(&self) -> Result<Terms, Failure> {
        let across = Across::new(&self.across)
            .map_err(|error| Failure::new(Exit::Usage, format!("--across: {error}")))?;
        Ok(Terms {
            alpha: self.alpha / 100.0,
            accuracy_margin: self.accuracy_margin / 100.0,
            loss_margin: self.loss_margin / 100.0,
            suite_margin: self.suite_margin / 100.0,
            throughput_margin: self.throughput_margin / 100.0,
            margins: Margins::default(),
            noise: Noise::default(),
            across,
        })
    }
}
