//! NVIDIA's driver, asked through its own library before any of CUDA is loaded.

use std::ffi::{CStr, c_char, c_int, c_uint};

use libloading::{Library, Symbol};

use super::cuda::reason;
use super::error::Error;

const LIBRARY: &str = "libcuda.so.1";

/// The lowest version of CUDA, as the driver numbers it, that serves libtorch 2.11.0: its wheel is built
/// for CUDA 13.0.
const NEEDED: c_int = 13_000;

/// What `cuInit` returns where there is no device.
const NO_DEVICE: c_int = 100;

/// A driver that has started.
pub struct Driver {
    library: Library,
    /// The highest version of CUDA that it serves, as it numbers it.
    version: c_int,
}

impl Driver {
    /// Starts the driver.
    ///
    /// # Errors
    /// No driver; one that is too old; one that does not start.
    pub fn start() -> Result<Self, Error> {
        // SAFETY: the driver's library may be loaded at any time.
        let library = unsafe { Library::new(LIBRARY) }.map_err(|error| Error::NoDriver(reason(&error)))?;
        let mut driver = Driver { library, version: 0 };
        let mut version = 0;
        driver.call("cuDriverGetVersion", |get: Symbol<unsafe extern "C" fn(*mut c_int) -> c_int>| {
            // SAFETY: `version` outlives the call.
            unsafe { get(&mut version) }
        })?;
        if version < NEEDED {
            return Err(Error::OldDriver { served: dotted(version), needed: dotted(NEEDED) });
        }
        driver.version = version;
        driver.call("cuInit", |init: Symbol<unsafe extern "C" fn(c_uint) -> c_int>| {
            // SAFETY: no pointers; 0 is the only value there is.
            match unsafe { init(0) } {
                // Which devices there are is asked below.
                NO_DEVICE => 0,
                code => code,
            }
        })?;
        Ok(driver)
    }

    /// Returns the highest version of CUDA that it serves, as in `13.0`.
    pub fn version(&self) -> String {
        dotted(self.version)
    }

    /// Returns the name of device `index`.
    ///
    /// # Errors
    /// No such device.
    pub fn device(&self, index: u32) -> Result<String, Error> {
        let handle = self.handle(index)?.ok_or_else(|| {
            let found = (0..index).take_while(|&index| matches!(self.handle(index), Ok(Some(_)))).count();
            let visible = std::env::var("CUDA_VISIBLE_DEVICES").ok();
            Error::NoDevice { index, found, visible }
        })?;
        let mut name: [c_char; 256] = [0; 256];
        self.call(
            "cuDeviceGetName",
            |get: Symbol<unsafe extern "C" fn(*mut c_char, c_int, c_int) -> c_int>| {
                // SAFETY: `name` holds as many bytes as are stated, of which the last stays 0.
                unsafe { get(name.as_mut_ptr(), 255, handle) }
            },
        )?;
        // SAFETY: see above.
        Ok(unsafe { CStr::from_ptr(name.as_ptr()) }.to_string_lossy().into_owned())
    }

    /// The driver's handle of a device; `None` where it has no such device.
    fn handle(&self, index: u32) -> Result<Option<c_int>, Error> {
        let mut handle = 0;
        let mut found = true;
        self.call("cuDeviceGet", |get: Symbol<unsafe extern "C" fn(*mut c_int, c_int) -> c_int>| {
            // SAFETY: `handle` outlives the call.
            found = unsafe { get(&mut handle, index as c_int) } == 0;
            0
        })?;
        Ok(found.then_some(handle))
    }

    /// Hands the function of this name to `call`, which returns the driver's error code.
    fn call<F>(&self, name: &str, call: impl FnOnce(Symbol<F>) -> c_int) -> Result<(), Error> {
        // SAFETY: each caller states the function's type as NVIDIA documents it.
        let function = unsafe { self.library.get(name) };
        let function = function.map_err(|error| Error::DeadDriver(reason(&error)))?;
        match call(function) {
            0 => Ok(()),
            code => Err(Error::DeadDriver(format!("{name} returns {code}"))),
        }
    }
}

/// A version of CUDA as people write it.
fn dotted(version: c_int) -> String {
    format!("{}.{}", version / 1000, version % 1000 / 10)
}
