//! `tchbench data` at the command line.

#![allow(clippy::unwrap_used, reason = "a test's helpers may fail the test")]

use std::path::Path;
use std::process::Command;

struct Said {
    code: i32,
    out: String,
    err: String,
}

/// Runs `tchbench data`, with no dataset on the machine but what the arguments name.
fn data(home: &Path, args: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_tchbench"))
        .arg("data")
        .args(args)
        .current_dir(home)
        .env_remove("TCHBENCH_DATA")
        .env("XDG_CACHE_HOME", home)
        .env("XDG_DATA_DIRS", home.join("share"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().replace(home.to_str().unwrap(), "HOME");
    Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn list_says_what_there_is_and_where() {
    let home = tempfile::tempdir().unwrap();
    let bad = home.path().join("other/mnist");
    std::fs::create_dir_all(&bad).unwrap();
    for name in ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"] {
        std::fs::write(bad.join(name), "no such thing").unwrap();
    }
    std::fs::write(bad.join("t10k-labels-idx1-ubyte.gz"), "").unwrap();
    let said = data(home.path(), &["list", "--data", "other"]);
    assert_eq!(said.code, 0);
    insta::assert_snapshot!(said.out, @r"
     dataset        train   test  sample       classes    MB  found        verified
     fashion-mnist  60000  10000  1 x 28 x 28       10  55.0  not found    -
     glyphs         12000   2000  1 x 28 x 28       10  11.0  embedded     yes
     mnist          60000  10000  1 x 28 x 28       10  55.0  other/mnist  BAD
     order           4000   1000  48 x 6             4   5.8  embedded     yes
    ");
    insta::assert_snapshot!(said.err, @r"
    mnist: other/mnist/train-images-idx3-ubyte: not an IDX file of bytes with 3 dimension(s): it starts with [6e, 6f, 20, 73], expected [00, 00, 08, 03]; remove it and get it anew with `tchbench data fetch mnist`
    get what is not found with `tchbench data fetch NAME`
    ");
    let json = data(home.path(), &["list", "--format", "json"]).out;
    let listed: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(listed[1]["name"], "glyphs");
    assert_eq!(listed[1]["verified"], true);
    assert_eq!(listed[2]["found"], serde_json::Value::Null);
    assert_eq!(listed[2]["bytes"], 54_950_048);
}

#[test]
fn verify_ends_with_bad_input_for_what_is_missing_or_unknown() {
    let home = tempfile::tempdir().unwrap();
    let found = data(home.path(), &["verify"]);
    assert_eq!(
        (found.code, found.out.as_str()),
        (0, "glyphs: verified, 4 files\norder: verified, 4 files\n")
    );
    let missing = data(home.path(), &["verify", "glyphs", "mnist"]);
    assert_eq!(missing.code, 3);
    assert_eq!(missing.out, "glyphs: verified, 4 files\nmnist: not verified\n");
    insta::assert_snapshot!(missing.err, @r"
    error: dataset `mnist` not found; looked in
      HOME/tchbench/data/mnist (no such folder)
      datasets/mnist (no such folder)
      HOME/share/datasets/mnist (no such folder)
    get it with `tchbench data fetch mnist`, or name the folder that holds `mnist/` with --data or TCHBENCH_DATA
    ");
    let unknown = data(home.path(), &["verify", "minst"]);
    assert_eq!(unknown.code, 3);
    insta::assert_snapshot!(unknown.err, @"error: unknown dataset `minst`, did you mean `mnist`; there are `fashion-mnist`, `glyphs`, `mnist`, `order`");
}

#[test]
fn fetch_refuses_what_needs_no_download() {
    let home = tempfile::tempdir().unwrap();
    let said = data(home.path(), &["fetch", "glyphs"]);
    assert_eq!(said.code, 3);
    insta::assert_snapshot!(said.err, @"error: dataset `glyphs` is embedded, there is nothing to fetch");
}

#[test]
fn preview_writes_a_sheet_that_repeats() {
    let home = tempfile::tempdir().unwrap();
    let plain = data(home.path(), &["preview", "glyphs"]);
    assert_eq!((plain.code, plain.out.as_str()), (0, "glyphs.png\n"));
    let transforms = [
        "--shift",
        "0.2",
        "--rotate",
        "36",
        "--flip",
        "--resize",
        "14x14",
        "--noise",
        "0.1",
        "--binarize",
        "0.3",
    ];
    let sheet = |out: &str, seed: &str| {
        let said = data(
            home.path(),
            &[&["preview", "glyphs", "--split", "test", "--out", out, "--seed", seed], &transforms[..]]
                .concat(),
        );
        assert_eq!(said.code, 0, "{}", said.err);
        std::fs::read(home.path().join(out)).unwrap()
    };
    let [first, again, other] =
        [("a.png", "1"), ("b.png", "1"), ("c.png", "2")].map(|(out, seed)| sheet(out, seed));
    assert_eq!(first, again);
    assert_ne!(first, other);
    let size = |png: &[u8]| {
        let reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        (reader.info().width, reader.info().height)
    };
    assert_eq!(size(&first), (646, 1314));
    assert_eq!(size(&std::fs::read(home.path().join("glyphs.png")).unwrap()), (646, 714));
}

#[test]
fn preview_refuses_what_makes_no_sense() {
    let home = tempfile::tempdir().unwrap();
    for (args, code, says) in [
        (&["--resize", "14"][..], 2, "as in 14x14"),
        (&["--resize", "0x9"], 3, "resize = [0, 9]: height and width must be from 1 to 1024"),
        (&["--shift", "2"], 2, "must be a number from 0 to 1"),
        (&["--noise", "nan"], 2, "must be a number from 0 to 100"),
        (&["--count", "0"], 2, "1..=10000"),
        (&["--out", "no/such/folder.png"], 1, "cannot write no/such/folder.png"),
    ] {
        let said = data(home.path(), &[&["preview", "glyphs"], args].concat());
        assert_eq!(said.code, code, "{args:?}: {}", said.err);
        assert!(said.err.contains(says), "{args:?}: {}", said.err);
    }
}
