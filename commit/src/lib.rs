//! The commit that `tchbench` is built from.
//!
//! This is a package of its own because its build script runs whenever a source file of the program changes. That of
//! `tchbench` itself compiles C++, which takes a minute.

/// The commit that the program's source files were taken from, in hexadecimal; `None` of a program that was not built
/// from a git repository.
pub const COMMIT: Option<&str> = option_env!("TCHBENCH_COMMIT");

/// Whether the program's source files were those of [`COMMIT`], without a change.
pub const IS_CLEAN: bool = option_env!("TCHBENCH_CHANGED").is_none();
