//! The resolved experiment: every default written out, nothing left to decide.
//!
//! These types are what a worker is handed, what a record keeps and what identity hashes.

use serde::{Deserialize, Serialize};

/// All that decides a trial's bits, but for its seed and its environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Which samples, and what is done to them.
    pub data: DataPlan,
    /// Initial values, bias vectors and GRU form (see docs/suites.md).
    pub convention: Convention,
    /// The network, from input to logits.
    pub layers: Vec<Layer>,
    /// How it is trained.
    pub training: Training,
}

impl Experiment {
    /// Whether an L2 penalty is a part of the loss.
    pub fn has_penalty(&self) -> bool {
        self.layers.iter().any(|layer| match layer {
            Layer::Dense { l2, .. } | Layer::Conv { l2, .. } | Layer::Recurrent { l2, .. } => *l2 > 0.0,
            _ => false,
        })
    }
}

/// Which samples a trial sees, and what is done to them, in this order: split, subset, label
/// noise, augmentation, resize, pixel noise, binarise, normalise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataPlan {
    /// `glyphs`, `mnist` or `fashion-mnist`.
    pub dataset: String,
    /// What is held out for validation.
    pub validation: Option<Validation>,
    /// Train on only the first so many, after the validation samples are taken out.
    pub train_samples: Option<u32>,
    /// Test on only the first so many, after the validation samples are taken out.
    pub test_samples: Option<u32>,
    /// Fraction of the training labels, in [0, 1], whose class is drawn anew uniformly from all.
    pub label_noise: f64,
    /// Random shifts, rotations and flips of the training images.
    pub augmentation: Option<Augmentation>,
    /// Bilinear, without antialiasing, to [height, width].
    pub resize: Option<[u32; 2]>,
    /// Gaussian noise on the training pixels.
    pub pixel_noise: Option<PixelNoise>,
    /// A pixel greater than this becomes 1, any other 0.
    pub binarize: Option<f64>,
    /// (pixel - mean) / std.
    pub normalize: Option<Normalize>,
}

/// The held-out samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// The split they are taken from. Those from `train` are its last ones, those from `test` its
    /// first; what is left of that split is trained or tested on.
    pub from: SplitName,
    /// How many.
    pub count: u32,
    /// In the dataset's order, or in an order shuffled by the trial's seed.
    pub by: SplitBy,
}

/// A split of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitName {
    /// The training split.
    Train,
    /// The test split.
    Test,
}

/// How held-out samples are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitBy {
    /// In the dataset's own order: the same samples for every seed.
    Order,
    /// After a shuffle by the trial's seed.
    Seed,
}

/// When random changes to the training images are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Once, before the first epoch.
    Once,
    /// Anew in every epoch.
    EveryEpoch,
    /// Once, and put after the unchanged images: the set doubles.
    Appended,
}

/// Random affine changes of the training images; outside is filled with 0, sampling is bilinear.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Augmentation {
    /// When it is drawn.
    pub when: When,
    /// Largest shift each way, as a fraction of height and width.
    pub shift: f64,
    /// Largest rotation each way, in degrees.
    pub rotate: f64,
    /// Mirror left and right with probability one half.
    pub flip: bool,
}

/// Gaussian noise added to the training pixels (in [0, 1] before it; not clipped after).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PixelNoise {
    /// When it is drawn: `once` or `every-epoch`.
    pub when: When,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub std: f64,
}

/// (pixel - mean) / std.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalize {
    /// Subtracted.
    pub mean: f64,
    /// Divided by; positive.
    pub std: f64,
}

/// Whose initial values, bias vectors and constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Convention {
    /// PyTorch's.
    Torch,
    /// Keras's.
    Keras,
}

/// An elementwise function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// None.
    Linear,
    /// max(0, x).
    Relu,
    /// tanh x.
    Tanh,
    /// 1 / (1 + exp(-x)).
    Sigmoid,
}

/// Padding of a convolution (stride 1 for `same`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Padding {
    /// Height and width stay; the kernel's are odd.
    Same,
    /// None.
    Valid,
}

/// How an image or feature map (channels, height, width) is read as a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadBy {
    /// `height` steps of `channels * width` features.
    Rows,
    /// `width` steps of `channels * height` features.
    Columns,
    /// `height * width` steps of `channels` features, row by row.
    Pixels,
}

/// A recurrent cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// h' = tanh(W x + U h + b).
    RnnTanh,
    /// h' = relu(W x + U h + b).
    RnnRelu,
    /// Long short-term memory.
    Lstm,
    /// Gated recurrent unit.
    Gru,
}

/// Where a GRU's reset gate acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reset {
    /// On the product U h (PyTorch, cuDNN, Keras 2+): needs the recurrent bias apart.
    After,
    /// On h, before the product (Cho et al. 2014, TensorFlow 1): one bias.
    Before,
}

/// What a recurrent layer hands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// The final hidden state (of both directions, side by side).
    Last,
    /// The hidden state after every step: a sequence.
    Every,
}

/// Who computes a recurrent layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Implementation {
    /// Our own kernels on the CPU; on another device as `library`.
    Fused,
    /// libtorch's own kernel where it has one (a GRU that resets before has none and is computed
    /// from its equations).
    Library,
    /// Step by step from the cell's equations.
    Equations,
}

