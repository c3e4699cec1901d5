//! Datasets as a user meets them: loading, splitting, sharing with a child process.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helpers may fail the test")]

use std::path::PathBuf;
use std::sync::LazyLock;

use tchbench::data::{self, Dataset, Handle, Prepared, Roots, Shared, Split, TestSet, Values};
use tchbench::recipe::shape::Shape;
use tchbench::recipe::transform::{Transform, TransformKind};
use tchbench::recipe::{
    Augmentation, AugmentationTiming, DataPlan, Fill, Geometry, Normalize, PerChannel, PixelNoise, SplitBy,
    SplitName, Validation,
};

static GLYPHS: LazyLock<Dataset> = LazyLock::new(|| data::load("glyphs", &Roots::only([])).unwrap());

/// The public datasets are not part of the project; the tests that need them say so.
fn public(name: &str) -> Option<Dataset> {
    let Some(folder) = std::env::var_os("TCHBENCH_DATA") else {
        eprintln!("skipped: set TCHBENCH_DATA to the folder that holds {name}/");
        return None;
    };
    Some(data::load(name, &Roots::only([PathBuf::from(folder)])).unwrap())
}

fn pixels(split: &Split) -> &[u8] {
    match &split.values {
        Values::Bytes(bytes) => bytes.as_slice(),
        Values::Floats(_) => panic!("the samples are no images"),
    }
}

fn plan() -> DataPlan {
    DataPlan {
        geometry: Geometry::MNIST,
        dataset: "glyphs".to_owned(),
        validation: None,
        train_samples: Some(50),
        test_samples: Some(20),
        label_noise: 0.0,
        augmentation: None,
        resize: None,
        pixel_noise: None,
        binarize: None,
        normalize: None,
    }
}

fn prepared(plan: &DataPlan, seed: u64) -> Prepared {
    Prepared::new(&GLYPHS, plan, seed).unwrap()
}

#[test]
fn public_datasets_load_and_verify() {
    for name in ["mnist", "fashion-mnist"] {
        let Some(dataset) = public(name) else { return };
        assert_eq!((dataset.train.len(), dataset.test.len()), (60_000, 10_000));
        assert_eq!(dataset.geometry(), Geometry::MNIST);
    }
}

