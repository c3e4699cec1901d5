//! Which changes of the test images are asked for.

use crate::recipe::transform::{Transform, TransformKind};

/// The strengths of each kind of change; all kinds where none is named.
#[derive(Debug, clap::Args)]
pub struct Strengths {
    /// Scale to so many times the size, as in 0.5,1,1.5 [default without --rotate and --translate: 0.5 to
    /// 1.5 in tenths]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = scale)]
    scale: Vec<Transform>,
    /// Rotate by so many degrees, in both directions [default: 0,10,20,30,45,60,90]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = rotate)]
    rotate: Vec<Transform>,
    /// Translate by so many pixels, in four directions [default: 0,1,2,3,4,6,8]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = translate)]
    translate: Vec<Transform>,
}

fn scale(text: &str) -> Result<Transform, String> {
    transform(TransformKind::Scale, text)
}

fn rotate(text: &str) -> Result<Transform, String> {
    transform(TransformKind::Rotate, text)
}

fn translate(text: &str) -> Result<Transform, String> {
    transform(TransformKind::Translate, text)
}

fn transform(kind: TransformKind, text: &str) -> Result<Transform, String> {
    let strength = text.trim().parse().map_err(|_| format!("`{}` is no number", text.trim()))?;
    Transform::new(kind, strength)
}

impl Strengths {
    /// Returns what is asked for, without repeats.
    pub fn transforms(&self) -> Vec<Transform> {
        let mut asked = [&self.scale[..], &self.rotate, &self.translate].concat();
        if asked.is_empty() {
            let of = |kind: TransformKind| {
                kind.default_strengths().iter().map(move |&strength| Transform { kind, strength })
            };
            asked = TransformKind::ALL.into_iter().flat_map(of).collect();
        }
        let mut transforms: Vec<Transform> = Vec::new();
        for transform in asked {
            if !transforms.contains(&transform) {
                transforms.push(transform);
            }
        }
        transforms
    }
}
