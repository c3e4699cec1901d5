//! No bytes make a decoder of a dataset panic or take more memory than it is allowed: files of each format, mutated.

#![allow(clippy::unwrap_used, reason = "a test's helpers may fail the test")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::{Compression, write::GzEncoder};
use tchbench::data::formats::{ALL, Contents, DataFormat, Decoded, SampleSource};
use tchbench::rng::{Purpose, Stream};

const MOST_BYTES: u64 = 1 << 16;
/// What decoders need besides the samples: their buffers and tables.
const BESIDE: usize = 1 << 18;

/// Counts the bytes that are allocated.
struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(live, Ordering::Relaxed);
        // SAFETY: as of this function.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as of this function.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A file of a format, and the files beside it that make it a dataset.
struct Seed {
    format: &'static DataFormat,
    /// The file that is mutated, and what it holds.
    file: (PathBuf, Vec<u8>),
    source: SampleSource,
}

fn idx(kind: u8, shape: &[u32], elements: &[u8]) -> Vec<u8> {
    let sizes = shape.iter().flat_map(|size| size.to_be_bytes());
    [0, 0, kind, shape.len() as u8].into_iter().chain(sizes).chain(elements.iter().copied()).collect()
}

fn npy(descr: &str, shape: &str, elements: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", length.as_slice(), header.as_bytes(), elements].concat()
}

fn npz(method: zip::CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let members = [
        ("x_train", npy("|u1", "(4, 2, 2, 3)", &[7; 48])),
        ("y_train", npy("<i4", "(4,)", &[0; 16])),
        ("x_test", npy("|u1", "(2, 2, 2, 3)", &[9; 24])),
        ("y_test", npy(">i8", "(2,)", &[0; 16])),
    ];
    for (name, bytes) in members {
        let options = zip::write::FileOptions::default().compression_method(method);
        writer.start_file(format!("{name}.npy"), options).unwrap();
        writer.write_all(&bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn npz_of_floats() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("x", npy("<f8", "(2, 3)", &[0; 48])), ("y", npy("|u1", "(2, 1)", &[0, 0]))] {
        let options = zip::write::FileOptions::default().compression_method(zip::CompressionMethod::Stored);
        writer.start_file(format!("{name}.npy"), options).unwrap();
        writer.write_all(&bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn image(format: image::ImageFormat) -> Vec<u8> {
    let image = image::RgbImage::from_fn(9, 7, |x, y| image::Rgb([x as u8 * 20, y as u8 * 30, 99]));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn seeds(folder: &Path) -> Vec<Seed> {
    let format = |name: &str| ALL.iter().find(|format| format.name == name).unwrap();
    let labels = folder.join("labels");
    fs::write(&labels, idx(8, &[4], &[0, 1, 2, 3])).unwrap();
    let samples = idx(8, &[4, 3, 2, 2], &[9; 48]);
    let floats = idx(0x0d, &[4, 2, 2], &[0; 64]);
    let records = [[0u8; 3073], [1; 3073]].concat();
    let table = b"label,a,b,c,d\ncat,1,2,3,4\ndog,5,6,7,255\n".to_vec();
    let features = b"label,a,b\n0,0.5,1e3\n1,-2,0\n".to_vec();
    let classes = folder.join("classes");
    fs::create_dir_all(classes.join("a")).unwrap();
    let [png, jpeg] = [image::ImageFormat::Png, image::ImageFormat::Jpeg].map(image);
    let stored = npz(zip::CompressionMethod::Stored);
    let packed = npz(zip::CompressionMethod::Deflated);
    let file = |name: &str| folder.join(name);
    let alone = |format: &'static DataFormat, path: PathBuf, bytes: Vec<u8>, train: Vec<PathBuf>| {
        // An archive holds both splits; of others the same file is both.
        let test = if format.name == "npz" { Vec::new() } else { train.clone() };
        let source = SampleSource { train, test, shape: None, resize: None, most_bytes: MOST_BYTES };
        Seed { format, file: (path, bytes), source }
    };
    let with_labels =
        |bytes: Vec<u8>| alone(format("idx"), file("images"), bytes, vec![file("images"), labels.clone()]);
    let of = |name: &str, bytes: Vec<u8>| alone(format(name), file(name), bytes, vec![file(name)]);
    let in_class = |name: &str, bytes| {
        alone(format("image-folder"), classes.join("a").join(name), bytes, vec![classes.clone()])
    };
    vec![
        with_labels(samples.clone()),
        with_labels(gzip(&samples)),
        with_labels(floats),
        of("npz", stored),
        of("npz", packed),
        of("npz", npz_of_floats()),
        of("cifar", records),
        of("csv", table),
        of("csv", features),
        in_class("1.png", png),
        in_class("1.jpg", jpeg),
    ]
}

/// Changes a few bytes, cuts off the end, or puts something in between.
fn mutated(bytes: &[u8], stream: &mut Stream) -> Vec<u8> {
    const TELLING: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'(', b',', b'9'];
    let mut bytes = bytes.to_vec();
    for _ in 0..=stream.below(3) {
        let at = stream.below(bytes.len().max(1) as u32) as usize;
        match stream.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.splice(at..at, TELLING).for_each(drop),
            2 if at < bytes.len() => bytes[at] = TELLING[stream.below(8) as usize],
            3 if at + 4 <= bytes.len() => bytes[at..at + 4].copy_from_slice(&[0xff; 4]),
            _ if at < bytes.len() => bytes[at] ^= 1 << stream.below(8),
            _ => {}
        }
    }
    bytes
}

/// Decodes `count` mutations of each seed. What is still a dataset must keep within its bounds.
fn fuzz(count: u64) {
    let folder = tempfile::tempdir().unwrap();
    for (index, Seed { format, file: (path, bytes), source }) in seeds(folder.path()).into_iter().enumerate()
    {
        fs::write(&path, &bytes).unwrap();
        assert!((format.decode)(&source).is_ok(), "{}: the seed {index} is sound", format.name);
        let stream = Stream::new(index as u64, Purpose::Probe, 0);
        let mut sound = 0;
        let mut most_taken = 0;
        for item in 0..count {
            fs::write(&path, mutated(&bytes, &mut stream.item(item))).unwrap();
            let before = LIVE.load(Ordering::Relaxed);
            PEAK.store(before, Ordering::Relaxed);
            (format.recognizes)(&path);
            let contents = format.read(&source);
            let taken = PEAK.load(Ordering::Relaxed).saturating_sub(before);
            most_taken = most_taken.max(taken);
            let most = MOST_BYTES as usize + BESIDE;
            assert!(taken <= most, "{}: {item} of seed {index} takes {taken} bytes", format.name);
            if let Ok(Contents { train, test, .. }) = contents {
                sound += 1;
                let bytes = train.bytes() + test.as_ref().map_or(0, Decoded::bytes);
                assert!(bytes <= MOST_BYTES, "{}: {item} of seed {index} has {bytes} bytes", format.name);
            }
        }
        fs::remove_file(&path).unwrap();
        println!(
            "{}, seed {index}: {count} mutations, of which {sound} are datasets; at most {most_taken} bytes",
            format.name
        );
    }
}

#[test]
fn no_mutation_makes_a_decoder_panic() {
    fuzz(2_000);
}

#[test]
#[ignore = "100,000 inputs a format take minutes: cargo test --release --test decoders -- --ignored --nocapture"]
fn no_mutation_of_many_makes_a_decoder_panic() {
    fuzz(100_000);
}
