//! Recurrent layers: libtorch's, and the same cells written from their equations.

use tch::{Device, Kind, Tensor};

use super::builder::{Builder, Parameter};
use super::cells::{gru_reset_after, gru_reset_before, lstm};
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::engine::init::{Init, Initializer};
use crate::engine::kernel::{Kernels, drawn, outputs};
use crate::event::Part;
use crate::recipe::layers::recurrent::{Recurrent, bias_vectors, gates};
use crate::recipe::shape::Shape;
use crate::recipe::{Convention, Implementation, Output, RecurrentCell, Reset};

/// Told what a cell holds: the step from 0, the part, its values (batch, units).
type StepObserver<'s> = dyn FnMut(i64, Part, &Tensor) -> Result<(), Error> + 's;

/// Told what the cells of a stack hold: the layer and direction, then as [`StepObserver`].
pub type StackObserver<'s> = dyn FnMut(&str, i64, Part, &Tensor) -> Result<(), Error> + 's;

/// A stack of recurrent layers over (batch, steps, features).
pub struct Stack {
    cell: RecurrentCell,
    units: i64,
    layers: i64,
    bidirectional: bool,
    output: Output,
    reset: Reset,
    implementation: Implementation,
    /// For every layer and direction: input kernel (gates·units, inputs), recurrent kernel
    /// (gates·units, units), input bias and recurrent bias (gates·units), gates in PyTorch's order.
    weights: Vec<[Tensor; 4]>,
}

/// Who computes a stack.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Backend {
    /// libtorch's; on CUDA, cuDNN's.
    Library,
    /// The cell's equations, operation by operation.
    Equations,
}

/// PyTorch's name of a layer of a stack, in one direction.
fn suffix(layer: u32, reverse: bool) -> String {
    format!("l{layer}{}", if reverse { "_reverse" } else { "" })
}

impl Build for Recurrent {
    const KERNELS: Kernels = &[
        ("gru-reset-after", |d| cell(d, RecurrentCell::Gru, Reset::After)),
        ("gru-reset-before", |d| cell(d, RecurrentCell::Gru, Reset::Before)),
        ("lstm", |d| cell(d, RecurrentCell::Lstm, Reset::After)),
        ("rnn-relu", |d| cell(d, RecurrentCell::RnnRelu, Reset::After)),
        ("rnn-tanh", |d| cell(d, RecurrentCell::RnnTanh, Reset::After)),
    ];

    fn build(&self, prefix: &str, input: Shape, builder: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        Ok(Box::new(Stack::new(self, input.features(), prefix, builder)?))
    }
}

impl Forward for Stack {
    fn forward(&self, x: Tensor, _: bool) -> Result<Tensor, Error> {
        Stack::forward(self, &x)
    }
}

impl Stack {
    /// Draws the weights of a stack that reads `inputs` features a step; they are named after `prefix`.
    ///
    /// # Errors
    /// Returns an error if memory runs out.
    pub fn new(form: &Recurrent, inputs: u32, prefix: &str, builder: &mut Builder) -> Result<Self, Error> {
        let Builder { convention, init, parameters, .. } = builder;
        let convention = *convention;
        let Recurrent { cell, units, .. } = *form;
        let directions = if form.bidirectional { 2 } else { 1 };
        let rows = gates(cell) * units;
        let two_biases = bias_vectors(cell, form.reset, convention) == 2;
        let mut weights = Vec::new();
        for layer in 0..form.layers {
            let inputs = if layer == 0 { inputs } else { directions * units };
            for direction in 0..directions {
                let bias_ih = match (convention, cell) {
                    (Convention::Torch, _) => init_bias(init, rows, units)?,
                    (Convention::Keras | Convention::Tf1, RecurrentCell::Lstm) => {
                        init.constants(&[(units, 0.0), (units, 1.0), (2 * units, 0.0)])?
                    }
                    (Convention::Tf1, RecurrentCell::Gru) => {
                        init.constants(&[(2 * units, 1.0), (units, 0.0)])?
                    }
                    (Convention::Keras | Convention::Tf1, _) => init.constants(&[(rows, 0.0)])?,
                };
                let bias_hh = match (two_biases, convention) {
                    (false, _) => None,
                    (true, Convention::Torch) => Some(init_bias(init, rows, units)?),
                    (true, Convention::Keras | Convention::Tf1) => Some(init.constants(&[(rows, 0.0)])?),
                };
                let suffix = suffix(layer, direction == 1);
                let mut push = |name: &str, tensor: &Tensor, l2: f64| {
                    let name = format!("{prefix}.{name}_{suffix}");
                    parameters.push(Parameter { name, tensor: tensor.shallow_clone(), l2 });
                };
                let [kernel_ih, kernel_hh] = kernel_inits(convention, cell, inputs, units);
                let kernel_ih = init.blocks(&kernel_ih, inputs)?;
                let kernel_hh = init.blocks(&kernel_hh, units)?;
                push("weight_ih", &kernel_ih, form.l2);
                push("weight_hh", &kernel_hh, 0.0);
                push("bias_ih", &bias_ih, 0.0);
                if let Some(bias_hh) = &bias_hh {
                    push("bias_hh", bias_hh, 0.0);
                }
                let bias_hh = match bias_hh {
                    Some(bias) => bias,
                    None => init.buffer(rows, 0.0)?,
                };
                weights.push([kernel_ih, kernel_hh, bias_ih, bias_hh]);
            }
        }
        let stack = Stack {
            cell,
            units: units.into(),
            layers: form.layers.into(),
            bidirectional: form.bidirectional,
            output: form.output,
            reset: form.reset,
            implementation: form.implementation,
            weights,
        };
        stack.flatten(inputs)?;
        Ok(stack)
    }

