//! The variables that fix a worker's numerics. They are set on the process before it starts,
//! because libtorch, MKL, oneDNN and OpenMP read them when they are loaded.

use std::ffi::{OsStr, OsString};
use std::process::Command;

use crate::recipe::Environment;

/// Variables whose names begin so choose kernels, threads, precision or speed in libtorch and the
/// libraries under it. A worker inherits none of them, so that a user's shell cannot change bits.
///
/// They are the names in `strings` of libtorch 2.11.0 and of the CUDA libraries that its wheel brings,
/// as far as the engine's operations read them.
const NUMERIC_PREFIXES: [&str; 24] = [
    "ATEN_",
    "BLIS_",
    "CASK_",
    "CUBLAS",
    "CUDA_",
    "CUDNN_",
    "DISABLE_ADDMM_CUDA_LT",
    "DNNL_",
    "FBGEMM_",
    "GLIBC_TUNABLES",
    "GOMP_",
    "GOTO_",
    "KINETO_",
    "KMP_",
    "LRU_CACHE_CAPACITY",
    "MKL_",
    "NVIDIA_TF32_OVERRIDE",
    "NVRTC_",
    "OMP_",
    "ONEDNN_",
    "OPENBLAS_",
    "PYTORCH_",
    "TORCH_",
    "USE_PYTORCH_KERNEL_CACHE",
];

/// Those of the above that say which device a worker computes on, or how it reaches it.
const KEPT: [&str; 5] = [
    "CUDA_CACHE_PATH",
    "CUDA_DEVICE_ORDER",
    "CUDA_MPS_LOG_DIRECTORY",
    "CUDA_MPS_PIPE_DIRECTORY",
    "CUDA_VISIBLE_DEVICES",
];

/// Returns the variables of `environment`, by name.
pub fn variables(environment: &Environment) -> Vec<(&'static str, String)> {
    let threads = environment.threads.to_string();
    vec![
        ("OMP_NUM_THREADS", threads.clone()),
        ("OMP_DYNAMIC", "FALSE".to_owned()),
        // Workers side by side must not be bound to the same cores.
        ("OMP_PROC_BIND", "FALSE".to_owned()),
        ("MKL_NUM_THREADS", threads),
        ("MKL_DYNAMIC", "FALSE".to_owned()),
        ("CUBLAS_WORKSPACE_CONFIG", ":4096:8".to_owned()),
        ("NVIDIA_TF32_OVERRIDE", "0".to_owned()),
    ]
}

/// Gives `command` the variables of `environment`, and none of `inherited` that change numerics.
pub fn apply(
    command: &mut Command,
    environment: &Environment,
    inherited: impl Iterator<Item = (OsString, OsString)>,
) {
    for (name, _) in inherited.filter(|(name, _)| changes_numerics(name)) {
        command.env_remove(name);
    }
    command.envs(variables(environment));
}

fn changes_numerics(name: &OsStr) -> bool {
    let begins_with = |prefix: &&str| name.as_encoded_bytes().starts_with(prefix.as_bytes());
    NUMERIC_PREFIXES.iter().any(begins_with) && !KEPT.iter().any(|kept| name == *kept)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::recipe::{Device, Numerics};

    /// What a worker sees, started from a shell with these variables.
    fn seen(numerics: Numerics, shell: &[(&str, &str)]) -> BTreeMap<String, Option<String>> {
        let mut command = Command::new("worker");
        let environment = Environment { device: Device::Cpu, threads: 3, numerics };
        apply(&mut command, &environment, shell.iter().map(|&(name, value)| (name.into(), value.into())));
        let text = |value: &OsStr| value.to_str().unwrap().to_owned();
        command.get_envs().map(|(name, value)| (text(name), value.map(text))).collect()
    }

    #[test]
    fn threads_are_set() {
        let portable = seen(Numerics::Portable, &[]);
        assert_eq!(portable["OMP_NUM_THREADS"].as_deref(), Some("3"));
        assert_eq!(portable["MKL_NUM_THREADS"].as_deref(), Some("3"));
    }

    #[test]
    fn a_shell_cannot_change_bits() {
        let native = seen(
            Numerics::Native,
            &[("MKL_CBWR", "COMPATIBLE"), ("ATEN_CPU_CAPABILITY", "default"), ("OMP_NUM_THREADS", "64")],
        );
        assert_eq!(native["MKL_CBWR"], None);
        assert_eq!(native["ATEN_CPU_CAPABILITY"], None);
        assert_eq!(native["OMP_NUM_THREADS"].as_deref(), Some("3"));
    }

    #[test]
    fn what_does_not_touch_numerics_is_left_alone() {
        let seen = seen(Numerics::Native, &[("PATH", "/bin"), ("CUDA_VISIBLE_DEVICES", "1")]);
        assert!(!seen.contains_key("PATH") && !seen.contains_key("CUDA_VISIBLE_DEVICES"));
    }
}
