//! Builds the C++ shim against libtorch and writes the library's folder into the binary.

fn main() {
    #[cfg(feature = "torch")]
    torch::build();
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=TCHBENCH_RUSTC={}", rustc_version());
}

fn rustc_version() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    std::process::Command::new(rustc)
        .arg("--version")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map_or_else(|| "unknown".to_owned(), |version| version.trim().to_owned())
}

#[cfg(feature = "torch")]
mod torch {
    use std::env;
    use std::path::PathBuf;
    use std::process::Command;

    const MISSING: &str = "libtorch is not found: run `make libtorch`, or set LIBTORCH to a folder \
                           that holds libtorch 2.11.0's include/ and lib/";

    const NO_PYTORCH: &str = "LIBTORCH_USE_PYTORCH is set, but the active Python has no PyTorch: activate one that has \
                              torch 2.11.0, or unset it";

    /// Where an installed program finds libtorch, from its own folder: first, so that an installed tree can be moved.
    const INSTALLED: &str = "$ORIGIN/../lib/tchbench/torch/lib";

    const SOURCE: &str = "harness/engine/shim.cpp";

    pub fn build() {
        println!("cargo:rerun-if-env-changed=LIBTORCH");
        println!("cargo:rerun-if-changed={SOURCE}");
        println!("cargo:rerun-if-env-changed=LIBTORCH_USE_PYTORCH");
        let libtorch = libtorch();
        assert!(libtorch.join("lib/libtorch_cpu.so").exists(), "LIBTORCH={}: {MISSING}", libtorch.display());
        let include = libtorch.join("include");
        cc::Build::new()
            .cpp(true)
            .std("c++17")
            .opt_level(1)
            // It includes the operators that it calls, not all of them.
            .define("AT_PER_OPERATOR_HEADERS", None)
            .warnings(false)
            .include(&include)
            .include(include.join("torch/csrc/api/include"))
            .file(SOURCE)
            .compile("tchbench_shim");
        println!("cargo:rustc-link-arg=-Wl,-rpath,{INSTALLED}");
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", libtorch.join("lib").display());
        // The wheel's libtorch_cuda.so needs CUDA libraries that a machine without a GPU lacks.
        println!("cargo:rustc-link-arg=-Wl,--allow-shlib-undefined");
    }
    /// Returns the folder of libtorch, as torch-sys chooses it: that of the active Python's PyTorch where
    /// `LIBTORCH_USE_PYTORCH` is set.
    fn libtorch() -> PathBuf {
        if env::var_os("LIBTORCH_USE_PYTORCH").is_none() {
            return PathBuf::from(env::var_os("LIBTORCH").unwrap_or_default());
        }
        let python = if env::var_os("VIRTUAL_ENV").is_some() { "python" } else { "python3" };
        let asked = Command::new(python)
            .args(["-c", "import os, torch; print(os.path.dirname(torch.__file__))"])
            .output();
        let folder = asked.ok().filter(|output| output.status.success());
        let folder = folder.and_then(|output| String::from_utf8(output.stdout).ok());
        assert!(folder.is_some(), "{NO_PYTORCH}");
        PathBuf::from(folder.unwrap_or_default().trim())
    }
}
