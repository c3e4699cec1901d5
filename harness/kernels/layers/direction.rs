//! One layer of a recurrent stack in one direction.

use super::builder::PlanBuilder;
use super::kind::Pass;
use crate::kernels::activation::{activate, activate_back, add};
use crate::kernels::batch::LaneBlock;
use crate::kernels::cells;
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::product::{Start, Target, Term, product};
use crate::kernels::vector::Scalar;
use crate::kernels::weights::{Segment, Turned, back, bias_gradient, forward};
use crate::recipe::layers::recurrent::{Recurrent, bias_vectors, gates};
use crate::recipe::{Activation, Convention};

/// The cell of a layer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    Rnn(Activation),
    Lstm,
    GruAfter,
    GruBefore,
}

/// One layer of a stack in one direction.
pub struct Direction<S> {
    cell: CellKind,
    inputs: usize,
    units: usize,
    steps: usize,
    is_reverse: bool,
    /// The first row of its states among those of both directions, and the number of rows of both.
    row: usize,
    rows: usize,
    kernel_ih: usize,
    kernel_hh: usize,
    bias_ih: usize,
    bias_hh: Option<usize>,
    /// The sum of both biases; of a GRU that resets after the product, that of the input alone, and the sum for r and z.
    bias: Vec<S>,
    both: Vec<S>,
    /// By block, step and part: what [`cells`] says of each cell.
    gates: Vec<S>,
    /// By block and step: the cell states of an LSTM, r h of a GRU that resets before the product.
    kept: Vec<S>,
    /// What a state's gradient is given by the step after, and what is computed on the way; of a block.
    carried: Vec<S>,
    other: Vec<S>,
    d_state: Vec<S>,
    zero: Vec<S>,
    gradient: Vec<S>,
    turned: Turned<S>,
}

impl<S: Scalar> Direction<S> {
    pub fn new(
        cell: CellKind,
        form: &Recurrent,
        builder: &mut PlanBuilder,
        [inputs, units, steps]: [usize; 3],
        [index, directions]: [usize; 2],
    ) -> Self {
        let convention: Convention = builder.convention;
        let has_two_biases = bias_vectors(form.cell, form.reset, convention) == 2;
        let rows = gates(form.cell) as usize * units;
        let padded = builder.most.padded() * steps;
        let mut direction = Direction {
            cell,
            inputs,
            units,
            steps,
            is_reverse: index == 1,
            row: index * units,
            rows: directions * units,
            kernel_ih: builder.parameter(),
            kernel_hh: builder.parameter(),
            bias_ih: builder.parameter(),
            bias_hh: has_two_biases.then(|| builder.parameter()),
            bias: vec![S::ZERO; rows],
            both: vec![S::ZERO; 2 * units],
            gates: Vec::new(),
            kept: Vec::new(),
            carried: vec![S::ZERO; units * super::WIDEST],
            other: vec![S::ZERO; units * super::WIDEST],
            d_state: vec![S::ZERO; units * super::WIDEST],
            zero: vec![S::ZERO; units * super::WIDEST],
            gradient: vec![S::ZERO; rows * inputs.max(units)],
            turned: Turned::default(),
        };
        direction.gates = vec![S::ZERO; padded * direction.parts() * units];
        if matches!(cell, CellKind::Lstm | CellKind::GruBefore) {
            direction.kept = vec![S::ZERO; padded * units];
        }
        direction
    }

    /// Returns the number of parts of its gates.
    fn parts(&self) -> usize {
        match self.cell {
            CellKind::Rnn(_) => 1,
            CellKind::GruBefore => 3,
            CellKind::Lstm | CellKind::GruAfter => 4,
        }
    }

    /// Returns the step before one, in its direction.
    fn before(&self, step: usize) -> Option<usize> {
        if self.is_reverse { Some(step + 1).filter(|step| *step < self.steps) } else { step.checked_sub(1) }
    }

    /// Returns the `index`th step, in its direction.
    fn nth(&self, index: usize) -> usize {
        if self.is_reverse { self.steps - 1 - index } else { index }
    }

