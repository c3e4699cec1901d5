//! `rnn`, `lstm` and `gru`.

use super::builder::{PlanBuilder, Planned};
use super::direction::{CellKind, Direction};
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::batch::Batch;
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::vector::Scalar;
use crate::recipe::Activation;
use crate::recipe::layers::recurrent::{Output, Recurrent, RecurrentCell, Reset};
use crate::recipe::shape::Shape;

/// A layer of a stack: one direction or two over the same sequence.
struct Level<S> {
    directions: Vec<Direction<S>>,
    /// By block and step: the states of both directions.
    states: Vec<S>,
    d_states: Vec<S>,
}

struct PlannedStack<S> {
    levels: Vec<Level<S>>,
    steps: usize,
    units: usize,
    output: Output,
}

impl<S: Scalar> Planned<S> for Recurrent {
    fn plan_layer(&self, input: Shape, builder: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        let cell = match (self.cell, self.reset) {
            (RecurrentCell::RnnTanh, _) => CellKind::Rnn(Activation::Tanh),
            (RecurrentCell::RnnRelu, _) => CellKind::Rnn(Activation::Relu),
            (RecurrentCell::Lstm, _) => CellKind::Lstm,
            (RecurrentCell::Gru, Reset::After) => CellKind::GruAfter,
            (RecurrentCell::Gru, Reset::Before) => CellKind::GruBefore,
        };
        let units = self.units as usize;
        let steps = input.values() as usize / input.features() as usize;
        let directions = if self.bidirectional { 2 } else { 1 };
        let mut inputs = input.features() as usize;
        let mut levels = Vec::new();
        for _ in 0..self.layers {
            let states = vec![S::ZERO; builder.most.padded() * steps * directions * units];
            let each = (0..directions).map(|index| {
                Direction::new(cell, self, builder, [inputs, units, steps], [index, directions])
            });
            levels.push(Level { directions: each.collect(), d_states: states.clone(), states });
            inputs = directions * units;
        }
        Box::new(PlannedStack { levels, steps, units, output: self.output })
    }
}

impl<S: Scalar> PlannedStack<S> {
    /// Returns the last step of each direction, in its order.
    fn last(&self, direction: usize) -> usize {
        if direction == 0 { self.steps - 1 } else { 0 }
    }

    /// Calls `body` with where each part of the output is and where the same states are.
    fn each(&self, batch: Batch, mut body: impl FnMut(std::ops::Range<usize>, std::ops::Range<usize>)) {
        let Some(level) = self.levels.last() else { return };
        let rows = level.directions.len() * self.units;
        for block in batch.blocks() {
            for (index, direction) in level.directions.iter().enumerate() {
                let states = direction.state(block, self.last(index));
                let begin = block.at(rows).start + index * self.units * block.lanes;
                body(begin..begin + states.len(), states);
            }
        }
    }
}

impl<S: Scalar> PlannedLayer<S> for PlannedStack<S> {
    fn forward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        output: &mut [S],
    ) {
        let mut below: &[S] = input.values;
        for level in &mut self.levels {
            let Level { directions, states, .. } = level;
            for direction in directions {
                direction.forward(pass, parameters, below, states);
            }
            below = &level.states;
        }
        let Some(Level { directions, states, .. }) = self.levels.last() else { return };
        match self.output {
            Output::Every => {
                let size = pass.batch.padded() * self.steps * directions.len() * self.units;
                output[..size].copy_from_slice(&states[..size]);
            }
            Output::Last => self.each(pass.batch, |to, from| output[to].copy_from_slice(&states[from])),
        }
    }

    fn backward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        _: &[S],
        d_output: &mut [S],
        mut d_input: Option<&mut [S]>,
        sink: &mut dyn GradientSink<S>,
    ) {
        let Some(top) = self.levels.len().checked_sub(1) else { return };
        let mut given = std::mem::take(&mut self.levels[top].d_states);
        let size = pass.batch.padded() * self.steps * self.levels[top].directions.len() * self.units;
        match self.output {
            Output::Every => given[..size].copy_from_slice(&d_output[..size]),
            Output::Last => {
                given[..size].fill(S::ZERO);
                self.each(pass.batch, |from, to| given[to].copy_from_slice(&d_output[from]));
            }
        }
        self.levels[top].d_states = given;
        for index in (0..self.levels.len()).rev() {
            let (below, above) = self.levels.split_at_mut(index);
            let Some(Level { directions, states, d_states, .. }) = above.first_mut() else { break };
            let (read, mut to) = match below.last_mut() {
                Some(level) => (&level.states[..], Some(&mut level.d_states[..])),
                None => (input.values, d_input.take()),
            };
            for (index, direction) in directions.iter_mut().enumerate() {
                direction.backward(pass, parameters, states, d_states, to.as_deref_mut(), index > 0);
            }
            for direction in directions {
                direction.weights(pass, parameters, read, states, sink);
            }
        }
    }
}
