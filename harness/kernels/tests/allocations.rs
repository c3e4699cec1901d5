//! A step allocates nothing after the first.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use super::gradients::{TrainedNetwork, networks};
use crate::kernels::loss::BatchScore;
use crate::kernels::network::SampleSet;
use crate::kernels::parameters::{KeptGradients, Parameters};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// Counts the allocations of each thread.
struct CountingAllocator;

// SAFETY: all is the system allocator's.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // While a thread ends its counter may be gone.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn steps_and_evaluation_allocate_nothing_after_the_first() {
    for (name, input, layers) in networks() {
        let TrainedNetwork { mut network, mut values, mut buffers, samples, labels } =
            TrainedNetwork::<f32>::new(input, &layers, 37);
        let mut gradients = KeptGradients::new(values.iter().map(Vec::len));
        let mut parameters = Parameters {
            values: values.iter_mut().map(Vec::as_mut_slice).collect(),
            buffers: buffers.iter_mut().map(Vec::as_mut_slice).collect(),
        };
        let mut set = SampleSet { values: &samples, labels: &labels };
        let index: Vec<u32> = (0..37).collect();
        let mut largest = 0.0;
        let mut both = || {
            network.train(&mut set, &index, 7, &mut parameters, &mut gradients);
            let see = |_: u16, outputs: &[f32]| largest = outputs[0].max(largest);
            network.evaluate(&mut set, &index, &mut parameters, &mut BatchScore::default(), see);
        };
        both();
        let before = ALLOCATIONS.get();
        both();
        assert_eq!(ALLOCATIONS.get() - before, 0, "{name}");
    }
}