    /// Returns where its states at a step are among those of both directions.
    pub fn state(&self, block: LaneBlock, step: usize) -> std::ops::Range<usize> {
        let begin = block.step(step, self.steps, self.rows).start + self.row * block.lanes;
        begin..begin + self.units * block.lanes
    }

    pub fn forward(&mut self, pass: Pass, parameters: &Parameters<'_, S>, input: &[S], states: &mut [S]) {
        let units = self.units;
        self.bias.copy_from_slice(parameters.values[self.bias_ih]);
        if let Some(bias) = self.bias_hh.filter(|_| self.cell != CellKind::GruAfter) {
            add(&mut self.bias, parameters.values[bias]);
        }
        if self.cell == CellKind::GruAfter {
            let both = self.both.len();
            self.both.copy_from_slice(&self.bias[..both]);
            if let Some(bias) = self.bias_hh {
                add(&mut self.both, &parameters.values[bias][..both]);
            }
        }
        for block in pass.batch.blocks() {
            let lanes = block.lanes;
            for index in 0..self.steps {
                let step = self.nth(index);
                let x = &input[block.step(step, self.steps, self.inputs)];
                let begin = self.state(block, step).start;
                // What is before is on either side of what comes.
                let before = self.before(step).map(|before| self.state(block, before));
                let (low, high) = states.split_at_mut(match &before {
                    Some(before) if before.start > begin => before.start,
                    _ => begin,
                });
                let (state, before) = match before {
                    Some(before) if before.start > begin => {
                        (&mut low[begin..begin + units * lanes], Some(&high[..units * lanes]))
                    }
                    Some(before) => (&mut high[..units * lanes], Some(&low[before])),
                    None => (&mut high[..units * lanes], None),
                };
                self.step_forward(parameters, block, step, x, before, state);
            }
        }
    }

    fn step_forward(
        &mut self,
        parameters: &Parameters<'_, S>,
        block: LaneBlock,
        step: usize,
        x: &[S],
        before: Option<&[S]>,
        state: &mut [S],
    ) {
        let Direction { cell, inputs, units, steps, .. } = *self;
        let lanes = block.lanes;
        let parts = self.parts();
        let kernel_ih = &*parameters.values[self.kernel_ih];
        let kernel_hh = &*parameters.values[self.kernel_hh];
        let earlier = self.before(step).map(|before| block.step(before, steps, units));
        let Direction { bias, both, gates, kept, zero, .. } = self;
        let gates = &mut gates[block.step(step, steps, parts * units)];
        // Rows of gates from a kernel's row on, by the input and by what is before.
        let mut fill =
            |part: usize, count: usize, rows: [Option<usize>; 2], bias: &[S], past: Option<&[S]>| {
                let mut terms = [Term::default(); 2];
                if let Some(row) = rows[0] {
                    terms[0] = forward(&kernel_ih[row * units * inputs..], inputs, x, lanes);
                }
                if let (Some(row), Some(past)) = (rows[1], past) {
                    terms[1] = forward(&kernel_hh[row * units * units..], units, past, lanes);
                }
                let c = &mut gates[part * units * lanes..];
                product(count * units, lanes, &terms, Start::Bias(bias), Target { c, row: lanes });
            };
        let past = before.unwrap_or(&zero[..units * lanes]);
        match cell {
            CellKind::Rnn(function) => {
                fill(0, 1, [Some(0), Some(0)], bias, before);
                state.copy_from_slice(gates);
                activate(function, state);
            }
            CellKind::Lstm => {
                fill(0, 4, [Some(0), Some(0)], bias, before);
                let at = block.step(step, steps, units);
                match earlier {
                    Some(earlier) if earlier.start < at.start => {
                        let (low, high) = kept.split_at_mut(at.start);
                        cells::lstm(gates, &low[earlier], &mut high[..units * lanes], state);
                    }
                    Some(earlier) => {
                        let (low, high) = kept.split_at_mut(earlier.start);
                        cells::lstm(gates, &high[..units * lanes], &mut low[at], state);
                    }
                    None => cells::lstm(gates, &zero[..units * lanes], &mut kept[at], state),
                }
            }
            CellKind::GruAfter => {
                let second = self.bias_hh.map_or(&bias[..], |bias| &parameters.values[bias][..]);
                fill(0, 2, [Some(0), Some(0)], both, before);
                fill(2, 1, [Some(2), None], &bias[2 * units..], before);
                fill(3, 1, [None, Some(2)], &second[2 * units..], before);
                cells::gru_after(gates, past, state);
            }
            CellKind::GruBefore => {
                fill(0, 2, [Some(0), Some(0)], bias, before);
                let reset = &mut kept[block.step(step, steps, units)];
                cells::gru_before_gates(gates, past, reset);
                let mut fill_last = |past: &[S]| {
                    let terms = [
                        forward(&kernel_ih[2 * units * inputs..], inputs, x, lanes),
                        forward(&kernel_hh[2 * units * units..], units, past, lanes),
                    ];
                    let c = &mut gates[2 * units * lanes..];
                    let start = Start::Bias(&bias[2 * units..]);
                    product(units, lanes, &terms, start, Target { c, row: lanes });
                };
                fill_last(reset);
                cells::gru_before(gates, past, state);
            }
        }
    }

