//! How a suite file spells the choices.

use super::case::*;
use super::trial::Numerics;
use super::values::Word;

macro_rules! words {
    ($($choice:ty { $($word:literal => $meant:expr),+ $(,)? })+) => {
        $(impl Word for $choice {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, $meant)),+];
        })+
    };
}

words! {
    Numerics { "native" => Numerics::Native, "portable" => Numerics::Portable }
    Convention { "torch" => Convention::Torch, "keras" => Convention::Keras }
    SplitName { "train" => SplitName::Train, "test" => SplitName::Test }
    SplitBy { "order" => SplitBy::Order, "seed" => SplitBy::Seed }
    When { "once" => When::Once, "every-epoch" => When::EveryEpoch, "appended" => When::Appended }
    Activation {
        "linear" => Activation::Linear,
        "relu" => Activation::Relu,
        "tanh" => Activation::Tanh,
        "sigmoid" => Activation::Sigmoid,
    }
    Padding { "same" => Padding::Same, "valid" => Padding::Valid }
    ReadBy { "rows" => ReadBy::Rows, "columns" => ReadBy::Columns, "pixels" => ReadBy::Pixels }
    Reset { "after" => Reset::After, "before" => Reset::Before }
    Output { "last" => Output::Last, "every" => Output::Every }
    Implementation { "fused" => Implementation::Fused, "library" => Implementation::Library, "equations" => Implementation::Equations }
    Monitor {
        "validation-loss" => Monitor::ValidationLoss,
        "validation-accuracy" => Monitor::ValidationAccuracy,
    }
    Metric {
        "train-accuracy" => Metric::TrainAccuracy,
        "train-loss" => Metric::TrainLoss,
        "validation-accuracy" => Metric::ValidationAccuracy,
        "validation-loss" => Metric::ValidationLoss,
        "final-validation-accuracy" => Metric::FinalValidationAccuracy,
        "best-epoch" => Metric::BestEpoch,
        "plateau-epoch" => Metric::PlateauEpoch,
        "test-accuracy" => Metric::TestAccuracy,
        "test-loss" => Metric::TestLoss,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record spells a choice as a suite file does.
    fn spelled_alike<T: Word + serde::Serialize>() {
        for (word, meant) in T::WORDS {
            assert_eq!(serde_json::json!(meant), *word);
        }
    }

    #[test]
    fn files_and_records_spell_alike() {
        spelled_alike::<Numerics>();
        spelled_alike::<Convention>();
        spelled_alike::<SplitName>();
        spelled_alike::<SplitBy>();
        spelled_alike::<When>();
        spelled_alike::<Activation>();
        spelled_alike::<Padding>();
        spelled_alike::<ReadBy>();
        spelled_alike::<Reset>();
        spelled_alike::<Output>();
        spelled_alike::<Implementation>();
        spelled_alike::<Monitor>();
        spelled_alike::<Metric>();
    }
}
