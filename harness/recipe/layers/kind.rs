//! What the file of a layer says of it, and where a layer stands in its network.

use crate::reader::{TomlTable, Value, one_of};
use crate::recipe::convention::Convention;
use crate::recipe::shape::{LARGEST, LayerPlan, Shape, ShapeError, WIDEST};
use crate::valid::Valid;

/// Defaults that layers take from their case.
#[derive(Clone, Copy, Debug)]
pub struct LayerDefaults {
    /// Whose constants stand for those that are left out.
    pub convention: Convention,
    /// The L2 penalty of kernels.
    pub l2: f64,
}

/// A kind of layer: its keys in a suite file, its shape, its parameters and its label.
pub trait LayerKind: Sized {
    /// The words by which a suite file names it.
    const WORDS: &'static [&'static str];

    /// Returns the words by which a suite file names it.
    fn words() -> Vec<&'static str> {
        Self::WORDS.to_vec()
    }

    /// Reads the keys of a layer that the file calls `word`. Every mistake is reported; `None` if there is one.
    fn read(word: &str, table: &mut TomlTable<'_>, inherited: LayerDefaults) -> Option<Self>;

    /// Reads one layer with all its constants. Every mistake is reported; `None` if there is one.
    fn read_value(value: &Value<'_>, inherited: LayerDefaults) -> Option<Self> {
        value.by_kind("layer", |value| {
            let mut table = value.table()?;
            let word = table.required("kind", one_of(&Self::words()))?;
            let layer = Self::read(word, &mut table, inherited);
            table.finish();
            layer
        })
    }

    /// Reads a list of layers. Every mistake is reported; `None` if there is one.
    fn read_values(value: &Value<'_>, inherited: LayerDefaults) -> Option<Vec<Self>> {
        let layers: Vec<Option<Self>> =
            value.items()?.iter().map(|item| Self::read_value(item, inherited)).collect();
        layers.into_iter().collect()
    }

    /// Returns the word by which a suite file names this one.
    fn word(&self) -> &'static str {
        Self::WORDS.first().copied().unwrap_or_default()
    }

    /// Returns what tells it from others of its kind, in a few words: `conv 64, 3 x 3, same, relu`.
    fn label(&self) -> String {
        self.word().to_owned()
    }

    /// Returns the rows of the network's table: one, or one for each part.
    ///
    /// # Errors
    /// Returns an error if the layer cannot take its input.
    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError>;

    /// Checks the constants of a layer that comes from a record rather than from a suite file.
    ///
    /// # Errors
    /// Returns the first constant that no suite file can ask for.
    fn validate(&self) -> Valid {
        Ok(())
    }

    /// Returns the L2 penalty of its kernels, 0 for none.
    fn l2(&self) -> f64 {
        0.0
    }

    /// Returns the names of the probe's kernels that compute it, forward and backward: they decide its numerics class.
    fn kernels(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Returns whether it asks for libtorch's operations, which then compute the whole network.
    fn is_of_libtorch(&self) -> bool {
        false
    }

    /// Returns whether it needs more than one value of each feature in a training batch.
    fn normalizes_batches(&self) -> bool {
        false
    }
}

/// Where a layer stands in its network.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its index in the list of layers.
    pub index: usize,
    /// The word by which a suite file names it.
    pub kind: &'static str,
    /// What the layer before hands on.
    pub input: Shape,
    /// Whose number of bias vectors a recurrent layer has.
    pub convention: Convention,
}

impl Place {
    /// Returns an error that says what to do about the input.
    ///
    /// # Errors
    /// Always.
    pub fn refuse<T>(self, advice: &'static str) -> Result<T, ShapeError> {
        Err(ShapeError::Input { layer: self.index, kind: self.kind, input: self.input, advice })
    }

    /// Returns `value` as a factor of a number of parameters.
    ///
    /// # Errors
    /// Returns an error if it is not from 1 to [`WIDEST`].
    pub fn size(self, field: &'static str, value: u32) -> Result<u64, ShapeError> {
        match value {
            1..=WIDEST => Ok(value.into()),
            _ => Err(ShapeError::Size { layer: self.index, field, value }),
        }
    }

    /// Returns one row of the network's table.
    ///
    /// # Errors
    /// Returns an error if `output` has too many values.
    pub fn row(self, label: String, output: Shape, parameters: u64) -> Result<LayerPlan, ShapeError> {
        match output.values() {
            ..=LARGEST => Ok(LayerPlan { layer: self.index, label, input: self.input, output, parameters }),
            values => Err(ShapeError::Values { layer: self.index, values }),
        }
    }

    /// Returns the only row of a layer, as [`row`](Self::row).
    ///
    /// # Errors
    /// As [`row`](Self::row).
    pub fn only(self, label: String, output: Shape, parameters: u64) -> Result<Vec<LayerPlan>, ShapeError> {
        Ok(vec![self.row(label, output, parameters)?])
    }

    /// Returns the channels, height and width of the image that the layer takes.
    ///
    /// # Errors
    /// Returns an error if it is no image.
    pub fn image(self) -> Result<[u32; 3], ShapeError> {
        match self.input {
            Shape::Image { channels, height, width } => Ok([channels, height, width]),
            _ => self.refuse("put it before the image is flattened or read as a sequence"),
        }
    }

    /// Returns the height and width that a window leaves of an image.
    ///
    /// # Errors
    /// Returns an error if the input is no image or smaller than the window.
    pub fn slide(self, window: [u32; 2], stride: [u32; 2]) -> Result<[u32; 2], ShapeError> {
        let [_, height, width] = self.image()?;
        for side in stride {
            self.size("stride", side)?;
        }
        for side in window {
            self.size("size", side)?;
        }
        match (height.checked_sub(window[0]), width.checked_sub(window[1])) {
            (Some(down), Some(across)) => Ok([down / stride[0] + 1, across / stride[1] + 1]),
            _ => Err(ShapeError::Window { layer: self.index, window, input: self.input }),
        }
    }
}