    /// Turns gates into their gradients; `d_input` is set to the gradients of the input, or they are added to it.
    pub fn backward(
        &mut self,
        pass: Pass,
        parameters: &Parameters<'_, S>,
        states: &[S],
        d_states: &[S],
        mut d_input: Option<&mut [S]>,
        adds: bool,
    ) {
        let Direction { cell, inputs, units, steps, .. } = *self;
        let parts = self.parts();
        let kernel_ih = &*parameters.values[self.kernel_ih];
        let kernel_hh = &*parameters.values[self.kernel_hh];
        for block in pass.batch.blocks() {
            let lanes = block.lanes;
            let size = units * lanes;
            self.carried[..size].fill(S::ZERO);
            // The gradient of an LSTM's cell.
            self.other[..size].fill(S::ZERO);
            for index in (0..steps).rev() {
                let step = self.nth(index);
                let at = self.state(block, step);
                let before = self.before(step);
                let past = before.map(|before| self.state(block, before));
                let earlier = before.map(|before| block.step(before, steps, units));
                let Direction { gates, kept, carried, other, d_state, zero, .. } = self;
                let carried = &mut carried[..size];
                let other = &mut other[..size];
                let d_state = &mut d_state[..size];
                d_state.copy_from_slice(&d_states[at.clone()]);
                add(d_state, carried);
                let gates = &mut gates[block.step(step, steps, parts * units)];
                let past = past.map_or(&zero[..size], |past| &states[past]);
                let kept_at = block.step(step, steps, units);
                // The gradient of what is before, by rows of gates from a part on and of the kernel from a row on.
                let through =
                    |start: Start<'_, S>, rows: &[(usize, usize, usize)], gates: &[S], to: &mut [S]| {
                        let mut terms = [Term::default(); 2];
                        for (term, &(part, row, count)) in terms.iter_mut().zip(rows) {
                            let kernel = &kernel_hh[row * units * units..];
                            *term = back(kernel, units, &gates[part * size..], count * units, lanes);
                        }
                        product(units, lanes, &terms, start, Target { c: to, row: lanes });
                    };
                match cell {
                    CellKind::Rnn(function) => {
                        activate_back(function, &states[at], d_state);
                        gates.copy_from_slice(d_state);
                        if before.is_some() {
                            through(Start::Zero, &[(0, 0, 1)], gates, carried);
                        }
                    }
                    CellKind::Lstm => {
                        let cell_before = earlier.map_or(&zero[..size], |earlier| &kept[earlier]);
                        cells::lstm_back(gates, cell_before, &kept[kept_at], d_state, other);
                        if before.is_some() {
                            through(Start::Zero, &[(0, 0, 4)], gates, carried);
                        }
                    }
                    CellKind::GruAfter => {
                        cells::gru_after_back(gates, past, d_state, carried);
                        if before.is_some() {
                            through(Start::Add, &[(0, 0, 2), (3, 2, 1)], gates, carried);
                        }
                    }
                    CellKind::GruBefore => {
                        cells::gru_before_back(gates, past, d_state, carried);
                        through(Start::Zero, &[(2, 2, 1)], gates, other);
                        cells::gru_before_reset(gates, past, other, carried);
                        if before.is_some() {
                            through(Start::Add, &[(0, 0, 2)], gates, carried);
                        }
                    }
                }
                if let Some(d_input) = d_input.as_deref_mut() {
                    let by_input = parts.min(3 + usize::from(cell == CellKind::Lstm));
                    let terms = [back(kernel_ih, inputs, gates, by_input * units, lanes)];
                    let c = &mut d_input[block.step(step, steps, inputs)];
                    let start = if adds { Start::Add } else { Start::Zero };
                    product(inputs, lanes, &terms, start, Target { c, row: lanes });
                }
            }
        }
    }

    /// Hands on the gradients of its weights.
    pub fn weights(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: &[S],
        states: &[S],
        sink: &mut dyn GradientSink<S>,
    ) {
        let Direction { cell, inputs, units, steps, .. } = *self;
        let parts = self.parts();
        let by_input = parts.min(3 + usize::from(cell == CellKind::Lstm));
        let mut turned = std::mem::take(&mut self.turned);
        let mut gradient = std::mem::take(&mut self.gradient);
        let all = |from: usize| {
            let gates = &self.gates;
            pass.batch.steps(steps).map(move |(block, step)| {
                let range = block.step(step, steps, parts * units);
                (&gates[range][from * units * block.lanes..], block, step)
            })
        };
        let to = &mut gradient[..by_input * units * inputs];
        let segments = all(0).map(|(gradients, block, step)| Segment {
            inputs: &input[block.step(step, steps, inputs)],
            gradients,
            lanes: block.lanes,
        });
        turned.weight_gradient(by_input * units, inputs, segments, to);
        sink.take(parameters, self.kernel_ih, 0, to);

        let past = |part: usize| {
            all(part).filter_map(|(gradients, block, step)| {
                let before = self.before(step)?;
                Some(Segment { inputs: &states[self.state(block, before)], gradients, lanes: block.lanes })
            })
        };
        let rows = by_input * units;
        let to = &mut gradient[..rows * units];
        to.fill(S::ZERO);
        match cell {
            CellKind::Rnn(_) | CellKind::Lstm => turned.weight_gradient(rows, units, past(0), to),
            CellKind::GruAfter => {
                turned.weight_gradient(2 * units, units, past(0), to);
                turned.weight_gradient(units, units, past(3), &mut to[2 * units * units..]);
            }
            CellKind::GruBefore => {
                turned.weight_gradient(2 * units, units, past(0), to);
                let resets = all(2).filter_map(|(gradients, block, step)| {
                    self.before(step)?;
                    let inputs = &self.kept[block.step(step, steps, units)];
                    Some(Segment { inputs, gradients, lanes: block.lanes })
                });
                turned.weight_gradient(units, units, resets, &mut to[2 * units * units..]);
            }
        }
        sink.take(parameters, self.kernel_hh, 0, to);

        let to = &mut gradient[..rows];
        bias_gradient(all(0).map(|(gradients, block, _)| (gradients, block.lanes)), to);
        sink.take(parameters, self.bias_ih, 0, to);
        if let Some(bias) = self.bias_hh {
            if cell == CellKind::GruAfter {
                let last = all(3).map(|(gradients, block, _)| (gradients, block.lanes));
                bias_gradient(last, &mut to[2 * units..]);
            }
            sink.take(parameters, bias, 0, to);
        }
        self.turned = turned;
        self.gradient = gradient;
    }
}
