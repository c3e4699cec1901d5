//! The process: all else is the library's.

fn main() -> ! {
    let exit = tchbench::cli::main();
    // SAFETY: nothing is left to run at exit but libtorch's destructors, which take a third of a short
    // command's time to free what the system takes back anyway.
    unsafe { libc::_exit(exit as i32) }
}
