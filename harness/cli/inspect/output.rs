//! Where what was found goes: JSON on stdout, or a file of the kind that its name says.

use std::path::PathBuf;

use serde::Serialize;

use super::Options;
use crate::cli::{Ended, Exit, Failure, print};
use crate::record::write_bytes;
use crate::report::chart::png;

/// A file, and what is written to it.
#[derive(Clone, Debug)]
pub(super) struct Out {
    path: PathBuf,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Svg,
    Png,
    Html,
}

/// A file by its name.
pub(super) fn out(text: &str) -> Result<Out, String> {
    let path = PathBuf::from(text);
    let form = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => Form::Json,
        Some("svg") => Form::Svg,
        Some("png") => Form::Png,
        Some("html") => Form::Html,
        _ => return Err("the name must end in .json, .svg or .png (`steps`: .html, too)".to_owned()),
    };
    Ok(Out { path, form })
}

/// Only `steps` has a page.
pub(super) fn refuse_page(options: &Options) -> Result<(), Failure> {
    match &options.out {
        Some(out) if out.form == Form::Html => {
            let message =
                format!("--out {}: only `steps` has a page; give .json, .svg or .png", out.path.display());
            Err(Failure::new(Exit::Usage, message))
        }
        _ => Ok(()),
    }
}

/// Puts out data, or a picture of it.
pub(super) fn put<T: Serialize>(options: &Options, data: &T, svg: impl FnOnce(&T) -> String) -> Ended {
    put_page(options, data, svg, |_| Ok(String::new()))
}

/// As [`put`], for what has a page, too.
pub(super) fn put_page<T: Serialize>(
    options: &Options,
    data: &T,
    svg: impl FnOnce(&T) -> String,
    page: impl FnOnce(&T) -> serde_json::Result<String>,
) -> Ended {
    let internal = |error: serde_json::Error| Failure::new(Exit::Internal, error);
    let json = || serde_json::to_string(data).map(|json| json + "\n").map_err(internal);
    let Some(Out { path, form }) = &options.out else {
        print(&json()?)?;
        return Ok(Exit::Success);
    };
    let content = match form {
        Form::Json => json()?.into_bytes(),
        Form::Svg => svg(data).into_bytes(),
        Form::Png => png(&svg(data))
            .map_err(|error| Failure::new(Exit::Internal, format!("{}: {error}", path.display())))?,
        Form::Html => page(data).map_err(internal)?.into_bytes(),
    };
    write_bytes(path, &content)?;
    print(&format!("{}\n", path.display()))?;
    Ok(Exit::Success)
}
