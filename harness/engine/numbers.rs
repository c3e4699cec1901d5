//! The numbers of a tensor on the host, for kernels that know no tensors.

use tch::Tensor;

use super::error::Error;

/// Returns the numbers of a tensor.
///
/// # Errors
/// Returns an error if it holds no contiguous 32-bit floats on the CPU.
pub fn numbers(tensor: &mut Tensor) -> Result<&mut [f32], Error> {
    if tensor.device() != tch::Device::Cpu || tensor.f_kind()? != tch::Kind::Float || !tensor.is_contiguous()
    {
        return Err(Error::System("a planned step computes with contiguous 32-bit floats on the CPU".into()));
    }
    let count = tensor.numel();
    // SAFETY: the tensor holds so many floats for as long as it lives, and libtorch does not touch them while this borrow
    // lives, because a worker computes on one thread.
    Ok(unsafe { std::slice::from_raw_parts_mut(tensor.data_ptr().cast::<f32>(), count) })
}
