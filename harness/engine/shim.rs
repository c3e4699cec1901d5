//! The C++ shim, safely.

use std::ffi::{CStr, OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use tch::Tensor;
use torch_sys::C_tensor;

use super::error::Error;
use crate::recipe::{Convention, Numerics};

type TensorPointers = *const *mut C_tensor;

unsafe extern "C" {
    fn tb_free(text: *mut c_char);
    fn tb_adam(
        weights: TensorPointers,
        gradients: TensorPointers,
        first: TensorPointers,
        second: TensorPointers,
        decay: *const f64,
        count: usize,
        step: i64,
        lr: f64,
        beta1: f64,
        beta2: f64,
        eps: f64,
    ) -> *mut c_char;
    fn tb_rmsprop(
        weights: TensorPointers,
        gradients: TensorPointers,
        squares: TensorPointers,
        decay: *const f64,
        count: usize,
        lr: f64,
        alpha: f64,
        within: f64,
        beside: f64,
    ) -> *mut c_char;
    fn tb_sgd(
        weights: TensorPointers,
        gradients: TensorPointers,
        buffers: TensorPointers,
        decay: *const f64,
        count: usize,
        lr: f64,
        momentum: f64,
        nesterov: bool,
        rate_within: bool,
    ) -> *mut c_char;
    fn tb_configure(threads: c_int, flush_denormal: bool) -> *mut c_char;
    fn tb_seed(seed: u64) -> *mut c_char;
    fn tb_folder() -> *const c_char;
    fn tb_version() -> *const c_char;
    fn tb_capability() -> *const c_char;
    fn tb_cuda_versions(versions: *mut c_char) -> *mut c_char;
    fn tb_device_peak_memory(device: c_int, bytes: *mut i64) -> *mut c_char;
    fn tb_timer_new(device: c_int, timer: *mut *mut Timer) -> *mut c_char;
    fn tb_timer_begin(timer: *mut Timer) -> *mut c_char;
    fn tb_timer_end(timer: *mut Timer, seconds: *mut f64) -> *mut c_char;
    fn tb_timer_free(timer: *mut Timer);
}

/// A timer of the shim, known here by its address alone.
#[repr(C)]
struct Timer {
    _opaque: [u8; 0],
}

/// Takes the shim's message, if there is one.
fn check(message: *mut c_char) -> Result<(), Error> {
    if message.is_null() {
        return Ok(());
    }
    // SAFETY: the shim returns null or a string from strdup, which is ours to free.
    let text = unsafe { CStr::from_ptr(message) }.to_string_lossy().into_owned();
    unsafe { tb_free(message) };
    Err(Error::from_libtorch(text))
}

fn pointers(tensors: &[Tensor]) -> Vec<*mut C_tensor> {
    tensors.iter().map(|tensor| tensor.as_ptr().cast_mut()).collect()
}

/// The parameters of a model as an optimizer sees them.
pub struct StepTensors<'a> {
    /// Changed in place; contiguous.
    pub weights: &'a [Tensor],
    /// The gradients, one for each weight.
    pub gradients: &'a [Tensor],
    /// `decay[i] * weights[i]` is added to the i-th gradient first.
    pub decay: &'a [f64],
    /// Whose form of the rule.
    pub convention: Convention,
    /// The learning rate of this step.
    pub lr: f64,
}

impl StepTensors<'_> {
    fn lengths_agree(&self, state: &[&[Tensor]]) -> bool {
        let n = self.weights.len();
        self.gradients.len() == n && self.decay.len() == n && state.iter().all(|s| s.len() == n)
    }

    /// Adam; `step` counts from 1.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn adam(
        &self,
        first: &[Tensor],
        second: &[Tensor],
        step: i64,
        (beta1, beta2): (f64, f64),
        eps: f64,
    ) -> Result<(), Error> {
        assert!(self.lengths_agree(&[first, second]));
        let w = pointers(self.weights);
        let g = pointers(self.gradients);
        let m = pointers(first);
        let v = pointers(second);
        // SAFETY: all lists hold `count` live tensors.
        check(unsafe {
            tb_adam(
                w.as_ptr(),
                g.as_ptr(),
                m.as_ptr(),
                v.as_ptr(),
                self.decay.as_ptr(),
                w.len(),
                step,
                self.lr,
                beta1,
                beta2,
                eps,
            )
        })
    }

    /// RMSprop; of eps, so much is added within the root and so much beside it.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn rmsprop(&self, squares: &[Tensor], alpha: f64, within: f64, beside: f64) -> Result<(), Error> {
        assert!(self.lengths_agree(&[squares]));
        let w = pointers(self.weights);
        let g = pointers(self.gradients);
        let v = pointers(squares);
        // SAFETY: all lists hold `count` live tensors.
        check(unsafe {
            tb_rmsprop(
                w.as_ptr(),
                g.as_ptr(),
                v.as_ptr(),
                self.decay.as_ptr(),
                w.len(),
                self.lr,
                alpha,
                within,
                beside,
            )
        })
    }

    /// SGD; `buffers` is empty where momentum is 0, else the sum of gradients or, with `rate_within`, of gradients times
    /// the rates of their steps.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn sgd(
        &self,
        buffers: &[Tensor],
        momentum: f64,
        nesterov: bool,
        rate_within: bool,
    ) -> Result<(), Error> {
        assert!(self.lengths_agree(if momentum == 0.0 { &[] } else { std::slice::from_ref(&buffers) }));
        let w = pointers(self.weights);
        let g = pointers(self.gradients);
        let b = pointers(buffers);
        // SAFETY: all lists hold `count` live tensors; `buffers` is read only with momentum.
        check(unsafe {
            tb_sgd(
                w.as_ptr(),
                g.as_ptr(),
                b.as_ptr(),
                self.decay.as_ptr(),
                w.len(),
                self.lr,
                momentum,
                nesterov,
                rate_within,
            )
        })
    }
}