    /// Returns who computes: libtorch, where it has the cell and the equations are not asked for.
    fn backend(&self) -> Backend {
        match (self.implementation, self.cell, self.reset) {
            (Implementation::Equations, ..) | (_, RecurrentCell::Gru, Reset::Before) => Backend::Equations,
            (Implementation::Fused | Implementation::Library, ..) => Backend::Library,
        }
    }

    /// Moves the weights into one piece of memory, laid out as cuDNN takes them, where cuDNN computes.
    /// From pieces it would copy them at every forward pass, with a warning each time. They stay there
    /// for good, because whatever sets weights later does so in place.
    fn flatten(&self, inputs: u32) -> Result<(), Error> {
        let weights: Vec<&Tensor> = self.weights.iter().flatten().collect();
        let is_on_cuda = weights.first().is_some_and(|weight| weight.device().is_cuda());
        if !is_on_cuda || self.backend() != Backend::Library {
            return Ok(());
        }
        // cuDNN's numbers.
        let mode = match self.cell {
            RecurrentCell::RnnRelu => 0,
            RecurrentCell::RnnTanh => 1,
            RecurrentCell::Lstm => 2,
            RecurrentCell::Gru => 3,
        };
        let inputs = inputs.into();
        let units = self.units;
        let layers = self.layers;
        let both = self.bidirectional;
        let _no_grad = tch::no_grad_guard();
        let _one_piece = Tensor::f_internal_cudnn_rnn_flatten_weight(
            &weights, 4, inputs, mode, units, 0, layers, true, both,
        )?;
        Ok(())
    }

