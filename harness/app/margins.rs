//! What the files of margins beside baselines say.

use std::path::{Path, PathBuf};

use super::exit::Failure;
use crate::compare::{MARGINS, Margins};
use crate::record::Baseline;

/// What files of margins say, and what is to be told of them.
pub struct LoadedMargins {
    /// The margins of all suites, without quarantines that are over.
    pub margins: Margins,
    /// Notes for people: on quarantines that are over, and on patterns that mean no case of a baseline or of what is
    /// compared with it.
    pub notes: Vec<String>,
}

impl LoadedMargins {
    /// Reads the file of each suite that is compared, in the folder that `folder` gives for a suite's name.
    ///
    /// # Errors
    /// Fails if a file cannot be read, or with all that is wrong with it.
    pub fn read(pairs: &[(Baseline, Baseline)], folder: impl Fn(&Path) -> PathBuf) -> Result<Self, Failure> {
        let mut margins = Margins::default();
        for (old, _) in pairs {
            margins.add(&old.suite, &folder(Path::new(old.suite.as_str())))?;
        }
        let mut notes = margins.on(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date());
        for (old, new) in pairs {
            let cases = old.cases.iter().chain(&new.cases).map(|case| case.trial.case.as_str());
            for pattern in margins.idle(&old.suite, &cases.collect::<Vec<_>>()) {
                notes.push(format!("{MARGINS} of {}: no case is called `{pattern}`", old.suite));
            }
        }
        Ok(LoadedMargins { margins, notes })
    }
}
