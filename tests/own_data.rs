//! Data of a user's own at the command line: what docs/data.md shows, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test's helpers may fail the test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use image::{Rgb, RgbImage};

const PAGE: &str = include_str!("../docs/data.md");

/// Runs `tchbench` in a folder; returns its exit code and what it says, stderr first.
fn tchbench(home: &Path, arguments: &str) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tchbench"))
        .args(arguments.split_whitespace())
        .current_dir(home)
        .env_remove("TCHBENCH_DATA")
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("XDG_DATA_DIRS", home.join("share"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stderr) + &text(output.stdout))
}

fn photos(home: &Path) {
    for (split, count) in [("train", 12), ("test", 4)] {
        for (class, colour) in [("cat", [200, 90, 40]), ("dog", [40, 90, 200])] {
            let folder = home.join("photos").join(split).join(class);
            fs::create_dir_all(&folder).unwrap();
            for index in 0..count {
                let pixel = |x, y| Rgb(colour.map(|part: u8| part.saturating_add((x * y + index) as u8)));
                RgbImage::from_fn(8, 8, pixel).save(folder.join(format!("{index:02}.png"))).unwrap();
            }
        }
    }
}

/// Returns the text of the page between a fence of this language and its end.
fn block(language: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_page_shows_what_happens() {
    let home = tempfile::tempdir().unwrap();
    photos(home.path());
    fs::write(home.path().join("pets.toml"), block("toml")).unwrap();
    let mut shown = String::new();
    for line in block("console").lines().filter_map(|line| line.strip_prefix("$ tchbench ")) {
        let (code, said) = tchbench(home.path(), line);
        assert_eq!(code, 0, "{line}: {said}");
        shown += &format!("$ tchbench {line}\n{said}\n");
    }
    assert_eq!(shown.trim_end(), block("console").trim_end());
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    photos(home.path());
    let refused = |arguments: &str| {
        let (code, said) = tchbench(home.path(), &format!("data add {arguments}"));
        assert!(!home.path().join("datasets").exists(), "{arguments}: {said}");
        (code, said)
    };
    let (code, said) = refused("pets --train photos/train");
    assert_eq!(code, 3);
    assert_eq!(
        said,
        "error: the files have no test samples; name theirs with --test, or hold some out with --test-fraction 0.2\n"
    );
    let (code, said) = refused("pets --train photos/train --test photos/test --test-fraction 0.5");
    assert_eq!(
        (code, said.as_str()),
        (3, "error: the files have test samples already; leave --test-fraction out\n")
    );
    let (code, said) = refused("mnist --train photos/train --test photos/test");
    assert_eq!((code, said.contains("give yours another name")), (2, true), "{said}");
    let (code, said) = refused("pets --train photos/train --test photos/test --format jpg");
    assert_eq!(code, 2);
    assert_eq!(said, "error: --format: unknown format `jpg`; there are idx, npz, image-folder, cifar, csv\n");
    for (shape, why) in [
        ("--image 4x8x8", "photos/train: images have 1 channel or 3, not 4 as --image or the manifest says"),
        (
            "--image 1x8x8",
            "photos/train/cat/00.png: it is in colour, and --image or the manifest says one channel",
        ),
        ("--image 3x9x9", "photos/train: its samples are 3 x 8 x 8, not 3 x 9 x 9 as --image"),
        ("--sequence 8x8", "photos/train: its samples are 3 x 8 x 8, not 8 x 8 as --image, --sequence"),
    ] {
        let (code, said) = refused(&format!("pets --train photos/train --test photos/test {shape}"));
        assert_eq!((code, said.starts_with(&format!("error: {why}"))), (3, true), "{said}");
    }
    let (code, said) = refused("pets --train photos/train --test photos/test --mirror http://127.0.0.1/");
    let why =
        "error: `pets` is a folder of files, which no mirror can hold; download and unpack it by hand\n";
    assert_eq!((code, said.as_str()), (3, why));
    let (code, said) = refused("pets --train photos/train --test photos/test --mirror 127.0.0.1");
    assert_eq!((code, said.contains("begins with http:// or https:// and ends with /")), (2, true), "{said}");
    let table = home.path().join("t.csv");
    for (rows, why) in [
        ("label,a\n0,1\n1,NaN\n", "t.csv, line 3: column 2: `NaN` is no finite number"),
        ("0,1,2,3\n7,1,2,3\n", "t.csv, line 1: its cells count 0, 1, 2, … as the numbers of columns do"),
        ("a,b\n0,1\n", "t.csv, line 1: no column `label` among a, b; name the column of the labels so"),
    ] {
        fs::write(&table, rows).unwrap();
        let (code, said) = refused("table --train t.csv --test-fraction 0.5");
        assert_eq!((code, said.starts_with(&format!("error: {why}"))), (3, true), "{said}");
    }
    fs::write(home.path().join("noise"), "nothing").unwrap();
    let (code, said) = refused("pets --train noise");
    assert_eq!(code, 3);
    assert!(
        said.starts_with("error: noise: in none of the formats idx, npz, image-folder, cifar, csv"),
        "{said}"
    );
    fs::write(home.path().join("photos/train/cat/00.png"), "no image").unwrap();
    let (code, said) = refused("pets --train photos/train --test photos/test");
    assert_eq!(code, 3);
    assert!(said.starts_with("error: photos/train/cat/00.png: cannot be decoded: "), "{said}");
}

#[test]
#[cfg(feature = "torch")]
fn the_suite_of_the_page_trains() {
    let home = tempfile::tempdir().unwrap();
    photos(home.path());
    fs::write(home.path().join("pets.toml"), block("toml")).unwrap();
    for line in ["data add pets --train photos/train --test photos/test", "check pets.toml --device cpu"] {
        let (code, said) = tchbench(home.path(), line);
        assert_eq!(code, 0, "{line}: {said}");
    }
    let (code, said) = tchbench(home.path(), "run pets.toml --device cpu --name r");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("pets on pets, ranked by test accuracy"), "{said}");
    let (code, said) = tchbench(home.path(), "table r --confusion");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("\n0 cat ") && said.contains("\n1 dog "), "{said}");

    // The same images as a table of numbers: other files, another name, the same experiment.
    let columns: String = (0..192).map(|value| format!(",p{value}")).collect();
    for split in ["train", "test"] {
        let mut rows = format!("label{columns}");
        let count = if split == "train" { 12 } else { 4 };
        for index in 0..count {
            for (label, class) in ["cat", "dog"].into_iter().enumerate() {
                let path = home.path().join("photos").join(split).join(class).join(format!("{index:02}.png"));
                let pixels = image::open(path).unwrap().to_rgb8();
                rows += &format!("\n{label}");
                (0..3).for_each(|channel| {
                    pixels.pixels().for_each(|pixel| rows += &format!(",{}", pixel.0[channel]))
                });
            }
        }
        fs::write(home.path().join(format!("{split}.csv")), rows + "\n").unwrap();
    }
    let (code, said) =
        tchbench(home.path(), "data add copies --train train.csv --test test.csv --image 3x8x8");
    assert_eq!(code, 0, "{said}");
    fs::write(home.path().join("copies.toml"), block("toml").replace("\"pets\"", "\"copies\"")).unwrap();
    let (code, said) = tchbench(home.path(), "run copies.toml --device cpu --name c");
    assert_eq!(code, 0, "{said}");
    let (code, said) = tchbench(home.path(), "explain r/pets/mlp/1 c/copies/mlp/1");
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("`pets` and `copies` are the same data: their content has the same digests"),
        "{said}"
    );
    assert!(said.contains("the same trajectory over 5 epochs"), "{said}");
}