    /// Computes from an input (batch, steps, features) the output (batch, units) or (batch, steps, units), with the
    /// units of both directions side by side.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor, Error> {
        let every = match self.backend() {
            Backend::Library => self.library(input)?,
            Backend::Equations => self.equations(input)?,
        };
        match (self.output, self.bidirectional) {
            (Output::Every, _) => Ok(every),
            (Output::Last, false) => Ok(every.f_select(1, -1)?),
            (Output::Last, true) => {
                let forward = every.f_select(1, -1)?.f_narrow(1, 0, self.units)?;
                let backward = every.f_select(1, 0)?.f_narrow(1, self.units, self.units)?;
                Ok(Tensor::f_cat(&[forward, backward], 1)?)
            }
        }
    }

    fn library(&self, input: &Tensor) -> Result<Tensor, Error> {
        let directions = if self.bidirectional { 2 } else { 1 };
        let zero = Tensor::f_zeros(
            [self.layers * directions, input.size()[0], self.units],
            (input.f_kind()?, input.device()),
        )?;
        let weights: Vec<&Tensor> = self.weights.iter().flatten().collect();
        let w = weights.as_slice();
        let layers = self.layers;
        let both = self.bidirectional;
        Ok(match self.cell {
            RecurrentCell::Lstm => input.f_lstm(&[&zero, &zero], w, true, layers, 0.0, true, both, true)?.0,
            RecurrentCell::Gru => input.f_gru(&zero, w, true, layers, 0.0, true, both, true)?.0,
            RecurrentCell::RnnTanh => input.f_rnn_tanh(&zero, w, true, layers, 0.0, true, both, true)?.0,
            RecurrentCell::RnnRelu => input.f_rnn_relu(&zero, w, true, layers, 0.0, true, both, true)?.0,
        })
    }

    fn equations(&self, input: &Tensor) -> Result<Tensor, Error> {
        self.stack(input.shallow_clone(), |input, index, reverse| {
            self.one_direction(input, index, reverse, &mut |_, _, _| Ok(()))
        })
    }

    /// Computes the stack from its equations; `see` is told of the layer and direction (`l0`,
    /// `l1_reverse`), the step from 0, the part, and what that holds: (batch, units).
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn trace(&self, input: &Tensor, see: &mut StackObserver) -> Result<(), Error> {
        let directions = if self.bidirectional { 2 } else { 1 };
        let _output = self.stack(input.shallow_clone(), |input, index, reverse| {
            let name = suffix((index / directions) as u32, reverse);
            self.one_direction(input, index, reverse, &mut |step, part, value| see(&name, step, part, value))
        })?;
        Ok(())
    }

    /// Runs layer after layer, each direction by `run`, which is told the index of its weights, and
    /// joins the directions' features.
    fn stack(
        &self,
        mut sequence: Tensor,
        mut run: impl FnMut(&Tensor, usize, bool) -> Result<Tensor, Error>,
    ) -> Result<Tensor, Error> {
        let directions = if self.bidirectional { 2 } else { 1 };
        for index in (0..self.weights.len()).step_by(directions) {
            sequence = if self.bidirectional {
                let sides = [run(&sequence, index, false)?, run(&sequence, index + 1, true)?];
                Tensor::f_cat(&sides, 2)?
            } else {
                run(&sequence, index, false)?
            };
        }
        Ok(sequence)
    }

    /// One layer, one direction: (batch, steps, features) to (batch, steps, units).
    fn one_direction(
        &self,
        input: &Tensor,
        index: usize,
        reverse: bool,
        see: &mut StepObserver,
    ) -> Result<Tensor, Error> {
        let [kernel_ih, kernel_hh, bias_ih, bias_hh] = &self.weights[index];
        let batch = input.size()[0];
        let steps = input.size()[1];
        let projected = input.f_linear(kernel_ih, Some(bias_ih))?;
        let mut h = Tensor::f_zeros([batch, self.units], (input.f_kind()?, input.device()))?;
        let mut c = h.shallow_clone();
        let mut outputs: Vec<Tensor> = Vec::with_capacity(steps as usize);
        for i in 0..steps {
            let t = if reverse { steps - 1 - i } else { i };
            let x = projected.f_select(1, t)?;
            let mut at = |part: Part, value: &Tensor| see(t, part, value);
            (h, c) = match self.cell {
                RecurrentCell::RnnTanh => (x.f_add(&h.f_linear(kernel_hh, Some(bias_hh))?)?.f_tanh()?, c),
                RecurrentCell::RnnRelu => (x.f_add(&h.f_linear(kernel_hh, Some(bias_hh))?)?.f_relu()?, c),
                RecurrentCell::Lstm => lstm(&x.f_add(&h.f_linear(kernel_hh, Some(bias_hh))?)?, &c, &mut at)?,
                RecurrentCell::Gru if self.reset == Reset::After => {
                    (gru_reset_after(&x, &h, &h.f_linear(kernel_hh, Some(bias_hh))?, &mut at)?, c)
                }
                RecurrentCell::Gru => (gru_reset_before(&x, &h, kernel_hh, self.units, &mut at)?, c),
            };
            at(Part::Hidden, &h)?;
            outputs.push(h.shallow_clone());
        }
        if reverse {
            outputs.reverse();
        }
        Ok(Tensor::f_stack(&outputs, 1)?)
    }
}

/// How the input kernel and the recurrent kernel are drawn, in blocks of rows. TensorFlow 1 has both in one kernel, by
/// whose shape their values are bounded (`rnn_cell_impl.py`): one for a whole cell, but for a GRU one for its two gates
/// and another for its candidate.
fn kernel_inits(
    convention: Convention,
    cell: RecurrentCell,
    inputs: u32,
    units: u32,
) -> [Vec<(u32, Init)>; 2] {
    let rows = gates(cell) * units;
    match convention {
        Convention::Torch => [vec![(rows, Init::torch(units))], vec![(rows, Init::torch(units))]],
        Convention::Keras => [vec![(rows, Init::glorot(inputs, rows))], vec![(rows, Init::Orthogonal)]],
        Convention::Tf1 => {
            let joint = |rows| (rows, Init::glorot(inputs + units, rows));
            let blocks = match cell {
                RecurrentCell::Gru => vec![joint(2 * units), joint(units)],
                RecurrentCell::RnnTanh | RecurrentCell::RnnRelu | RecurrentCell::Lstm => vec![joint(rows)],
            };
            [blocks.clone(), blocks]
        }
    }
}

fn init_bias(init: &mut Initializer, rows: u32, units: u32) -> Result<Tensor, Error> {
    init.parameter(&[rows], Init::torch(units))
}

/// A recurrent layer as a model has it, its weights' gradients included.
fn cell(device: Device, cell: RecurrentCell, reset: Reset) -> Result<String, Error> {
    let form = Recurrent {
        cell,
        units: 32,
        layers: 1,
        bidirectional: false,
        output: Output::Last,
        reset,
        implementation: Implementation::Fused,
        l2: 0.0,
    };
    let mut builder = Builder::new(Convention::Torch, 1, Kind::Float, device);
    let layer = Stack::new(&form, 28, "0", &mut builder)?;
    let mut inputs = vec![drawn(&[64, 8, 28], device, 0)?];
    inputs.extend(builder.parameters.into_iter().map(|parameter| parameter.tensor));
    outputs(&inputs, |x| layer.forward(&x[0]))
}
