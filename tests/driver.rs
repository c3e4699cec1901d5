//! An NVIDIA driver that is missing, too old, out of order or without a device, played by a library of a
//! few lines in the driver's place.
#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::process::Command;

/// A driver that serves this version of CUDA, whose start returns this code, with so many devices.
fn driver(version: u32, start: u32, devices: u32) -> String {
    format!(
        "int cuDriverGetVersion(int *version) {{ *version = {version}; return 0; }}
         int cuInit(unsigned flags) {{ return {start}; }}
         int cuDeviceGet(int *device, int index) {{ *device = index; return index < {devices} ? 0 : 101; }}
         int cuDeviceGetName(char *name, int length, int device) {{ name[0] = 'X'; name[1] = 0; return 0; }}"
    )
}

/// Runs `tchbench env --device DEVICE` where this C is the driver, or, if it is empty, where the driver's
/// library cannot be loaded: exit code, stdout, stderr.
fn env(source: &str, device: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("libcuda.so.1");
    if source.is_empty() {
        fs::write(&library, "no library").unwrap();
    } else {
        let file = folder.path().join("driver.c");
        fs::write(&file, source).unwrap();
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let compiled =
            Command::new(compiler).args(["-shared", "-fPIC", "-o"]).args([&library, &file]).status();
        assert!(compiled.unwrap().success());
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_tchbench"));
    command.args(["env", "--device", device]).current_dir(folder.path());
    let output = command.env("LD_LIBRARY_PATH", folder.path()).env_remove("CUDA_VISIBLE_DEVICES").output();
    let output = output.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_stands_in_the_way_of_cuda_is_told_apart() {
    let cases = [
        (String::new(), "cuda", "error: --device: no NVIDIA driver here (/"),
        (
            driver(12_040, 0, 1),
            "cuda",
            "the NVIDIA driver here serves CUDA 12.4, and libtorch needs 13.0: update it",
        ),
        (driver(13_000, 999, 1), "cuda", "the NVIDIA driver here does not work (cuInit returns 999)"),
        (driver(13_000, 100, 0), "cuda", "no cuda device 0 here: the NVIDIA driver finds 0;"),
        (driver(13_000, 0, 2), "cuda:3", "no cuda device 3 here: the NVIDIA driver finds 2;"),
        ("int other;".to_owned(), "cuda", "the NVIDIA driver here does not work (/"),
        // Nothing of this driver serves libtorch, whether that has CUDA or not.
        (driver(13_010, 0, 1), "cuda", "libtorch cannot use CUDA here ("),
    ];
    for (source, device, expected) in cases {
        let (code, stdout, stderr) = env(&source, device);
        assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
        assert!(stderr.contains(expected) && stderr.contains("--device cpu"), "{expected}: {stderr}");
    }
}

#[test]
fn where_the_device_is_left_open_the_cpu_is_used_and_why_is_said() {
    for (source, reason) in [(driver(12_040, 0, 1), "serves CUDA 12.4"), (driver(13_000, 100, 0), "finds 0")]
    {
        let (code, stdout, stderr) = env(&source, "auto");
        assert_eq!(code, 0, "{stderr}");
        assert!(stderr.starts_with("note: ") && stderr.contains(reason), "{stderr}");
        assert!(stderr.contains("using the CPU"), "{stderr}");
        assert!(stdout.lines().any(|line| line.starts_with("device") && line.ends_with("cpu")), "{stdout}");
    }
}
