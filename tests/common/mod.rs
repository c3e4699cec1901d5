//! A plan of fake trials, and the folder of their run.
#![allow(dead_code, reason = "each test crate uses a part")]

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tchbench::data::{Buffer, Dataset, Split, Values};
use tchbench::event::Event;
use tchbench::recipe::{Device, ENGINE_REVISION, Environment, Numerics, Trial, identity};
use tchbench::recipe::{Experiment, Geometry};
use tchbench::record::{Folder, TrialRecord};
use tchbench::runner::{Datasets, Error, Interrupt, Launcher, Observer, Plan, RunSummary, run};
use tchbench::suite::case::{Case, Suite};
use tchbench::suite::presentation::Presentation;

/// A linear model on glyphs for two epochs.
const EXPERIMENT: &str = r#"{
    "data": {
        "dataset": "glyphs", "validation": null, "train_samples": null, "test_samples": null,
        "label_noise": 0.0, "augmentation": null, "resize": null, "pixel_noise": null, "binarize": null,
        "normalize": null
    },
    "convention": "torch",
    "layers": [{"kind": "flatten"}, {"kind": "dense", "units": 10, "activation": "linear", "bias": true, "l2": 0.0}],
    "training": {
        "epochs": 2, "batch": 32, "optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0.0, "nesterov": false},
        "schedule": {"kind": "constant"}, "weight_decay": 0.0, "early_stopping": null
    }
}"#;

/// `tests/fake-worker.sh`, which must not be written to while it runs.
pub fn fake_worker() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake-worker.sh")
}

/// A folder with the fake worker and `suite.toml`: linear models on glyphs, with `defaults` for all of them.
pub fn place(cases: &[&str], defaults: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    symlink(fake_worker(), place.path().join("worker")).unwrap();
    let mut text = format!(
        "schema = 1\nname = \"suite\"\n[defaults]\ndataset = \"glyphs\"\nepochs = 2\nbatch = 32\nseeds = [3, 4]\n{defaults}\n"
    );
    for case in cases {
        text += &format!(
            "[[case]]\nname = \"{case}\"\nlayers = [{{ kind = \"flatten\" }}, {{ kind = \"dense\", units = 10 }}]\n"
        );
    }
    std::fs::write(place.path().join("suite.toml"), text).unwrap();
    place
}

/// A plan of fake trials, and the folder of their run.
pub struct Bench {
    root: tempfile::TempDir,
    pub plan: Plan,
    pub datasets: Datasets,
    pub folder: Folder,
}

impl Bench {
    /// One trial a case; the case's name says what its worker does.
    pub fn new(cases: &[&str]) -> Self {
        let root = tempfile::tempdir().unwrap();
        symlink(fake_worker(), root.path().join("worker")).unwrap();
        let folder = Folder::create(&root.path().join("results"), "run").unwrap();
        let dataset = blank_dataset();
        let environment = Environment { device: Device::Cpu, threads: 1, numerics: Numerics::Native };
        let experiment: Experiment = serde_json::from_str(EXPERIMENT).unwrap();
        let trial = |case: &&str| Trial {
            suite: "fake".parse().unwrap(),
            case: case.parse().unwrap(),
            seed: 1,
            identity: identity(&experiment, 1, &dataset.digests, &environment),
            experiment: experiment.clone(),
            parameters: None,
            dataset: dataset.digests.clone(),
            environment,
            engine_revision: ENGINE_REVISION,
        };
        let case = |name: &&str| Case {
            name: name.parse().unwrap(),
            description: String::new(),
            experiment: experiment.clone(),
            seeds: vec![1],
            parameters: None,
            claims: Vec::new(),
        };
        let plan = Plan {
            suites: vec![Suite {
                name: "fake".parse().unwrap(),
                description: String::new(),
                analysis: String::new(),
                profile: None,
                numerics: Numerics::Native,
                cases: cases.iter().map(case).collect(),
                gates: Vec::new(),
                datasets: Default::default(),
                class_names: Default::default(),
                presentation: Presentation::default(),
            }],
            trials: cases.iter().map(trial).collect(),
            shard: None,
            environment,
            engine: Launcher::new(root.path().join("worker"))
                .describe(&environment, &Interrupt::default())
                .unwrap(),
            commit: None,
            jobs: 1,
            keep_weights: false,
            invocation: vec!["tchbench".to_owned(), "run".to_owned()],
            began: jiff::Timestamp::UNIX_EPOCH,
        };
        let mut datasets = Datasets::default();
        datasets.add(&dataset).unwrap();
        Bench { root, plan, datasets, folder }
    }

    pub fn worker(&self) -> PathBuf {
        self.root.path().join("worker")
    }

    pub fn run(
        &self,
        jobs: usize,
        interrupt: &Interrupt,
        observer: &mut dyn Observer,
    ) -> Result<RunSummary, Error> {
        let (plan, launcher) = (Plan { jobs, ..self.plan.clone() }, Launcher::new(self.worker()));
        run(&plan, &launcher, &self.datasets, &self.folder, interrupt, observer)
    }

    pub fn record(&self, case: &str) -> TrialRecord {
        self.folder.read_trial("fake", case, 1).unwrap().unwrap()
    }

    /// What the workers noted.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.root.path().join("log")).unwrap_or_default()
    }

    /// The case that was begun first.
    pub fn begun(&self) -> String {
        self.log().lines().find_map(|line| line.strip_prefix("begin ")).unwrap().to_owned()
    }

    /// Of workers that hang.
    pub fn pids(&self) -> Vec<u32> {
        pids(&self.log())
    }
}

/// The process numbers in a log.
pub fn pids(log: &str) -> Vec<u32> {
    log.lines().filter_map(|line| line.strip_prefix("pid ")).map(|pid| pid.parse().unwrap()).collect()
}

/// Whether a process runs: it is there, and no zombie that nobody has waited for.
pub fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
}

/// The events' names.
pub fn kinds(events: &[Event]) -> Vec<String> {
    let kind = |event| serde_json::to_value(event).unwrap()["event"].as_str().unwrap().to_owned();
    events.iter().map(kind).collect()
}

fn blank_dataset() -> Dataset {
    let split = |images| Split {
        shape: Geometry::MNIST.shape,
        values: Values::Bytes(Buffer::Owned(vec![0; images * 28 * 28])),
        labels: Buffer::Owned(vec![0; images]),
    };
    Dataset {
        name: "glyphs".to_owned(),
        classes: 10,
        class_names: Vec::new(),
        digests: [("train-images-idx3-ubyte".to_owned(), "00".to_owned())].into(),
        train: split(96),
        test: split(10),
    }
}
