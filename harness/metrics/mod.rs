//! The values that a trial yields, for tables, claims, pictures and comparisons: one file and one line of the registry
//! each.

mod metric;
mod parameter;
mod results;
mod spelling;

pub use metric::{Better, Metric, Unit};
pub use results::{SLACK, TrialResults};

/// Declares a file for each metric, and names its `METRIC` as a constant of [`Metric`].
macro_rules! registry {
    ($($file:ident: $metric:ident),+ $(,)?) => {
        $(mod $file;)+

        #[allow(missing_docs)]
        impl Metric {
            $(pub const $metric: Metric = $file::METRIC;)+
        }

        /// All metrics, in the order in which they are listed. One with a parameter has an example of an argument.
        pub const METRICS: &[Metric] = &[$(Metric::$metric),+];
    };
}

registry! {
    train_accuracy: TRAIN_ACCURACY,
    train_loss: TRAIN_LOSS,
    validation_accuracy: VALIDATION_ACCURACY,
    validation_loss: VALIDATION_LOSS,
    final_validation_accuracy: FINAL_VALIDATION_ACCURACY,
    best_epoch: BEST_EPOCH,
    plateau_epoch: PLATEAU_EPOCH,
    test_accuracy: TEST_ACCURACY,
    test_loss: TEST_LOSS,
    parameters: PARAMETERS,
    training_time: TRAINING_TIME,
    testing_time: TESTING_TIME,
    throughput: THROUGHPUT,
    over_fitting: OVER_FITTING,
    epochs_to: EPOCHS_TO,
    seconds_to: SECONDS_TO,
    top_accuracy: TOP_ACCURACY,
    macro_f1: MACRO_F1,
    recall: RECALL,
}
