//! Two records side by side.

#![allow(clippy::unwrap_used)]

#[path = "support/records.rs"]
mod records;

use proptest::prelude::*;
use records::record;
use tchbench::compare::{Field, fingerprint, first_difference, identity, results};
use tchbench::recipe;
use tchbench::recipe::{Device, Environment, Numerics, Trial};

fn trial(units: u32, seed: u64, data: &str, environment: Environment) -> Trial {
    let mut trial = record("mlp", units, seed, 0.9).trial;
    trial.dataset = [("train".to_owned(), data.to_owned())].into();
    trial.environment = environment;
    trial.identity = recipe::identity(&trial.experiment, seed, &trial.dataset, &environment);
    trial
}

fn any_trial() -> impl Strategy<Value = Trial> {
    let device = prop_oneof![Just(Device::Cpu), Just(Device::Cuda(0)), Just(Device::Cuda(1))];
    let numerics = prop_oneof![Just(Numerics::Native), Just(Numerics::Portable)];
    (1..3u32, 0..2u64, prop_oneof![Just("aa"), Just("bb")], device, 1..3u32, numerics).prop_map(
        |(units, seed, data, device, threads, numerics)| {
            trial(units, seed, data, Environment { device, threads, numerics })
        },
    )
}

proptest! {
    #[test]
    fn identities_are_equal_where_no_field_differs(a in any_trial(), b in any_trial()) {
        let differs = identity(&a, &b).iter().any(Field::differs);
        prop_assert_eq!(differs, a.identity != b.identity);
    }
}

#[test]
fn a_parting_names_the_first_epoch_and_its_tensors() {
    let mut a = record("mlp", 16, 1, 0.9);
    for epoch in &mut a.epochs {
        epoch.tensors =
            [("1.weight".to_owned(), "aa".to_owned()), ("1.bias".to_owned(), "bb".to_owned())].into();
    }
    a.epochs[0].train.loss = f64::NAN;
    let mut b = a.clone();
    assert_eq!(first_difference(&a, &b), None);
    assert!(!results(&a, &b).iter().any(Field::differs));

    b.epochs[1].tensors.insert("1.weight".to_owned(), "cc".to_owned());
    b.epochs[1].trajectory = "dd".to_owned();
    b.epochs[1].train_seconds += 1.0;
    b.finished.as_mut().unwrap().weights = "ee".to_owned();
    let parted = first_difference(&a, &b).unwrap();
    let weight = Field { name: "1.weight".to_owned(), a: Some("aa".to_owned()), b: Some("cc".to_owned()) };
    assert_eq!((parted.epoch, parted.tensors), (2, vec![weight]));
    let names = |fields: Vec<Field>| -> Vec<String> {
        fields.into_iter().filter(Field::differs).map(|field| field.name).collect()
    };
    assert_eq!(names(parted.values), ["trajectory"]);
    assert_eq!(names(results(&a, &b)), ["weights"]);

    b.fingerprint.host.kernel = "6.2".to_owned();
    b.fingerprint.load.load_average += 1.0;
    b.fingerprint.engine.kernels.insert("conv".to_owned(), "ff".to_owned());
    assert_eq!(names(fingerprint(&a.fingerprint, &b.fingerprint)), ["host.kernel", "engine.kernels.conv"]);
}
