//! Downloads a dataset: from the next mirror where one fails, verified before it gets its name.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::Permissions;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use indicatif::ProgressBar;
use ureq::Agent;

use super::catalogue::{File, Manifest};
use super::gzip::{self, is_packed};
use super::locate::path_in;
use super::{Error, memory};
use crate::files;

/// What the name of a packed file ends in.
const PACKED: &str = ".gz";
/// A mirror that sends nothing for so long is given up.
const SILENCE: Duration = Duration::from_secs(60);

/// Downloads those files of a dataset that are not in `folder` yet, or are there with a wrong digest. Returns how many
/// were downloaded.
///
/// `mirrors` are URL prefixes, tried in this order for each file (see [`Manifest::mirrors`]). IDX files of a dataset that
/// is part of the program are published packed, as `<file>.gz`; those of a user's own as they are or packed. A file is
/// held in memory until its digest is verified, then written beside its place and renamed, so that nothing half-written
/// ever has its name.
///
/// # Errors
///
/// [`Error::Download`] where no mirror gave a file; those that were complete before stay. An error if the dataset is none
/// of files that each have a name of their own.
pub fn fetch(
    manifest: &Manifest,
    mirrors: &[impl AsRef<str>],
    folder: &Path,
    bar: &ProgressBar,
) -> Result<u32, Error> {
    if manifest.is_embedded() {
        return Err(Error::NothingToFetch { name: manifest.name.clone() });
    }
    let agent = Agent::new_with_config(
        Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_recv_response(Some(Duration::from_secs(30)))
            .timeout_recv_body(Some(Duration::from_secs(1200)))
            .build(),
    );
    expect_names(manifest)?;
    let mut downloaded = 0;
    for file in manifest.files() {
        let present = path_in(folder, file.name());
        if present.as_deref().is_some_and(|path| is_good(path, file)) {
            continue;
        }
        let (end, content) = from_any(&agent, mirrors, file, ends(manifest, file), bar)?;
        let path = folder.join(format!("{}{end}", file.name()));
        write(folder, &path, &content).map_err(|source| Error::Write { path: path.clone(), source })?;
        // A bad file without `.gz` would be found before the good one.
        if let Some(bad) = present.filter(|bad| *bad != path) {
            std::fs::remove_file(&bad).map_err(|source| Error::Write { path: bad, source })?;
        }
        downloaded += 1;
    }
    bar.finish_and_clear();
    Ok(downloaded)
}

/// Checks that a dataset is one of files that can be downloaded into one folder.
///
/// # Errors
/// [`Error::Folder`] of folders, and [`Error::SameName`] of two files that have one name.
pub(super) fn expect_names(manifest: &Manifest) -> Result<(), Error> {
    if manifest.files().any(|file| file.sha256.is_none()) {
        return Err(Error::Folder { name: manifest.name.clone() });
    }
    let mut names = BTreeSet::new();
    match manifest.files().find(|file| !names.insert(file.name())) {
        None => Ok(()),
        Some(file) => Err(Error::SameName { name: manifest.name.clone(), file: file.name().to_owned() }),
    }
}

/// Returns what the name of a file may end in on a mirror.
fn ends(manifest: &Manifest, file: &File) -> &'static [&'static str] {
    if manifest.place.is_none() && manifest.format == "idx" {
        &[PACKED]
    } else if manifest.place.is_none() || file.name().ends_with(PACKED) {
        &[""]
    } else {
        &["", PACKED]
    }
}

/// Returns what the first mirror that has the file sends, and what the file's name ends in there.
fn from_any(
    agent: &Agent,
    mirrors: &[impl AsRef<str>],
    file: &File,
    ends: &[&'static str],
    bar: &ProgressBar,
) -> Result<(&'static str, Vec<u8>), Error> {
    let mut failures = String::new();
    for mirror in mirrors {
        for end in ends {
            let url = format!("{}{}{end}", mirror.as_ref(), in_url(file.name()));
            match download(agent, &url, file, bar) {
                Ok(content) => return Ok((end, content)),
                Err(reason) => {
                    let _ = write!(failures, "\n  {url}: {reason}");
                }
            }
        }
    }
    Err(Error::Download { file: file.name().to_owned(), failures })
}

/// Returns a name as a URL has it: bytes that are not unreserved are percent-encoded (RFC 3986, section 2).
fn in_url(name: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn download(agent: &Agent, url: &str, file: &File, bar: &ProgressBar) -> Result<Vec<u8>, String> {
    let body = agent.get(url).call().map_err(|error| error.to_string())?.into_body();
    bar.reset();
    bar.set_message(file.name().to_owned());
    bar.set_length(body.content_length().unwrap_or(0));
    let reader = body.into_with_config().limit(memory::half()).reader();
    let content = read_all(bar.wrap_read(reader), SILENCE)?;
    if url.ends_with(PACKED) && !is_packed(&content) {
        return Err("not gzip".to_owned());
    }
    let found = gzip::digest(&content[..]).map_err(|error| error.to_string())?;
    if let Some(expected) = file.sha256.as_ref().filter(|expected| **expected != found) {
        return Err(format!("the SHA-256 of its uncompressed content is {found}, expected {expected}"));
    }
    Ok(content)
}

/// All that a reader gives. One that is silent for longer than `silence` is left alone with the thread
/// that waits for it: ureq bounds a whole body's time, not that of one read.
fn read_all(mut reader: impl Read + Send + 'static, silence: Duration) -> Result<Vec<u8>, String> {
    let (sender, chunks) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let mut next = || {
            let mut chunk = vec![0; 1 << 16];
            let count = reader.read(&mut chunk)?;
            chunk.truncate(count);
            Ok::<_, io::Error>(chunk)
        };
        // Nobody may listen any more.
        while sender.send(next()).is_ok() {}
    });
    let mut content = Vec::new();
    loop {
        match chunks.recv_timeout(silence) {
            Ok(Ok(chunk)) if chunk.is_empty() => return Ok(content),
            Ok(Ok(chunk)) => content.extend(chunk),
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => return Err(format!("nothing arrived for {silence:?} after {} bytes", content.len())),
        }
    }
}

fn is_good(path: &Path, file: &File) -> bool {
    files::open(path)
        .and_then(|file| gzip::digest(BufReader::new(file)))
        .is_ok_and(|found| file.sha256.as_ref().is_none_or(|expected| *expected == found))
}

fn write(folder: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    // 0o666 before the user's umask, as for any other file: others may share the folder.
    let permissions = Permissions::from_mode(0o666);
    let mut file = tempfile::Builder::new().prefix(".fetch-").permissions(permissions).tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn what_falls_silent_is_given_up() {
        let (mut server, client) = UnixStream::pair().unwrap();
        server.write_all(b"half").unwrap();
        let error = read_all(client, Duration::from_millis(50)).unwrap_err();
        assert!(error.starts_with("nothing arrived for 50ms after "), "{error}");
        // Until then it was connected.
        drop(server);
    }
}
