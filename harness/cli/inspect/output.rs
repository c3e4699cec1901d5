//! Where what was found goes: JSON on stdout, a file of the kind that its name says, or the run's folder.

use std::path::PathBuf;

use super::Options;
use crate::app::exit::{Exit, Failure};
use crate::app::picture;
use crate::app::records::locate;
use crate::app::results::invocation;
use crate::escape;
use crate::record::{Folder, Format, Inspection, write_bytes};
use crate::report::inspect::Finding;
use crate::terminal::print;
use crate::valid::Validate;

/// A file, and what is written to it.
#[derive(Clone, Debug)]
pub(super) struct Out {
    path: PathBuf,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Picture,
    Page,
}

/// A file by its name.
pub(super) fn out(text: &str) -> Result<Out, String> {
    let path = PathBuf::from(text);
    let form = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => Form::Json,
        Some("svg" | "png") => Form::Picture,
        Some("html") => Form::Page,
        _ => return Err("the name must end in .json, .svg or .png (`steps`: .html, too)".to_owned()),
    };
    Ok(Out { path, form })
}

/// A name to keep something under.
pub(super) fn name(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match text.chars().all(is_plain) && text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        true => Ok(text.to_owned()),
        false => {
            Err("a name is made of letters, digits, `-`, `_` and `.`, a letter or digit first".to_owned())
        }
    }
}

/// Only `steps` has a page.
pub(super) fn refuse_page(options: &Options) -> Result<(), Failure> {
    match &options.out {
        Some(out) if out.form == Form::Page => {
            let message =
                format!("--out {}: only `steps` has a page; give .json, .svg or .png", out.path.display());
            Err(Failure::new(Exit::Usage, message))
        }
        _ => Ok(()),
    }
}

/// The name to keep something under, and the folder of the run that this record is of.
pub(super) fn keep(options: &Options, record: &str) -> Result<Option<(String, Folder)>, Failure> {
    let Some(name) = &options.keep else { return Ok(None) };
    Ok(Some((name.clone(), Folder::around(&locate(&options.results, record)?.1)?)))
}

/// Puts out what was found.
pub(super) fn put(
    options: &Options,
    keep: Option<(String, Folder)>,
    found: Finding,
) -> Result<Exit, Failure> {
    let internal = |error: serde_json::Error| Failure::new(Exit::Internal, error);
    let nonsense = |why| Failure::new(Exit::Internal, format!("the worker's answer makes no sense: {why}"));
    found.validate().map_err(nonsense)?;
    let json =
        || serde_json::to_string(&found).map(|json| escape::json::text(&json) + "\n").map_err(internal);
    if let Some(Out { path, form }) = &options.out {
        match (form, &found) {
            (Form::Json, _) => write_bytes(path, json()?.as_bytes())?,
            (Form::Page, Finding::Steps(steps)) => {
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
