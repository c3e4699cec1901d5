//! Charts as SVG and PNG.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tchbench::report::chart::{Axis, Chart, Mark, Series, png};

fn chart(x: Axis, y: Axis, series: Vec<Series>) -> Chart {
    Chart { title: "a & b < c".to_owned(), x, y, series, notes: vec!["median over 5 seeds".to_owned()] }
}

/// Two series with every kind of mark but boxes.
fn tiny() -> Chart {
    let line = vec![[1.0, 0.5], [2.0, 0.25], [3.0, f64::NAN], [4.0, 0.1], [5.0, 0.05]];
    let band = vec![[1.0, 0.4, 0.6], [2.0, 0.2, 0.3]];
    let loss = Series::new("loss").with(Mark::Line(line.clone())).with(Mark::Band(band));
    let points = vec![[1.0, 0.3], [5.0, 0.02]];
    let labels = vec![([1.0, 0.3], "first".to_owned()), ([5.0, 0.02], "last".to_owned())];
    let other = Series::new("other")
        .look(4, 1)
        .with(Mark::Steps(points.clone()))
        .with(Mark::Points(points))
        .with(Mark::Labels(labels));
    chart(Axis::linear("epoch"), Axis::log("loss"), vec![loss, other])
}

#[test]
fn a_tiny_chart() {
    insta::assert_snapshot!(tiny().svg());
}

#[test]
fn boxes_by_category() {
    let names = vec!["first".to_owned(), "second".to_owned(), "third".to_owned()];
    let boxes = vec![(0.0, vec![90.0, 91.0, 92.5, 93.0]), (1.0, vec![95.0]), (2.0, vec![])];
    let series = vec![Series::new("").with(Mark::Boxes(boxes))];
    insta::assert_snapshot!(chart(Axis::linear("test %"), Axis::categories("", names), series).svg());
}

#[test]
fn given_ticks_stand_where_they_are_given() {
    let widths = vec![10.0, 50.0, 1000.0];
    let points = widths.iter().map(|&width| [width, width]).collect();
    let x = Axis::log("width").ticks_at(widths);
    let svg =
        chart(x, Axis::linear("y").from(0.0, 500.0), vec![Series::new("").with(Mark::Points(points))]).svg();
    for label in [">10<", ">50<", ">1,000<", ">500<"] {
        assert!(svg.contains(label), "{label} in {svg}");
    }
    assert_eq!(svg.matches("<circle").count(), 2, "the third lies above the range: {svg}");
}

#[test]
fn what_has_no_data_is_still_a_picture() {
    for axis in [Axis::linear("y"), Axis::log("y"), Axis::categories("", Vec::new())] {
        let series = Series::new("").with(Mark::Line(vec![[f64::NAN, f64::INFINITY]]));
        png(&chart(Axis::linear("x"), axis, vec![series]).svg()).unwrap();
    }
}

/// The picture's size and its pixels, red green blue alpha.
fn pixels(png: &[u8]) -> ((u32, u32), Vec<u8>) {
    let mut reader = ::png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    ((info.width, info.height), pixels)
}

#[test]
fn a_png_is_twice_as_large_and_shows_words_without_a_font_of_the_system() {
    let bytes = png(&tiny().svg()).unwrap();
    let ((width, height), drawn) = pixels(&bytes);
    assert_eq!((width, height), (1400, 896));
    let title = (30..70).flat_map(|y| drawn[(y * 1400 + 32) * 4..(y * 1400 + 160) * 4].chunks(4));
    assert!(title.filter(|pixel| pixel[0] < 100).count() > 200, "the title is not drawn");
}

#[test]
fn what_is_no_svg_has_no_png() {
    assert!(png("words").unwrap_err().to_string().starts_with("not an SVG that can be drawn: "));
}

proptest! {
    #[test]
    fn every_number_is_within_the_picture(
        values in prop::collection::vec((-1e6..1e6f64, 1e-9..1e6f64), 1..20), log in any::<bool>(),
    ) {
        let points: Vec<[f64; 2]> = values.iter().map(|&(x, y)| [x, y]).collect();
        let y = if log { Axis::log("y") } else { Axis::linear("y") };
        let svg = chart(Axis::linear("x"), y, vec![Series::new("").with(Mark::Points(points.clone()))]).svg();
        let attribute = |circle: &str, name: &str| -> f64 {
            let after = circle.split(&format!(" {name}=\"")).nth(1).unwrap();
            after.split('"').next().unwrap().parse().unwrap()
        };
        let circles: Vec<&str> = svg.lines().filter(|line| line.starts_with("<circle")).collect();
        prop_assert_eq!(circles.len(), points.len());
        for circle in &circles {
            prop_assert!((0.0..=700.0).contains(&attribute(circle, "cx")));
            prop_assert!((0.0..=430.0).contains(&attribute(circle, "cy")));
        }
        // More is further right and further up.
        for (a, first) in points.iter().zip(&circles) {
            for (b, second) in points.iter().zip(&circles) {
                prop_assert!(a[0] > b[0] || attribute(first, "cx") <= attribute(second, "cx"));
                prop_assert!(a[1] > b[1] || attribute(first, "cy") >= attribute(second, "cy"));
            }
        }
    }
}

/// Six colours in three patterns tell eighteen series apart.
#[test]
fn series_that_look_alike_are_told_of() {
    let series = |count: usize| {
        (0..count).map(|one| Series::new(one.to_string()).with(Mark::Points(vec![[1.0, 2.0]]))).collect()
    };
    let says =
        |count| chart(Axis::linear("x"), Axis::linear("y"), series(count)).svg().contains("look alike");
    assert_eq!((says(18), says(19)), (false, true));
}