#[test]
fn a_changed_file_is_refused_by_its_digest() {
    let Some(folder) = std::env::var_os("TCHBENCH_DATA").map(PathBuf::from) else {
        eprintln!("skipped: set TCHBENCH_DATA to the folder that holds mnist/");
        return;
    };
    let copy = tempfile::tempdir().unwrap();
    let to = copy.path().join("mnist");
    std::fs::create_dir(&to).unwrap();
    for file in std::fs::read_dir(folder.join("mnist")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
    let roots = Roots::only([copy.path().to_owned()]);
    let labels = data::load("mnist", &roots).unwrap().test.labels;
    // A plain file comes before a compressed one.
    let mut plain = [
        &[0, 0, 8, 1, 0, 0, 0x27, 0x10][..],
        &labels.as_slice().iter().map(|&label| label as u8).collect::<Vec<_>>(),
    ]
    .concat();
    plain[100] = (plain[100] + 1) % 10;
    std::fs::write(to.join("t10k-labels-idx1-ubyte"), &plain).unwrap();
    let error = data::load("mnist", &roots).unwrap_err().to_string();
    assert!(error.contains("t10k-labels-idx1-ubyte: the SHA-256"), "{error}");
    assert!(error.contains("ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"), "{error}");
    assert!(error.contains("`tchbench data fetch mnist`"), "{error}");

    plain[100] = 10;
    std::fs::write(to.join("t10k-labels-idx1-ubyte"), &plain).unwrap();
    let error = data::load("mnist", &roots).unwrap_err().to_string();
    assert!(error.contains("label 10 at index 92 is not one of the 10 classes"), "{error}");

    std::fs::write(to.join("t10k-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 1, 5]).unwrap();
    let error = data::load("mnist", &roots).unwrap_err().to_string();
    assert!(error.contains("its dimensions are [1], expected [10000]"), "{error}");
}

#[test]
fn samples_keep_their_order_and_scale() {
    let samples = prepared(&plan(), 1).train;
    assert_eq!((samples.shape, samples.labels.len()), (Geometry::MNIST.shape, 50));
    assert_eq!(samples.labels, GLYPHS.train.labels.as_slice()[..50]);
    let expected: Vec<f32> =
        pixels(&GLYPHS.train)[..50 * 784].iter().map(|&byte| f32::from(byte) / 255.0).collect();
    assert_eq!(samples.values(), expected);
}

#[test]
fn validation_samples_are_taken_out_where_the_plan_says() {
    let with = |from, by, seed| {
        let validation = Some(Validation { from, count: 100, by });
        prepared(&DataPlan { validation, train_samples: None, test_samples: None, ..plan() }, seed)
    };
    let (train, test) = (&GLYPHS.train, &GLYPHS.test);
    let by_order = with(SplitName::Train, SplitBy::Order, 1);
    let held_out = by_order.validation.unwrap();
    assert_eq!(by_order.train.labels.len(), 11_900);
    assert_eq!(held_out.values()[0], f32::from(pixels(train)[11_900 * 784]) / 255.0);
    assert_eq!(held_out.labels, train.labels.as_slice()[11_900..]);

    let by_order = with(SplitName::Test, SplitBy::Order, 1);
    assert_eq!(by_order.train.labels.len(), 12_000);
    assert_eq!(by_order.validation.unwrap().labels, test.labels.as_slice()[..100]);
    assert_eq!(by_order.test.unwrap().labels, test.labels.as_slice()[100..]);

    let [one, again, other] = [1, 1, 2].map(|seed| with(SplitName::Test, SplitBy::Seed, seed));
    assert_eq!(one.validation, again.validation);
    assert_ne!(one.validation, other.validation);
    let mut together = one.validation.unwrap().labels;
    together.extend(one.test.unwrap().labels);
    let mut whole = test.labels.as_slice().to_vec();
    together.sort_unstable();
    whole.sort_unstable();
    assert_eq!(together, whole);
}

#[test]
fn counts_beyond_the_split_name_their_field() {
    let refused = |plan: DataPlan| Prepared::new(&GLYPHS, &plan, 1).unwrap_err().to_string();
    let validation = |from, count| Some(Validation { from, count, by: SplitBy::Order });
    insta::assert_snapshot!(
        refused(DataPlan { train_samples: Some(12_001), ..plan() }),
        @"train_samples = 12001: it must be from 1 to 12000, the samples that there are for it");
    insta::assert_snapshot!(
        refused(DataPlan { test_samples: Some(1001), validation: validation(SplitName::Test, 1000), ..plan() }),
        @"test_samples = 1001: it must be from 1 to 1000, the samples that there are for it");
    insta::assert_snapshot!(
        refused(DataPlan { validation: validation(SplitName::Train, 12_000), ..plan() }),
        @"validation.count = 12000: it must be from 1 to 11999, the samples that there are for it");
    insta::assert_snapshot!(
        refused(DataPlan { resize: Some([14, 0]), ..plan() }),
        @"resize = [14, 0]: height and width must be from 1 to 1024");
}

#[test]
fn appended_copies_follow_the_originals_with_their_noisy_labels() {
    let augmentation = Some(Augmentation {
        when: AugmentationTiming::Appended,
        shift: 0.1,
        rotate: 15.0,
        flip: true,
        fill: Fill::Zero,
    });
    let noisy = DataPlan { label_noise: 0.5, ..plan() };
    let plain = prepared(&noisy, 3);
    let doubled = prepared(&DataPlan { augmentation, ..noisy }, 3);
    let values = doubled.train.values();
    let (originals, copies) = values.split_at(50 * 784);
    assert_eq!(originals, &*plain.train.values());
    assert_ne!(originals, copies);
    assert_eq!(doubled.train.labels, [plain.train.labels.clone(), plain.train.labels].concat());
    assert_ne!(doubled.train.labels[..50], GLYPHS.train.labels.as_slice()[..50]);
    assert!(!doubled.train.changes_every_epoch());
}

/// The training samples that an epoch sees.
fn at(prepared: &Prepared, epoch: u32) -> Vec<f32> {
    let mut samples = prepared.train.clone();
    samples.begin_epoch(epoch);
    samples.values().into_owned()
}

#[test]
fn every_epoch_draws_anew_and_repeats_itself() {
    let augmentation =
        |when| Some(Augmentation { when, shift: 0.2, rotate: 36.0, flip: false, fill: Fill::Zero });
    let changing =
        prepared(&DataPlan { augmentation: augmentation(AugmentationTiming::EveryEpoch), ..plan() }, 4);
    assert_eq!(at(&changing, 1), *changing.train.values());
    let [second, third] = [2, 3].map(|epoch| at(&changing, epoch));
    assert_ne!(second, third);
    assert_eq!(second, at(&changing, 2));
    assert_eq!(changing.test, prepared(&plan(), 4).test);
    let once = prepared(&DataPlan { augmentation: augmentation(AugmentationTiming::Once), ..plan() }, 4);
    assert!(!once.train.changes_every_epoch());

    // Noise drawn once stays the same on images that change.
    let pixel_noise = Some(PixelNoise { when: AugmentationTiming::Once, mean: 0.0, std: 0.1 });
    let both = DataPlan { augmentation: augmentation(AugmentationTiming::EveryEpoch), pixel_noise, ..plan() };
    let noisy = at(&prepared(&both, 4), 2);
    let noise = |noisy: &[f32], clean: &[f32]| -> Vec<f32> {
        noisy.iter().zip(clean).map(|(noisy, clean)| noisy - clean).collect()
    };
    let [still, clean] = [DataPlan { pixel_noise, ..plan() }, plan()].map(|plan| at(&prepared(&plan, 4), 1));
    let [on_moving, on_still] = [noise(&noisy, &second), noise(&still, &clean)];
    assert!(on_moving.iter().zip(&on_still).all(|(a, b)| (a - b).abs() < 1e-6));
}

#[test]
fn a_subset_sees_the_same_changes_as_the_whole() {
    let augmentation = Some(Augmentation {
        when: AugmentationTiming::Once,
        shift: 0.2,
        rotate: 36.0,
        flip: true,
        fill: Fill::Zero,
    });
    let whole = DataPlan { augmentation, label_noise: 0.3, ..plan() };
    let part = DataPlan { train_samples: Some(10), ..whole.clone() };
    let [whole, part] = [whole, part].map(|plan| prepared(&plan, 5).train);
    assert_eq!(whole.values()[..10 * 784], *part.values());
    assert_eq!(whole.labels[..10], part.labels);
}

#[test]
fn all_splits_are_resized_binarised_and_normalised() {
    let plan = DataPlan {
        resize: Some([14, 7]),
        binarize: Some(0.1),
        normalize: Some(Normalize { mean: PerChannel::All(0.5), std: PerChannel::All(0.5) }),
        validation: Some(Validation { from: SplitName::Test, count: 10, by: SplitBy::Order }),
        ..plan()
    };
    let prepared = prepared(&plan, 1);
    for samples in [prepared.train, prepared.validation.unwrap(), prepared.test.unwrap()] {
        assert_eq!(samples.shape, Shape::Image { channels: 1, height: 14, width: 7 });
        assert_eq!(samples.values().len(), samples.labels.len() * 98);
        assert!(samples.values().iter().all(|&pixel| pixel == -1.0 || pixel == 1.0));
        assert!(samples.values().contains(&-1.0) && samples.values().contains(&1.0));
    }
}

/// The images of `plan`'s test samples under a transform, one item a direction.
fn transformed(plan: &DataPlan, kind: TransformKind, strength: f64) -> Vec<Vec<f32>> {
    let test = TestSet::new(&GLYPHS, plan, 1).unwrap().unwrap();
    test.transformed(Transform::new(kind, strength).unwrap())
        .map(|samples| samples.values().into_owned())
        .collect()
}

#[test]
fn the_neutral_transforms_give_the_test_images_bit_for_bit() {
    let validation = Some(Validation { from: SplitName::Test, count: 100, by: SplitBy::Seed });
    let normalize = Some(Normalize { mean: PerChannel::All(0.1307), std: PerChannel::All(0.3081) });
    let plan = DataPlan { validation, normalize, resize: Some([14, 20]), ..plan() };
    let test = prepared(&plan, 1).test.unwrap();
    assert_eq!(TestSet::new(&GLYPHS, &plan, 1).unwrap().unwrap().samples(), test);
    for kind in TransformKind::ALL {
        assert_eq!(
            transformed(&plan, kind, kind.neutral()),
            std::slice::from_ref(&test.values().into_owned())
        );
    }
    let rest = DataPlan { test_samples: None, ..plan };
    let all = Some(Validation { from: SplitName::Test, count: 2_000, by: SplitBy::Order });
    assert!(TestSet::new(&GLYPHS, &DataPlan { validation: all, ..rest }, 1).unwrap().is_none());
}

#[test]
fn a_translation_moves_pixels_up_down_left_and_right() {
    let before = prepared(&plan(), 1).test.unwrap().values().into_owned();
    let moved = |down: isize, across: isize| -> Vec<f32> {
        let inside = |at: isize, by: isize| Some(at - by).filter(|from| (0..28).contains(from));
        let pixel = |index: usize| {
            let (image, y, x) = (index / 784, (index / 28 % 28) as isize, (index % 28) as isize);
            let (y, x) = (inside(y, down)?, inside(x, across)?);
            Some(before[image * 784 + (y * 28 + x) as usize])
        };
        (0..before.len()).map(|index| pixel(index).unwrap_or(0.0)).collect()
    };
    let expected = [moved(-3, 0), moved(3, 0), moved(0, -3), moved(0, 3)];
    assert_eq!(transformed(&plan(), TransformKind::Translate, 3.0), expected);
}

#[test]
fn quarter_turns_permute_pixels_counter_clockwise_then_clockwise() {
    let before = prepared(&plan(), 1).test.unwrap().values().into_owned();
    let turned = transformed(&plan(), TransformKind::Rotate, 90.0);
    let [counter, clockwise] = &turned[..] else { panic!("{} directions", turned.len()) };
    for (index, pixel) in before.iter().enumerate() {
        let (image, y, x) = (index / 784 * 784, index / 28 % 28, index % 28);
        // The top right corner goes to the top left, or to the bottom right.
        assert!((counter[image + (27 - x) * 28 + y] - pixel).abs() < 1e-5);
        assert!((clockwise[image + x * 28 + 27 - y] - pixel).abs() < 1e-5);
    }
}

#[test]
fn a_transform_comes_before_all_else_and_fills_with_black() {
    let plan = DataPlan {
        resize: Some([14, 14]),
        binarize: Some(0.1),
        normalize: Some(Normalize { mean: PerChannel::All(0.5), std: PerChannel::All(0.5) }),
        ..plan()
    };
    let gone = transformed(&plan, TransformKind::Translate, 28.0);
    assert!(gone.iter().flatten().all(|&pixel| pixel == -1.0));
    let [smaller] = &transformed(&plan, TransformKind::Scale, 0.5)[..] else { panic!("one image for each") };
    assert!(smaller.iter().all(|&pixel| pixel == -1.0 || pixel == 1.0));
    // All that is left lies in the middle half.
    let bright = (0..smaller.len()).filter(|&index| smaller[index] == 1.0);
    let (rows, columns): (Vec<_>, Vec<_>) = bright.map(|index| (index / 14 % 14, index % 14)).unzip();
    assert!(rows.iter().chain(&columns).all(|at| (3..=10).contains(at)) && !rows.is_empty());
}

#[test]
fn impossible_strengths_say_what_is_possible() {
    let refused = |kind, strength| Transform::new(kind, strength).unwrap_err();
    insta::assert_snapshot!(refused(TransformKind::Scale, 0.0), @"0 is no scale factor: give from 0.1 to 10");
    insta::assert_snapshot!(refused(TransformKind::Rotate, -5.0), @"-5 is no angle in degrees: give from 0 to 180");
    insta::assert_snapshot!(refused(TransformKind::Translate, f64::NAN), @"NaN is no distance in pixels: give from 0 to 1024");
}

const CHILD: &str = "TCHBENCH_TEST_SHARED_HANDLE";

#[test]
fn a_child_process_reads_the_shared_dataset() {
    if let Ok(handle) = std::env::var(CHILD) {
        let dataset = serde_json::from_str::<Handle>(&handle).unwrap().open().unwrap();
        assert_eq!((dataset.name.as_str(), dataset.classes), ("glyphs", 10));
        assert_eq!(dataset.digests, GLYPHS.digests);
        for (shared, own) in [(&dataset.train, &GLYPHS.train), (&dataset.test, &GLYPHS.test)] {
            assert_eq!(shared.shape, own.shape);
            assert_eq!(pixels(shared), pixels(own));
            assert_eq!(shared.labels.as_slice(), own.labels.as_slice());
        }
        return;
    }
    let shared = Shared::new(&GLYPHS).unwrap();
    assert_eq!(shared.handle().open().unwrap().train.len(), 12_000);
    let child = || {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_child_process_reads_the_shared_dataset"])
            .env(CHILD, serde_json::to_string(shared.handle()).unwrap())
            .output()
            .unwrap()
    };
    let without = child();
    assert!(!without.status.success());
    let said = String::from_utf8_lossy(&[without.stdout, without.stderr].concat()).into_owned();
    assert!(said.contains("Share {"), "{said}");
    shared.let_children_inherit().unwrap();
    let with = child();
    assert!(with.status.success(), "{}", String::from_utf8_lossy(&with.stdout));
}

#[test]
fn a_handle_to_something_else_is_refused() {
    let shared = Shared::new(&GLYPHS).unwrap();
    let mut handle = serde_json::to_value(shared.handle()).unwrap();
    handle["train"]["labels"]["end"] = 1_000_000_000.into();
    let open = |handle: &serde_json::Value| {
        serde_json::from_value::<Handle>(handle.clone()).unwrap().open().unwrap_err().to_string()
    };
    insta::assert_snapshot!(open(&handle), @"cannot share dataset `glyphs` in memory: the memory is shorter than the dataset");
    let file = tempfile::tempfile().unwrap();
    let fd = std::os::fd::AsRawFd::as_raw_fd(&file);
    handle["fd"] = fd.into();
    assert!(open(&handle).contains("is no sealed memory, was it inherited?"));
    handle["fd"] = (-1).into();
    assert!(open(&handle).contains("descriptor -1"));
}

#[test]
fn test_samples_are_found_by_their_index_in_the_test_split() {
    let validation = Some(Validation { from: SplitName::Test, count: 100, by: SplitBy::Seed });
    let plan = DataPlan { validation, resize: Some([14, 14]), binarize: Some(0.1), ..plan() };
    let indices = data::test_indices(&GLYPHS, &plan, 3).unwrap();
    assert_eq!(indices.len(), 20);
    let found = data::test_samples(&GLYPHS, &plan, 3, &indices).unwrap();
    assert_eq!(Some(found), prepared(&plan, 3).test);
    let one = data::test_samples(&GLYPHS, &plan, 3, &indices[7..8]).unwrap();
    assert_eq!(one.labels[0], GLYPHS.test.labels.as_slice()[indices[7] as usize]);
    let error = data::test_samples(&GLYPHS, &plan, 3, &[0, 2000]).unwrap_err().to_string();
    assert_eq!(error, "there is no sample 2000: the test split of `glyphs` has 2000, 0 to 1999");
}