#[test]
fn a_dataset_that_changed_is_refused_until_it_is_added_anew() {
    let home = tempfile::tempdir().unwrap();
    photos(home.path());
    fs::write(home.path().join("pets.toml"), block("toml")).unwrap();
    let add = "data add pets --train photos/train --test photos/test";
    assert_eq!(tchbench(home.path(), add).0, 0);
    let (code, said) = tchbench(home.path(), add);
    assert_eq!((code, said.contains("datasets/pets.toml: is there already")), (2, true), "{said}");

    fs::copy(home.path().join("photos/train/dog/01.png"), home.path().join("photos/train/cat/01.png"))
        .unwrap();
    let (code, said) = tchbench(home.path(), "data verify pets");
    assert_eq!(code, 3);
    assert!(
        said.contains("the content of `pets` has changed: its train-images-idx4-ubyte has SHA-256"),
        "{said}"
    );
    fs::remove_file(home.path().join("photos/train/cat/01.png")).unwrap();
    let (code, said) = tchbench(home.path(), "data verify pets");
    assert_eq!(code, 3);
    assert!(said.contains("23 training samples, but the manifest of `pets` says 24"), "{said}");

    let manifest = home.path().join("datasets/pets.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("samples = 24", "samples = \"24\"")).unwrap();
    let (code, said) = tchbench(home.path(), "params pets.toml");
    assert_eq!(code, 3);
    assert!(said.contains("datasets/pets.toml:8:11: train.samples: \"24\" given"), "{said}");
}

#[test]
fn what_the_shape_of_samples_does_not_allow_is_refused_with_its_place() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("t.csv"), "label,a,b\n0,0.5,1\n1,2.5,3\n0,1,1\n1,2,2\n").unwrap();
    let (code, said) = tchbench(home.path(), "data add table --train t.csv --test-fraction 0.5");
    assert_eq!(code, 0, "{said}");
    let suite = "schema = 1\nname = \"s\"\n[[case]]\nname = \"c\"\ndataset = \"table\"\nepochs = 1\nbatch = 2\n\
                 optimizer = { kind = \"sgd\", lr = 0.1 }\nresize = 8\nnormalize = { mean = [0.5], std = 1.0 }\n\
                 claims = [{ metric = \"recall-of-class-2\", at_least = 0.5, source = \"us\" }]\n\
                 layers = [{ kind = \"flatten\" }, { kind = \"dense\", units = 2 }]\n";
    fs::write(home.path().join("s.toml"), suite).unwrap();
    let (code, said) = tchbench(home.path(), "params s.toml");
    assert_eq!(code, 3);
    insta::assert_snapshot!(said, @r"
    error: s.toml:9:10: case.c.resize: the samples of table are sequences, and only images can have it; leave it out
    s.toml:10:13: case.c.normalize: write one number, or 2 in a list, one for each feature of table
    ");
    let suite = suite.replace("resize = 8\nnormalize = { mean = [0.5], std = 1.0 }\n", "");
    fs::write(home.path().join("s.toml"), suite).unwrap();
    let (code, said) = tchbench(home.path(), "params s.toml");
    assert_eq!(code, 3);
    insta::assert_snapshot!(said, @r#"error: s.toml:9:22: case.c.claims[1].metric: "recall-of-class-2" given; the dataset has 2 classes"#);
}
