//! `tchbench env`: the machine and what computes.

use clap::{Args as Arguments, ValueEnum};

use super::compute::{Compute, interrupt};
use super::{Ended, Exit, Failure};
use crate::record::Fingerprint;
use crate::runner::{LoadWatch, host};
use crate::suite::Numerics;

/// Show the machine and the software that would go into a record.
#[derive(Debug, Arguments)]
pub struct Args {
    #[command(flatten)]
    compute: Compute,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Args {
    /// Prints the fingerprint.
    pub fn execute(self) -> Ended {
        let launcher = self.compute.launcher()?;
        let numerics = self.compute.numerics().unwrap_or(Numerics::Native);
        let load = LoadWatch::begin();
        let (_, engine) = self.compute.describe(numerics, &launcher, &*interrupt()?)?;
        let fingerprint = Fingerprint { host: host(), engine, load: load.end() };
        match self.format {
            Format::Text => print!("{}", text(&fingerprint)),
            Format::Json => {
                let json = serde_json::to_string_pretty(&fingerprint)
                    .map_err(|error| Failure::new(Exit::Internal, error))?;
                println!("{json}");
            }
        }
        Ok(Exit::Success)
    }
}

fn text(Fingerprint { host, engine, load }: &Fingerprint) -> String {
    let none = || "none".to_owned();
    let numerics = match engine.numerics {
        Numerics::Native => "native",
        Numerics::Portable => "portable",
    };
    let rows = [
        ("cpu", host.cpu.clone()),
        ("cpu model", host.cpu_model.clone()),
        ("cores", host.cores.to_string()),
        ("memory", format!("{:.1} GiB", host.memory as f64 / f64::from(1 << 30))),
        ("os", host.os.clone()),
        ("kernel", host.kernel.clone()),
        ("load average", format!("{:.2}", load.load_average)),
        ("steal", load.steal.map_or_else(|| "unknown".to_owned(), |steal| format!("{:.1} %", steal * 100.0))),
        ("device", engine.device.clone()),
        ("driver", engine.driver.clone().unwrap_or_else(none)),
        ("cuda", engine.cuda.clone().unwrap_or_else(none)),
        ("tchbench", engine.tchbench.clone()),
        ("libtorch", engine.libtorch.clone()),
        ("tch", engine.tch.clone()),
        ("rustc", engine.rustc.clone()),
        ("threads", engine.threads.to_string()),
        ("numerics", numerics.to_owned()),
        ("capability", engine.capability.clone()),
        ("numerics class", engine.numerics_class.clone()),
    ];
    rows.iter().map(|(name, value)| format!("{name:<16}{value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Engine;
    use crate::record::{Host, Load};

    #[test]
    fn a_fingerprint_is_a_table() {
        let host = Host {
            cpu: "Intel(R) Xeon(R) Processor".into(),
            cpu_model: "GenuineIntel family 6 model 167 stepping 1".into(),
            cores: 2,
            memory: 8_321_499_136,
            os: "Linux (Debian GNU/Linux 12)".into(),
            kernel: "6.18.44".into(),
        };
        let engine = Engine {
            tchbench: "0.1.0".into(),
            libtorch: "2.11.0".into(),
            tch: "0.24.0".into(),
            rustc: "1.95.0".into(),
            device: "cpu".into(),
            driver: None,
            cuda: None,
            threads: 1,
            numerics: Numerics::Portable,
            capability: "AVX2".into(),
            numerics_class: "5f1c".into(),
            kernels: Default::default(),
        };
        let load = Load { load_average: 0.25, steal: Some(0.0125) };
        insta::assert_snapshot!(text(&Fingerprint { host, engine, load }), @r"
        cpu             Intel(R) Xeon(R) Processor
        cpu model       GenuineIntel family 6 model 167 stepping 1
        cores           2
        memory          7.8 GiB
        os              Linux (Debian GNU/Linux 12)
        kernel          6.18.44
        load average    0.25
        steal           1.2 %
        device          cpu
        driver          none
        cuda            none
        tchbench        0.1.0
        libtorch        2.11.0
        tch             0.24.0
        rustc           1.95.0
        threads         1
        numerics        portable
        capability      AVX2
        numerics class  5f1c
        ");
    }
}
