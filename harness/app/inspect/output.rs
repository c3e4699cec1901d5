//! Where what was found goes: JSON on stdout, a file of the kind that its name says, or the run's folder.

use super::options::{FileContent, InspectOptions, OutputFile};
use crate::app::exit::{Exit, Failure};
use crate::app::picture;
use crate::app::records::locate;
use crate::app::results::invocation;
use crate::escape;
use crate::record::{Folder, Format, Inspection, write_bytes};
use crate::report::inspect::ViewFinding;
use crate::terminal::print;
use crate::valid::Validate;

/// Checks that no page is asked for, which only `steps` has.
///
/// # Errors
/// Fails if one is.
pub fn refuse_page(options: &InspectOptions) -> Result<(), Failure> {
    match &options.out {
        Some(out) if out.content == FileContent::Page => {
            let message =
                format!("--out {}: only `steps` has a page; give .json, .svg or .png", out.path.display());
            Err(Failure::new(Exit::Usage, message))
        }
        _ => Ok(()),
    }
}

/// Returns the name to keep something under, and the folder of the run that this record is of. Returns `None` if
/// nothing is to be kept.
///
/// # Errors
/// Fails if there is no such record, or if it does not lie in the folder of a run.
pub fn keep(options: &InspectOptions, record: &str) -> Result<Option<(String, Folder)>, Failure> {
    let Some(name) = &options.keep else { return Ok(None) };
    Ok(Some((name.clone(), Folder::around(&locate(&options.results.folder, record)?.1)?)))
}

/// Writes what was found where the options say, and returns the exit code.
///
/// # Errors
/// Fails if the worker's answer makes no sense, or if a file cannot be written.
pub fn put(
    options: &InspectOptions,
    keep: Option<(String, Folder)>,
    found: ViewFinding,
) -> Result<Exit, Failure> {
    let internal = |error: serde_json::Error| Failure::new(Exit::Internal, error);
    let nonsense = |why| Failure::new(Exit::Internal, format!("the worker's answer makes no sense: {why}"));
    found.validate().map_err(nonsense)?;
    let json =
        || serde_json::to_string(&found).map(|json| escape::json::text(&json) + "\n").map_err(internal);
    if let Some(OutputFile { path, content }) = &options.out {
        match (content, &found) {
            (FileContent::Json, _) => write_bytes(path, json()?.as_bytes())?,
            (FileContent::Page, ViewFinding::Steps(steps)) => {
                write_bytes(path, steps.html().map_err(internal)?.as_bytes())?;
            }
            _ => picture::write(path, &found.svg())?,
        }
        print(&format!("{}\n", path.display()));
    } else if keep.is_none() {
        print(&json()?);
    }
    if let Some((name, folder)) = keep {
        let _lock = folder.lock()?;
        let kept = Inspection { format: Format::CURRENT, invocation: invocation(), found };
        folder.write_inspection(&name, &kept)?;
        print(&format!("{}\n", folder.inspection_path(&name).display()));
    }
    Ok(Exit::Success)
}
