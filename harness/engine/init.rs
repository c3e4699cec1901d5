//! Initial values, drawn on the host.

use tch::{Device, Kind, Tensor};

use super::error::Error;
use crate::rng::{Purpose, Stream};

/// Makes the parameters of one model, each from a stream of its own.
pub struct Initializer {
    stream: Stream,
    drawn: u64,
    kind: Kind,
    device: Device,
}

/// How a parameter's first value is drawn.
#[derive(Clone, Copy, Debug)]
pub enum Init {
    /// Every element the same.
    Constant(f64),
    /// Uniform in [-bound, bound).
    Uniform(f64),
    /// Columns (of a tall matrix) orthonormal, uniformly distributed over all such.
    Orthogonal,
}

impl Init {
    /// Returns the initial values of Glorot and Bengio 2010: uniform in ±sqrt(6 / (fan_in + fan_out)).
    pub fn glorot(fan_in: u32, fan_out: u32) -> Init {
        Init::Uniform((6.0 / (f64::from(fan_in) + f64::from(fan_out))).sqrt())
    }

    /// Returns PyTorch's initial values: uniform in ±1/sqrt(fan). For a kernel this is He et al. 2015 with a = sqrt 5.
    pub fn torch(fan: u32) -> Init {
        Init::Uniform(1.0 / f64::from(fan).sqrt())
    }
}

impl Initializer {
    /// Returns the source of initial values for a trial's seed.
    pub fn new(seed: u64, kind: Kind, device: Device) -> Self {
        Initializer { stream: Stream::new(seed, Purpose::Weights, 0), drawn: 0, kind, device }
    }

    /// Returns the next parameter, requiring gradients.
    ///
    /// # Errors
    /// Returns an error if memory runs out.
    pub fn parameter(&mut self, shape: &[u32], init: Init) -> Result<Tensor, Error> {
        let mut stream = self.next_stream();
        let n: usize = shape.iter().map(|&side| side as usize).product();
        let columns = shape.last().map_or(1, |&side| side as usize);
        let values = draw(&mut stream, n / columns, columns, init);
        Ok(self.place(&values, shape)?.f_set_requires_grad(true)?)
    }

    /// Returns a matrix in blocks of so many rows, each drawn in its own way, as the next parameter.
    ///
    /// # Errors
    /// Returns an error if memory runs out.
    pub fn blocks(&mut self, blocks: &[(u32, Init)], columns: u32) -> Result<Tensor, Error> {
        let mut stream = self.next_stream();
        let drawn = |&(rows, init): &(u32, Init)| draw(&mut stream, rows as usize, columns as usize, init);
        let values: Vec<f64> = blocks.iter().flat_map(drawn).collect();
        let rows = blocks.iter().map(|(rows, _)| rows).sum();
        Ok(self.place(&values, &[rows, columns])?.f_set_requires_grad(true)?)
    }

    /// Parts of one bias vector, each with its own constant.
    ///
    /// # Errors
    /// Returns an error if memory runs out.
    pub fn constants(&mut self, parts: &[(u32, f64)]) -> Result<Tensor, Error> {
        self.drawn += 1;
        let values: Vec<f64> =
            parts.iter().flat_map(|&(n, value)| std::iter::repeat_n(value, n as usize)).collect();
        Ok(self.place(&values, &[values.len() as u32])?.f_set_requires_grad(true)?)
    }

    /// Returns a buffer or constant: no gradient, nothing drawn.
    ///
    /// # Errors
    /// Returns an error if memory runs out.
    pub fn buffer(&self, n: u32, value: f64) -> Result<Tensor, Error> {
        Ok(Tensor::f_full([i64::from(n)], value, (self.kind, self.device))?)
    }

    fn next_stream(&mut self) -> Stream {
        self.drawn += 1;
        self.stream.item(self.drawn - 1)
    }

    fn place(&self, values: &[f64], shape: &[u32]) -> Result<Tensor, Error> {
        let shape: Vec<i64> = shape.iter().map(|&side| side.into()).collect();
        let tensor = Tensor::f_from_slice(values)?.f_reshape(shape)?;
        Ok(tensor.f_to_kind(self.kind)?.f_to_device(self.device)?)
    }
}

/// The elements of a rows x columns matrix, row-major.
fn draw(stream: &mut Stream, rows: usize, columns: usize, init: Init) -> Vec<f64> {
    let n = rows * columns;
    match init {
        Init::Constant(value) => vec![value; n],
        Init::Uniform(bound) => (0..n).map(|_| stream.uniform(-bound, bound)).collect(),
        Init::Orthogonal => orthogonal(stream, rows, columns),
    }
}

/// A rows x columns matrix with orthonormal columns (rows >= columns): Gram and Schmidt, twice for
/// stability, over normal draws, which gives the uniform (Haar) distribution. Row-major.
fn orthogonal(stream: &mut Stream, rows: usize, columns: usize) -> Vec<f64> {
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(columns);
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    while basis.len() < columns {
        let mut column: Vec<f64> = (0..rows).map(|_| stream.normal()).collect();
        for _ in 0..2 {
            for unit in &basis {
                let along = dot(&column, unit);
                column.iter_mut().zip(unit).for_each(|(x, u)| *x -= along * u);
            }
        }
        let length = dot(&column, &column).sqrt();
        column.iter_mut().for_each(|x| *x /= length);
        basis.push(column);
    }
    (0..rows).flat_map(|row| basis.iter().map(move |column| column[row])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orthogonal_columns_are_orthonormal() {
        let rows = 32;
        let columns = 8;
        let q = orthogonal(&mut Stream::new(1, Purpose::Probe, 0), rows, columns);
        for a in 0..columns {
            for b in 0..columns {
                let dot: f64 = (0..rows).map(|r| q[r * columns + a] * q[r * columns + b]).sum();
                let wanted = if a == b { 1.0 } else { 0.0 };
                assert!((dot - wanted).abs() < 1e-12, "columns {a} and {b}: {dot}");
            }
        }
    }

    #[test]
    fn uniform_draws_fill_their_bounds() {
        let mut init = Initializer::new(1, Kind::Double, Device::Cpu);
        let drawn = init.parameter(&[100, 100], Init::glorot(100, 100)).unwrap();
        let bound = (6.0f64 / 200.0).sqrt();
        let low = drawn.min().double_value(&[]);
        let high = drawn.max().double_value(&[]);
        assert!(low >= -bound && low < -0.99 * bound && high < bound && high > 0.99 * bound);
        let variance = drawn.var(true).double_value(&[]);
        assert!((variance / (bound * bound / 3.0) - 1.0).abs() < 0.05, "{variance}");
    }

    #[test]
    fn a_parameter_does_not_depend_on_the_size_of_the_one_before() {
        let second = |first: u32| {
            let mut init = Initializer::new(3, Kind::Float, Device::Cpu);
            let _ = init.parameter(&[first], Init::Uniform(1.0)).unwrap();
            init.parameter(&[5], Init::Uniform(1.0)).unwrap()
        };
        assert!(second(2).equal(&second(9)));
    }
}
