//! What of a user's shell reaches a worker: one that prints its environment in place of computing.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

const PRINTER: &str = "#!/bin/sh\nenv > seen\n";

/// The environment of a worker under `tchbench env` with these options, started from a shell with
/// these variables.
fn seen(options: &[&str], shell: &[(&str, &str)]) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let printer = folder.path().join("printer");
    fs::write(&printer, PRINTER).unwrap();
    fs::set_permissions(&printer, Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
    command.args(["env", "--worker", "./printer"]).args(options).current_dir(folder.path());
    command.envs(shell.iter().copied()).output().unwrap();
    let printed = fs::read_to_string(folder.path().join("seen")).unwrap();
    printed
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn what_chooses_kernels_threads_or_precision_does_not() {
    let shell = [
        "ATEN_CPU_CAPABILITY",
        "CUBLASLT_HEURISTICS_LUT_FILE",
        "CUBLAS_EMULATE_SINGLE_PRECISION",
        "CUDA_FORCE_PTX_JIT",
        "CUDA_LAUNCH_BLOCKING",
        "CUDA_MODULE_LOADING",
        "CUDA_MPS_ACTIVE_THREAD_PERCENTAGE",
        "CUDNN_ERRATA_JSON_FILE",
        "DISABLE_ADDMM_CUDA_LT",
        "FBGEMM_FORCE_AUTOVEC",
        "KINETO_USE_DAEMON",
        "LRU_CACHE_CAPACITY",
        "MKL_CBWR",
        "NVRTC_APPEND_FLAGS",
        "OMP_WAIT_POLICY",
        "ONEDNN_MAX_CPU_ISA",
        "PYTORCH_ALLOC_CONF",
        "PYTORCH_NO_CUDA_MEMORY_CACHING",
        "PYTORCH_TUNABLEOP_ENABLED",
        "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
        "TORCH_BLAS_PREFER_CUBLASLT",
        "USE_PYTORCH_KERNEL_CACHE",
    ];
    for device in ["cpu", "cuda"] {
        let seen = seen(&["--device", device], &shell.map(|name| (name, "1")));
        let reached: Vec<&str> = shell.into_iter().filter(|name| seen.contains_key(*name)).collect();
        assert!(reached.is_empty(), "{device}: {reached:?}");
    }
}

#[test]
fn what_is_fixed_is_fixed_whatever_the_shell_says() {
    let shell =
        [("CUBLAS_WORKSPACE_CONFIG", ":0:0"), ("NVIDIA_TF32_OVERRIDE", "1"), ("OMP_NUM_THREADS", "64")];
    let seen = seen(&["--device", "cuda", "--threads", "3"], &shell);
    let fixed = shell.map(|(name, _)| seen[name].as_str());
    assert_eq!(fixed, [":4096:8", "0", "3"]);
}

#[test]
fn what_says_where_devices_and_libraries_are_does() {
    let shell = [
        ("CUDA_CACHE_PATH", "/var/tmp/ptx"),
        ("CUDA_DEVICE_ORDER", "PCI_BUS_ID"),
        ("CUDA_MPS_PIPE_DIRECTORY", "/var/tmp/mps"),
        ("CUDA_VISIBLE_DEVICES", "1"),
        ("LD_LIBRARY_PATH", "/opt/driver"),
        ("NVIDIA_VISIBLE_DEVICES", "all"),
    ];
    let seen = seen(&["--device", "cuda"], &shell);
    for (name, value) in shell {
        assert_eq!(seen.get(name).map(String::as_str), Some(value), "{name}");
    }
}