/// One layer, with its constants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Layer {
    /// Image or sequence to vector.
    Flatten,
    /// Vector to vector, or step by step along a sequence.
    Dense {
        /// Output features.
        units: u32,
        /// After the product.
        activation: Activation,
        /// With a bias vector.
        bias: bool,
        /// L2 penalty l: l times the sum of the squared kernel, added to the loss.
        l2: f64,
    },
    /// 2-D convolution over an image.
    Conv {
        /// Output channels.
        filters: u32,
        /// Height and width.
        kernel: [u32; 2],
        /// Down and across.
        stride: [u32; 2],
        /// At the borders.
        padding: Padding,
        /// After the convolution.
        activation: Activation,
        /// With a bias vector.
        bias: bool,
        /// As for `dense`.
        l2: f64,
    },
    /// Batch normalisation over channels or features.
    BatchNorm {
        /// Weight of the new value in the running mean (PyTorch's sense).
        momentum: f64,
        /// Added to the variance.
        eps: f64,
    },
    /// Maximum over windows; what does not fill a window is dropped.
    MaxPool {
        /// Height and width.
        size: [u32; 2],
        /// Down and across.
        stride: [u32; 2],
    },
    /// Mean over windows; what does not fill a window is dropped.
    AvgPool {
        /// Height and width.
        size: [u32; 2],
        /// Down and across.
        stride: [u32; 2],
    },
    /// Zeroes each value with probability `rate` while training and scales the others.
    Dropout {
        /// In [0, 1).
        rate: f64,
    },
    /// An elementwise function.
    Activation {
        /// Which.
        function: Activation,
    },
    /// Image to sequence.
    Sequence {
        /// How it is read.
        by: ReadBy,
    },
    /// A stack of recurrent layers over a sequence.
    Recurrent {
        /// Which cell.
        cell: Cell,
        /// Hidden width, each direction.
        units: u32,
        /// Stacked layers.
        layers: u32,
        /// Both directions, side by side.
        bidirectional: bool,
        /// What is handed on.
        output: Output,
        /// A GRU's form; `after` for every other cell.
        reset: Reset,
        /// Who computes it.
        implementation: Implementation,
        /// L2 penalty on the input kernels.
        l2: f64,
    },
}

/// How a case is trained. The loss is softmax cross-entropy; the last, smaller batch is kept; the
/// order of the samples is drawn anew in every epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// At most so many passes over the training samples.
    pub epochs: u32,
    /// Samples a step.
    pub batch: u32,
    /// The rule of a step.
    pub optimizer: Optimizer,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// PyTorch's weight decay w on every parameter: w * theta is added to the gradient.
    pub weight_decay: f64,
    /// When to stop before `epochs`.
    pub early_stopping: Option<EarlyStopping>,
}

/// The rule of a step, with its constants (formulas: docs/suites.md).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Optimizer {
    /// Stochastic gradient descent.
    Sgd {
        /// Learning rate.
        lr: f64,
        /// 0 for none.
        momentum: f64,
        /// Nesterov's form of it.
        nesterov: bool,
    },
    /// Adam (Kingma and Ba 2015).
    Adam {
        /// Learning rate.
        lr: f64,
        /// Decay of the first moment.
        beta1: f64,
        /// Decay of the second moment.
        beta2: f64,
        /// Added to the root of the second moment.
        eps: f64,
    },
    /// RMSprop (Tieleman and Hinton 2012).
    Rmsprop {
        /// Learning rate.
        lr: f64,
        /// Decay of the squared gradient.
        alpha: f64,
        /// Added to its root.
        eps: f64,
    },
}

impl Optimizer {
    /// The initial learning rate.
    pub fn lr(&self) -> f64 {
        match *self {
            Optimizer::Sgd { lr, .. } | Optimizer::Adam { lr, .. } | Optimizer::Rmsprop { lr, .. } => lr,
        }
    }
}

/// How the learning rate changes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Schedule {
    /// It does not.
    Constant,
    /// lr / (1 + decay * step), step counted from 0 over the whole training.
    InverseTime {
        /// Per step.
        decay: f64,
    },
    /// Times `factor` after `patience` epochs without a better validation loss.
    ReduceOnPlateau {
        /// In (0, 1).
        factor: f64,
        /// In epochs.
        patience: u32,
        /// Not below this, which a suite must not set above the initial rate.
        min_lr: f64,
    },
}

/// Stop after `patience` epochs without a better value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyStopping {
    /// In epochs.
    pub patience: u32,
    /// Of which value.
    pub monitor: Monitor,
    /// Put the best epoch's weights back at the end.
    pub restore_best: bool,
}

/// A validation value that is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Monitor {
    /// Smaller is better.
    ValidationLoss,
    /// Larger is better.
    ValidationAccuracy,
}

/// A value that a trial yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Fraction right over a training epoch, as it was trained.
    TrainAccuracy,
    /// Mean loss over a training epoch, as it was trained.
    TrainLoss,
    /// Fraction right on the validation samples after an epoch.
    ValidationAccuracy,
    /// Mean loss on the validation samples after an epoch.
    ValidationLoss,
    /// Fraction right on the validation samples after the last epoch.
    FinalValidationAccuracy,
    /// The epoch with the smallest validation loss: later ones over-fit.
    BestEpoch,
    /// The first epoch whose validation accuracy is at most 0.005 below the best: later ones level out.
    PlateauEpoch,
    /// Fraction right on the test samples at the end.
    TestAccuracy,
    /// Mean loss on the test samples at the end.
    TestLoss,
}
