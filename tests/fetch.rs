//! Downloads, from a server of our own.

#![allow(clippy::unwrap_used, reason = "a test's helpers may fail the test")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use flate2::{Compression, read::GzEncoder};
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};
use tchbench::data::catalogue::{File, Manifest};
use tchbench::data::fetch::fetch;
use tchbench::recipe::datasets::{BUILT_INS, SplitFiles};
use tchbench::recipe::hex;

const NAMES: [&str; 4] = ["train-images", "train-labels", "test-images", "test-labels"];

/// Every file holds its own name.
fn entry() -> Manifest {
    let files = |names: &[&str]| -> Vec<File> {
        let file = |name: &&str| File { path: name.to_string(), sha256: Some(hex(&Sha256::digest(name))) };
        names.iter().map(file).collect()
    };
    let split = |names| SplitFiles { samples: 1, files: files(names) };
    let mirrors = vec!["http://127.0.0.1:9/".to_owned()];
    let [train, test] = [split(&NAMES[..2]), split(&NAMES[2..])];
    Manifest { name: "tiny".to_owned(), train, test, mirrors, ..Manifest::clone(&BUILT_INS[0]) }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzEncoder::new(text.as_bytes(), Compression::default()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// A dataset of a user's own with these files, each of which holds its own name.
fn own(format: &str, names: &[&str]) -> Manifest {
    let file = |name: &&str| File { path: format!("raw/{name}"), sha256: Some(hex(&Sha256::digest(name))) };
    let train = SplitFiles { samples: 1, files: names.iter().map(file).collect() };
    let place = Some("datasets".into());
    Manifest { format: format.to_owned(), train, test: SplitFiles::default(), place, ..entry() }
}

/// Serves `/<mirror>/<file>.gz`, where the mirror's name says what is wrong with it.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().for_each(|stream| answer(stream.unwrap())));
    format!("http://{address}")
}

fn answer(mut stream: TcpStream) {
    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let Some(request) = lines.next() else { return };
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let path = request.split(' ').nth(1).unwrap();
    let (mirror, name) = path.trim_start_matches('/').split_once('/').unwrap();
    let good = gzip(name.trim_end_matches(".gz"));
    let (status, promised, body) = match mirror {
        "good" => ("200 OK", good.len(), good),
        "truncated" => ("200 OK", good.len(), good[..good.len() / 2].to_vec()),
        "other" => ("200 OK", gzip("other").len(), gzip("other")),
        "page" => ("200 OK", 6, b"<html>".to_vec()),
        "packed" if name.ends_with(".gz") => ("200 OK", good.len(), good),
        "plain" if !name.ends_with(".gz") => {
            let name = name.replace("%20", " ");
            ("200 OK", name.len(), name.into_bytes())
        }
        _ => ("404 Not Found", 0, Vec::new()),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {promised}\r\nConnection: close\r\n\r\n");
    // A client that has seen enough may hang up first.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn files(folder: &Path) -> BTreeSet<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeSet::new() };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn complete() -> BTreeSet<String> {
    NAMES.map(|name| format!("{name}.gz")).into()
}

#[test]
fn a_bad_mirror_is_passed_over() {
    let server = server();
    for bad in ["missing", "truncated", "other", "page"] {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("tiny");
        let mirrors = [bad, "good"].map(|mirror| format!("{server}/{mirror}/"));
        assert_eq!(fetch(&entry(), &mirrors, &to, &ProgressBar::hidden()).unwrap(), 4, "{bad}");
        assert_eq!(files(&to), complete(), "{bad}");
        for name in NAMES {
            assert_eq!(std::fs::read(to.join(format!("{name}.gz"))).unwrap(), gzip(name));
        }
    }
}

#[test]
fn files_of_a_users_own_are_fetched_as_they_are_or_packed() {
    let server = server();
    let fetched = |format: &str, mirror: &str, names: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let mirrors = [format!("{server}/{mirror}/")];
        let count = fetch(&own(format, names), &mirrors, folder.path(), &ProgressBar::hidden()).unwrap();
        assert_eq!(count as usize, names.len());
        files(folder.path()).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(fetched("csv", "plain", &["a table.csv"]), ["a table.csv"]);
    assert_eq!(fetched("idx", "plain", &["images", "labels"]), ["images", "labels"]);
    assert_eq!(fetched("idx", "packed", &["images"]), ["images.gz"]);
}

#[test]
fn files_that_cannot_lie_in_one_folder_are_refused() {
    let refused = |manifest: Manifest| {
        fetch(&manifest, &[""; 0], Path::new("nowhere"), &ProgressBar::hidden()).unwrap_err().to_string()
    };
    insta::assert_snapshot!(refused(own("csv", &["a.csv", "b/a.csv"])), @"two files of `tiny` are called a.csv, which a mirror and a folder have once; rename one");
    let mut folder = own("image-folder", &["train"]);
    folder.train.files[0].sha256 = None;
    insta::assert_snapshot!(refused(folder), @"`tiny` is a folder of files, which no mirror can hold; download and unpack it by hand");
}

#[test]
fn when_every_mirror_fails_each_is_named_and_nothing_is_left() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let mirrors = ["missing", "truncated", "other", "page"].map(|mirror| format!("{server}/{mirror}/"));
    let mirrors = mirrors.into_iter().chain(["http://127.0.0.1:1/".to_owned()]).collect::<Vec<_>>();
    let error = fetch(&entry(), &mirrors, folder.path(), &ProgressBar::hidden()).unwrap_err().to_string();
    insta::assert_snapshot!(error.replace(&server, "SERVER"), @r"
    no mirror gave train-images:
      SERVER/missing/train-images.gz: http status: 404
      SERVER/truncated/train-images.gz: Peer disconnected
      SERVER/other/train-images.gz: the SHA-256 of its uncompressed content is d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa, expected 453c784a1ac99e34c2a2da1fdb62c89c149f6698ae22c8da148640e5d1b7f1a7
      SERVER/page/train-images.gz: not gzip
      http://127.0.0.1:1/train-images.gz: io: Connection refused (os error 111)
    ");
    assert!(files(folder.path()).is_empty());
}

#[test]
fn what_is_there_and_sound_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path();
    std::fs::write(to.join(NAMES[0]), NAMES[0]).unwrap();
    std::fs::write(to.join(format!("{}.gz", NAMES[1])), gzip(NAMES[1])).unwrap();
    // Unsound ones, which must not hide the good.
    std::fs::write(to.join(NAMES[2]), "damaged").unwrap();
    std::fs::write(to.join(format!("{}.gz", NAMES[3])), &gzip(NAMES[3])[..9]).unwrap();
    let mirror = [format!("{}/good/", server())];
    assert_eq!(fetch(&entry(), &mirror, to, &ProgressBar::hidden()).unwrap(), 2);
    let mut expected = complete();
    expected.remove(&format!("{}.gz", NAMES[0]));
    expected.insert(NAMES[0].to_owned());
    assert_eq!(files(to), expected);
    // Now no mirror is needed.
    assert_eq!(fetch(&entry(), &[""; 0], to, &ProgressBar::hidden()).unwrap(), 0);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mirror = [format!("{}/good/", server())];
    let error = fetch(&entry(), &mirror, &file.join("tiny"), &ProgressBar::hidden()).unwrap_err().to_string();
    assert!(error.starts_with("cannot write") && error.contains("file/tiny/train-images.gz"), "{error}");
}
