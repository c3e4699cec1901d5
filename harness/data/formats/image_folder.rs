//! `image-folder`: a folder for each class with its images, as torchvision's `ImageFolder` has it:
//! `train/CLASS/*.png`, `*.jpg` or `*.jpeg`.
//!
//! Classes are the names of the folders, in the order of their bytes. Images are in the order of the names of their files,
//! those of one name by class: so the first of them are of all classes where the files are numbered in each, and images
//! that are numbered across the classes keep their order. If all images are grey they have one channel, else three.

use std::fs;
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};

use image::imageops::FilterType;
use image::{DynamicImage, ImageReader, Limits};

use super::DataFormat;
use super::check::room;
use super::error::{FormatError, FormatProblem};
use super::source::{Contents, Decoded, DecodedValues, SampleSource};
use crate::files;
use crate::recipe::MOST_CLASSES;
use crate::recipe::shape::Shape;

pub(super) const FORMAT: DataFormat = DataFormat { name: "image-folder", recognizes, decode };

/// No image has more rows or columns.
const LARGEST_SIDE: u32 = 16_384;
/// No file of an image has more bytes.
const LARGEST_FILE: u64 = 1 << 28;

/// The images of a split by class, before they are decoded.
type Classes = Vec<(String, Vec<PathBuf>)>;

fn recognizes(path: &Path) -> bool {
    path.is_dir() && entries(path).is_ok_and(|entries| entries.iter().any(|entry| entry.is_dir()))
}

fn decode(source: &SampleSource) -> Result<Contents, FormatError> {
    let folder = only(&source.train)?;
    let found = classes(folder)?;
    let names: Vec<String> = found.iter().map(|(name, _)| name.clone()).collect();
    let train = images(&found, &names, folder)?;
    let test = match source.test.as_slice() {
        [] => None,
        paths => Some(images(&classes(only(paths)?)?, &names, only(paths)?)?),
    };
    let all = || train.iter().chain(test.iter().flatten()).map(|(_, path)| path.as_path());
    let shape = shape(source, folder, all())?;
    room(source, all().count() as u64, shape.values()).map_err(|problem| FormatError::of(folder, problem))?;
    let train = split(source, shape, &train)?;
    let test = test.map(|test| split(source, shape, &test)).transpose()?;
    Ok(Contents { train, test, classes: Some(names) })
}

fn only(paths: &[PathBuf]) -> Result<&Path, FormatError> {
    match paths {
        [folder] => Ok(folder),
        paths => {
            let path = paths.first().map_or(Path::new(""), |path| path);
            Err(FormatError::of(
                path,
                format!("{} paths; give one folder that holds a folder for each class", paths.len()),
            ))
        }
    }
}

/// Returns the classes of a folder with the files of their images. Hidden files are passed over.
fn classes(folder: &Path) -> Result<Classes, FormatError> {
    let mut classes = Vec::new();
    for path in entries(folder)? {
        if !path.is_dir() {
            let text = "a file beside the folders of the classes; move it away";
            return Err(FormatError::of(&path, text));
        }
        let images = entries(&path)?;
        if let Some(other) = images.iter().find(|path| !is_image(path)) {
            let text = "neither .png, .jpg nor .jpeg; move it away";
            return Err(FormatError::of(other, text));
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name else { return Err(FormatError::of(&path, "its name is not UTF-8; rename it")) };
        classes.push((name.to_owned(), images));
    }
    if classes.len() > MOST_CLASSES as usize {
        let text = format!("{} folders; there may be {MOST_CLASSES} classes", classes.len());
        return Err(FormatError::of(folder, text));
    }
    Ok(classes)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, FormatError> {
    let failed = |error| FormatError::of(folder, FormatProblem::Io(error));
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b".")) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn is_image(path: &Path) -> bool {
    let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default().to_ascii_lowercase();
    path.is_file() && matches!(end.as_str(), "png" | "jpg" | "jpeg")
}

/// Returns the class and the path of each image, where every class is one of `names`.
fn images(found: &Classes, names: &[String], folder: &Path) -> Result<Vec<(u16, PathBuf)>, FormatError> {
    let mut images = Vec::new();
    for (name, paths) in found {
        let Some(class) = names.iter().position(|known| known == name) else {
            let text = format!("class `{name}` is none of the training samples'");
            return Err(FormatError::of(&folder.join(name), text));
        };
        images.extend(paths.iter().map(|path| (class as u16, path.clone())));
    }
    images.sort_by(|(a_class, a), (b_class, b)| (a.file_name(), a_class).cmp(&(b.file_name(), b_class)));
    Ok(images)
}

/// Returns the shape that all images have, from their headers or from what they are resized to.
fn shape<'p>(
    source: &SampleSource,
    folder: &Path,
    paths: impl Iterator<Item = &'p Path>,
) -> Result<Shape, FormatError> {
    let mut first: Option<([u32; 2], &Path)> = None;
    let mut coloured = None;
    for path in paths {
        let reader = reader(path)?;
        let decoder = reader.into_decoder().map_err(|error| undecodable(path, &error))?;
        use image::ImageDecoder;
        let (width, height) = decoder.dimensions();
        if decoder.color_type().has_color() {
            coloured = coloured.or(Some(path));
        }
        match first {
            None => first = Some(([height, width], path)),
            Some((size, one)) if size != [height, width] && source.resize.is_none() => {
                let text = format!(
                    "{height} x {width} pixels, but {} has {} x {}; give --resize to make them one size",
                    one.display(),
                    size[0],
                    size[1]
                );
                return Err(FormatError::of(path, text));
            }
            Some(_) => {}
        }
    }
    let Some((size, _)) = first else { return Err(FormatError::of(folder, "it holds no image")) };
    let [height, width] = source.resize.unwrap_or(size);
    let channels = match (source.shape, coloured) {
        (Some(Shape::Image { channels: 1, .. }), Some(path)) => {
            let text = "it is in colour, and --image or the manifest says one channel; say 3, or convert all images to grey";
            return Err(FormatError::of(path, text));
        }
        (Some(Shape::Image { channels: channels @ (1 | 3), .. }), _) => channels,
        (Some(Shape::Image { channels, .. }), _) => {
            let text = format!(
                "images have 1 channel or 3, not {channels} as --image or the manifest says; say one of these"
            );
            return Err(FormatError::of(folder, text));
        }
        (_, Some(_)) => 3,
        (_, None) => 1,
    };
    Ok(Shape::Image { channels, height, width })
}