/// Sets libtorch's threads, and allows its deterministic kernels only. Under portable numerics it computes on one thread,
/// and denormal numbers count as 0: gradients that vanish end in them, with which processors compute many times slower.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn configure(threads: u32, numerics: Numerics) -> Result<(), Error> {
    let is_portable = numerics == Numerics::Portable;
    let threads = if is_portable { 1 } else { threads };
    // SAFETY: no pointers.
    check(unsafe { tb_configure(threads as c_int, is_portable) })
}

/// Seeds the generators of all devices.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn seed(seed: u64) -> Result<(), Error> {
    // SAFETY: no pointers.
    check(unsafe { tb_seed(seed) })
}

/// Returns the folder that libtorch was loaded from; empty where the system does not tell.
pub fn folder() -> PathBuf {
    // SAFETY: a static string.
    let path = unsafe { CStr::from_ptr(tb_folder()) };
    PathBuf::from(OsStr::from_bytes(path.to_bytes()))
}

/// Returns the version of libtorch.
pub fn version() -> String {
    // SAFETY: a static string.
    unsafe { CStr::from_ptr(tb_version()) }.to_string_lossy().into_owned()
}

/// Returns the instruction set of libtorch's own kernels.
pub fn capability() -> String {
    // SAFETY: a static string.
    unsafe { CStr::from_ptr(tb_capability()) }.to_string_lossy().into_owned()
}

/// Returns the versions of CUDA and cuDNN that libtorch uses.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn cuda_versions() -> Result<String, Error> {
    let mut versions: [c_char; 256] = [0; 256];
    // SAFETY: the buffer holds 256 bytes and ends in 0, since the shim writes at most 255.
    unsafe {
        check(tb_cuda_versions(versions.as_mut_ptr()))?;
        Ok(CStr::from_ptr(versions.as_ptr()).to_string_lossy().into_owned())
    }
}

/// Returns the largest number of bytes that libtorch held on CUDA device `index`.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn device_peak_memory(index: u32) -> Result<u64, Error> {
    let mut bytes = 0;
    // SAFETY: `bytes` outlives the call.
    check(unsafe { tb_device_peak_memory(index as c_int, &mut bytes) })?;
    Ok(bytes as u64)
}

/// Times what is done on a CUDA device, by events on its current stream.
pub struct DeviceTimer(*mut Timer);

impl DeviceTimer {
    /// Returns the timer of CUDA device `index`.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn new(index: usize) -> Result<Self, Error> {
        let mut timer = std::ptr::null_mut();
        // SAFETY: on success `timer` is a new one that is ours.
        check(unsafe { tb_timer_new(index as c_int, &mut timer) })?;
        Ok(DeviceTimer(timer))
    }

    /// Begins to time what is put on the stream from now on.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn begin(&mut self) -> Result<(), Error> {
        // SAFETY: it lives as long as `self`.
        check(unsafe { tb_timer_begin(self.0) })
    }

    /// Waits for the device; the seconds since [`begin`](Self::begin), which must have been called.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn end(&mut self) -> Result<f64, Error> {
        let mut seconds = 0.0;
        // SAFETY: it lives as long as `self`, and `seconds` outlives the call.
        check(unsafe { tb_timer_end(self.0, &mut seconds) })?;
        Ok(seconds)
    }
}

impl Drop for DeviceTimer {
    fn drop(&mut self) {
        // SAFETY: it is ours and not used again.
        unsafe { tb_timer_free(self.0) };
    }
}
