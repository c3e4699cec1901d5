//! Recurrent cells at one step, forward and back.
//!
//! Every part (a gate, a state) holds `units` rows of samples side by side; `gates` holds its parts one after the other,
//! as they are named. Before a step they are what the gates are functions of; on the way back gradients take their place.

use super::isa::for_each_set;

/// Cuts a slice into parts of equal length.
#[inline(always)]
fn parts<S, const N: usize>(mut whole: &mut [S], part: usize) -> [&mut [S]; N] {
    std::array::from_fn(|_| {
        let (first, rest) = std::mem::take(&mut whole).split_at_mut(part);
        whole = rest;
        first
    })
}

for_each_set! {
    /// i, f, g, o: c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c') (Gers et al. 2000).
    pub fn lstm<S>(gates: &mut [S], before: &[S], cell: &mut [S], state: &mut [S]) {
        let n = state.len();
        let [i, f, g, o] = parts(gates, n);
        let before = &before[..n];
        let cell = &mut cell[..n];
        for j in 0..n {
            i[j] = i[j].sigmoid();
            f[j] = f[j].sigmoid();
            g[j] = g[j].tanh();
            o[j] = o[j].sigmoid();
            cell[j] = f[j].mul_add(before[j], i[j] * g[j]);
            state[j] = o[j] * cell[j].tanh();
        }
    }

    /// Given the gradient of the state, and in `d_cell` that of the cell by later steps: those of the gates, and in
    /// `d_cell` that of the cell before.
    pub fn lstm_back<S>(gates: &mut [S], before: &[S], cell: &[S], d_state: &[S], d_cell: &mut [S]) {
        let n = d_state.len();
        let [i, f, g, o] = parts(gates, n);
        let before = &before[..n];
        let cell = &cell[..n];
        let d_cell = &mut d_cell[..n];
        for j in 0..n {
            let t = cell[j].tanh();
            let d = (d_state[j] * o[j]).mul_add(S::ONE - t * t, d_cell[j]);
            o[j] = d_state[j] * t * o[j] * (S::ONE - o[j]);
            d_cell[j] = d * f[j];
            f[j] = d * before[j] * f[j] * (S::ONE - f[j]);
            let to_g = d * i[j] * (S::ONE - g[j] * g[j]);
            i[j] = d * g[j] * i[j] * (S::ONE - i[j]);
            g[j] = to_g;
        }
    }

    /// r, z, n's part by the input, n's part by the state: n = tanh(x_n + σ(r) h_n), h' = n + σ(z) (h - n)
    /// (PyTorch's and Keras's form).
    pub fn gru_after<S>(gates: &mut [S], before: &[S], state: &mut [S]) {
        let n = state.len();
        let [r, z, by_input, by_state] = parts(gates, n);
        let before = &before[..n];
        for j in 0..n {
            r[j] = r[j].sigmoid();
            z[j] = z[j].sigmoid();
            by_input[j] = r[j].mul_add(by_state[j], by_input[j]).tanh();
            state[j] = z[j].mul_add(before[j] - by_input[j], by_input[j]);
        }
    }

    /// Given the gradient of the state: those of r, z and both parts of n, and in `through` what z lets through.
    pub fn gru_after_back<S>(gates: &mut [S], before: &[S], d_state: &[S], through: &mut [S]) {
        let n = d_state.len();
        let [r, z, by_input, by_state] = parts(gates, n);
        let before = &before[..n];
        let through = &mut through[..n];
        for j in 0..n {
            let d = d_state[j];
            let candidate = by_input[j];
            let d_n = d * (S::ONE - z[j]) * (S::ONE - candidate * candidate);
            through[j] = d * z[j];
            z[j] = d * (before[j] - candidate) * z[j] * (S::ONE - z[j]);
            by_input[j] = d_n;
            let d_r = d_n * by_state[j] * r[j] * (S::ONE - r[j]);
            by_state[j] = d_n * r[j];
            r[j] = d_r;
        }
    }

    /// r, z: σ of both, and r h for the product that n needs (Cho et al. 2014).
    pub fn gru_before_gates<S>(gates: &mut [S], before: &[S], reset: &mut [S]) {
        let n = reset.len();
        let [r, z] = parts(gates, n);
        let before = &before[..n];
        for j in 0..n {
            r[j] = r[j].sigmoid();
            z[j] = z[j].sigmoid();
            reset[j] = r[j] * before[j];
        }
    }

    /// r, z, n: h' = n + z (h - n) with n = tanh.
    pub fn gru_before<S>(gates: &mut [S], before: &[S], state: &mut [S]) {
        let n = state.len();
        let [_, z, candidate] = parts(gates, n);
        let before = &before[..n];
        for j in 0..n {
            candidate[j] = candidate[j].tanh();
            state[j] = z[j].mul_add(before[j] - candidate[j], candidate[j]);
        }
    }

    /// Given the gradient of the state: those of z and n, and in `through` what z lets through.
    pub fn gru_before_back<S>(gates: &mut [S], before: &[S], d_state: &[S], through: &mut [S]) {
        let n = d_state.len();
        let [_, z, candidate] = parts(gates, n);
        let before = &before[..n];
        let through = &mut through[..n];
        for j in 0..n {
            let d = d_state[j];
            let to_n = d * (S::ONE - z[j]) * (S::ONE - candidate[j] * candidate[j]);
            through[j] = d * z[j];
            z[j] = d * (before[j] - candidate[j]) * z[j] * (S::ONE - z[j]);
            candidate[j] = to_n;
        }
    }

    /// Given the gradient of r h: that of r, and the state's share added to `through`.
    pub fn gru_before_reset<S>(gates: &mut [S], before: &[S], d_reset: &[S], through: &mut [S]) {
        let n = d_reset.len();
        let [r] = parts(gates, n);
        let before = &before[..n];
        let through = &mut through[..n];
        for j in 0..n {
            through[j] = d_reset[j].mul_add(r[j], through[j]);
            r[j] = d_reset[j] * before[j] * r[j] * (S::ONE - r[j]);
        }
    }
}