fn split(source: &SampleSource, shape: Shape, images: &[(u16, PathBuf)]) -> Result<Decoded, FormatError> {
    let mut values = Vec::with_capacity(images.len() * shape.values() as usize);
    for (_, path) in images {
        pixels(path, shape, source.resize, &mut values)?;
    }
    let labels = images.iter().map(|(class, _)| *class).collect();
    Ok(Decoded { shape, values: DecodedValues::Bytes(values), labels })
}

/// Appends the pixels of an image, channel after channel.
fn pixels(
    path: &Path,
    shape: Shape,
    resize: Option<[u32; 2]>,
    values: &mut Vec<u8>,
) -> Result<(), FormatError> {
    let mut image = reader(path)?.decode().map_err(|error| undecodable(path, &error))?;
    if image.color().bytes_per_pixel() != image.color().channel_count() {
        return Err(FormatError::of(
            path,
            "more than 8 bits a channel; convert it to 8, as `magick FILE -depth 8 FILE` does",
        ));
    }
    let is_opaque = !image.color().has_alpha() || image.to_rgba8().pixels().all(|pixel| pixel.0[3] == 255);
    if !is_opaque {
        return Err(FormatError::of(path, "it is not opaque; save it without an alpha channel"));
    }
    let Shape::Image { channels, height, width } = shape else { return Ok(()) };
    if resize.is_some() && (image.height(), image.width()) != (height, width) {
        image = image.resize_exact(width, height, FilterType::Triangle);
    }
    if channels == 1 {
        values.extend_from_slice(image.to_luma8().as_raw());
        return Ok(());
    }
    let image = DynamicImage::to_rgb8(&image).into_raw();
    (0..3).for_each(|channel| values.extend(image[channel..].iter().step_by(3)));
    Ok(())
}

fn reader(path: &Path) -> Result<ImageReader<BufReader<Cursor<Vec<u8>>>>, FormatError> {
    let bytes = files::read(path, LARGEST_FILE).map_err(|error| FormatError::of(path, error))?;
    let reader = ImageReader::new(BufReader::new(Cursor::new(bytes))).with_guessed_format();
    let mut reader = reader.map_err(|error| FormatError::of(path, error))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST_SIDE);
    limits.max_image_height = Some(LARGEST_SIDE);
    reader.limits(limits);
    Ok(reader)
}

