//! Recurrent cells written from their equations.

use tch::Tensor;

use crate::engine::error::Error;
use crate::event::Part;

fn chunks<const N: usize>(tensor: &Tensor) -> Result<[Tensor; N], Error> {
    let parts = tensor.f_chunk(N as i64, 1)?;
    parts.try_into().map_err(|_| Error::System("a cell's gates are of equal width".into()))
}

/// Told what a cell holds at one step.
pub type CellObserver<'s> = dyn FnMut(Part, &Tensor) -> Result<(), Error> + 's;

/// Computes c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c') (Gers et al. 2000).
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn lstm(gates: &Tensor, c: &Tensor, at: &mut CellObserver) -> Result<(Tensor, Tensor), Error> {
    let [i, f, g, o] = chunks(gates)?;
    let f = f.f_sigmoid()?;
    let kept = f.f_mul(c)?;
    let i = i.f_sigmoid()?;
    let g = g.f_tanh()?;
    let c = kept.f_add(&i.f_mul(&g)?)?;
    let o = o.f_sigmoid()?;
    let h = o.f_mul(&c.f_tanh()?)?;
    for (part, value) in
        [(Part::Input, &i), (Part::Forget, &f), (Part::Candidate, &g), (Part::Output, &o), (Part::Cell, &c)]
    {
        at(part, value)?;
    }
    Ok((h, c))
}

/// Computes n = tanh(x_n + r h_n), h' = (1 - z) n + z h, with h_r, h_z, h_n = U h + b.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn gru_reset_after(
    x: &Tensor,
    h: &Tensor,
    hidden: &Tensor,
    at: &mut CellObserver,
) -> Result<Tensor, Error> {
    let [x_r, x_z, x_n] = chunks(x)?;
    let [h_r, h_z, h_n] = chunks(hidden)?;
    let r = x_r.f_add(&h_r)?.f_sigmoid()?;
    let z = x_z.f_add(&h_z)?.f_sigmoid()?;
    let n = x_n.f_add(&r.f_mul(&h_n)?)?.f_tanh()?;
    gru(h, [&r, &z, &n], at)
}

/// Computes n = tanh(x_n + U_n (r h)), h' = (1 - z) n + z h (Cho et al. 2014).
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn gru_reset_before(
    x: &Tensor,
    h: &Tensor,
    kernel: &Tensor,
    units: i64,
    at: &mut CellObserver,
) -> Result<Tensor, Error> {
    let [x_r, x_z, x_n] = chunks(x)?;
    let none = None::<&Tensor>;
    let [h_r, h_z] = chunks(&h.f_linear(&kernel.f_narrow(0, 0, 2 * units)?, none)?)?;
    let r = x_r.f_add(&h_r)?.f_sigmoid()?;
    let z = x_z.f_add(&h_z)?.f_sigmoid()?;
    let n = x_n.f_add(&r.f_mul(h)?.f_linear(&kernel.f_narrow(0, 2 * units, units)?, none)?)?.f_tanh()?;
    gru(h, [&r, &z, &n], at)
}

/// (1 - z) n + z h.
fn gru(h: &Tensor, [r, z, n]: [&Tensor; 3], at: &mut CellObserver) -> Result<Tensor, Error> {
    for (part, value) in [(Part::Reset, r), (Part::Update, z), (Part::Candidate, n)] {
        at(part, value)?;
    }
    Ok(n.f_add(&z.f_mul(&h.f_sub(n)?)?)?)
}