fn undecodable(path: &Path, error: &image::ImageError) -> FormatError {
    FormatError::of(path, format!("cannot be decoded: {error}; replace or remove it"))
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;
    use crate::data::formats::tests::{TestFolder, said};

    fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.into().write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn grey(value: u8, width: u32) -> Vec<u8> {
        png(GrayImage::from_pixel(width, 2, Luma([value])))
    }

    #[test]
    fn classes_are_folders_and_colours_decide_the_channels() {
        let place = TestFolder::new();
        place.file("train/cat/2.png", &grey(2, 1));
        place.file("train/cat/10.png", &grey(1, 1));
        place.file("train/dog/a.PNG", &grey(3, 1));
        place.file("train/dog/.hidden", b"");
        let folder = place.path("train");
        assert!(recognizes(&folder));
        let read = FORMAT.read(&place.source(&[&folder])).unwrap();
        assert_eq!(read.classes.unwrap(), ["cat", "dog"]);
        assert_eq!(read.train.shape, Shape::Image { channels: 1, height: 2, width: 1 });
        assert_eq!(read.train.values, DecodedValues::Bytes(vec![1, 1, 2, 2, 3, 3]));
        assert_eq!(read.train.labels, [0, 0, 1]);
        place.file("train/dog/10.png", &grey(9, 1));
        assert_eq!(FORMAT.read(&place.source(&[&folder])).unwrap().train.labels, [0, 1, 0, 1]);
        fs::remove_file(folder.join("dog/10.png")).unwrap();

        place.file("train/dog/b.png", &png(RgbImage::from_pixel(1, 2, Rgb([7, 8, 9]))));
        let read = FORMAT.read(&place.source(&[&folder])).unwrap().train;
        assert_eq!(read.shape, Shape::Image { channels: 3, height: 2, width: 1 });
        assert_eq!(read.values, DecodedValues::Bytes([[1; 6], [2; 6], [3; 6], [7, 7, 8, 8, 9, 9]].concat()));
    }

    #[test]
    fn each_mistake_is_named() {
        let place = TestFolder::new();
        place.file("t/a/1.png", &grey(1, 1));
        let folder = place.path("t");
        let problem = |name: &str, bytes: &[u8]| {
            let path = place.file(name, bytes);
            let said = said(FORMAT.read(&place.source(&[&folder])));
            fs::remove_file(path).unwrap();
            said
        };
        assert!(problem("t/a/2.png", &grey(1, 1)[..40]).starts_with("2.png: cannot be decoded: "));
        assert_eq!(problem("t/a/b.txt", b""), "b.txt: neither .png, .jpg nor .jpeg; move it away");
        assert_eq!(
            problem("t/list.csv", b""),
            "list.csv: a file beside the folders of the classes; move it away"
        );
        assert_eq!(
            problem("t/a/2.png", &png(RgbaImage::from_pixel(1, 2, Rgba([1, 1, 1, 9])))),
            "2.png: it is not opaque; save it without an alpha channel"
        );
        assert_eq!(
            problem("t/a/2.png", &png(image::ImageBuffer::from_pixel(1, 2, Luma([9u16])))),
            "2.png: more than 8 bits a channel; convert it to 8, as `magick FILE -depth 8 FILE` does"
        );
        let two_sizes = problem("t/a/2.png", &grey(1, 5));
        assert_eq!(
            two_sizes,
            "2.png: 2 x 5 pixels, but 1.png has 2 x 1; give --resize to make them one size"
        );
        place.file("t/a/2.png", &grey(1, 5));
        let source = SampleSource { resize: Some([4, 4]), ..place.source(&[&folder]) };
        assert_eq!(
            FORMAT.read(&source).unwrap().train.shape,
            Shape::Image { channels: 1, height: 4, width: 4 }
        );
        fs::create_dir(folder.join("empty")).unwrap();
        assert_eq!(said(FORMAT.read(&source)), "t: class 1 (`empty`) has no training sample");
    }

    #[test]
    fn a_shape_that_is_given_must_be_the_images_own() {
        let place = TestFolder::new();
        place.file("t/a/1.png", &grey(1, 1));
        let folder = place.path("t");
        let read = |shape| FORMAT.read(&SampleSource { shape: Some(shape), ..place.source(&[&folder]) });
        let image = |channels, width| Shape::Image { channels, height: 2, width };
        assert_eq!(read(image(1, 1)).unwrap().train.shape, image(1, 1));
        assert_eq!(read(image(3, 1)).unwrap().train.values, DecodedValues::Bytes(vec![1; 6]));
        assert_eq!(
            said(read(image(4, 1))),
            "t: images have 1 channel or 3, not 4 as --image or the manifest says; say one of these"
        );
        assert_eq!(
            said(read(image(1, 7))),
            "t: its samples are 1 x 2 x 1, not 1 x 2 x 7 as --image, --sequence or the manifest says"
        );
        place.file("t/a/2.png", &png(RgbImage::from_pixel(1, 2, Rgb([7, 8, 9]))));
        assert_eq!(
            said(read(image(1, 1))),
            "2.png: it is in colour, and --image or the manifest says one channel; say 3, or convert all images to grey"
        );
    }

    #[test]
    fn both_splits_share_the_memory_that_is_allowed() {
        let place = TestFolder::new();
        place.file("train/a/1.png", &grey(1, 1));
        place.file("test/a/1.png", &grey(1, 1));
        let test = vec![place.path("test")];
        let source = SampleSource { test, most_bytes: 7, ..place.source(&[&place.path("train")]) };
        assert_eq!(
            said(FORMAT.read(&source)),
            "train: its samples take 8 bytes, and at most 7 are allowed; take fewer or smaller samples"
        );
        assert!(FORMAT.read(&SampleSource { most_bytes: 8, ..source }).is_ok());
    }
}
