// Recurrent cells on the CPU, one layer and one direction at a time, with their own backward pass:
// one matrix product for all steps' inputs, then for each step one product with the hidden state
// and one loop over the gates. libtorch's own cells record a dozen small operations a step.
//
// Tensors are time-major inside: (steps, batch, features). Gates are in PyTorch's order.

#include "elementary.h"
#include "portable.h"
#include "shim.h"

#include <ATen/Dispatch.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/add.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// An overload in this namespace would hide those of elementary.h and compute in double.
static_assert(std::is_same_v<decltype(sigmoid(0.0f)), float> && std::is_same_v<decltype(hyperbolic(0.0f)), float>);

enum Cell : int64_t { kRnnTanh, kRnnRelu, kLstm, kGruResetAfter, kGruResetBefore };

// One step over a whole batch, forward (`*_step`) and backward (`*_back`). Sizes: `rows` samples of
// `h` units; gate slabs hold gates * h values a row. `before` is the state before the step.

template <typename S>
INLINE void rnn_step_(S* gates, S* out, int64_t n, bool relu) {
  if (relu)  // What is no number stays none.
    for (int64_t i = 0; i < n; ++i) out[i] = gates[i] <= 0 ? S(0) : gates[i];
  else
    for (int64_t i = 0; i < n; ++i) out[i] = hyperbolic(gates[i]);
}

template <typename S>
INLINE void rnn_back_(const S* __restrict out, const S* __restrict dh, S* __restrict dgates, int64_t n, bool relu) {
  if (relu)
    for (int64_t i = 0; i < n; ++i) dgates[i] = out[i] <= 0 ? S(0) : dh[i];
  else
    for (int64_t i = 0; i < n; ++i) dgates[i] = dh[i] * (1 - out[i] * out[i]);
}

template <typename S>
INLINE void lstm_step_(S* __restrict gates, const S* __restrict before, S* __restrict c, S* __restrict out,
                       int64_t rows, int64_t h) {
  for (int64_t row = 0; row < rows; ++row, gates += 4 * h, before += h, c += h, out += h) {
    S *i = gates, *f = gates + h, *g = gates + 2 * h, *o = gates + 3 * h;
#pragma GCC ivdep
    for (int64_t j = 0; j < h; ++j) {
      const S vi = sigmoid(i[j]), vf = sigmoid(f[j]), vg = hyperbolic(g[j]), vo = sigmoid(o[j]);
      i[j] = vi, f[j] = vf, g[j] = vg, o[j] = vo;
      const S vc = vf * before[j] + vi * vg;
      c[j] = vc;
      out[j] = vo * hyperbolic(vc);
    }
  }
}

// dc is the cell's gradient from the step after, and becomes the one for the step before.
template <typename S>
INLINE void lstm_back_(const S* __restrict gates, const S* __restrict before, const S* __restrict c,
                       const S* __restrict dh, S* __restrict dc, S* __restrict dgates, int64_t rows, int64_t h) {
  for (int64_t row = 0; row < rows; ++row) {
    const S *i = gates, *f = gates + h, *g = gates + 2 * h, *o = gates + 3 * h;
    S *di = dgates, *df = dgates + h, *dg = dgates + 2 * h, *d_o = dgates + 3 * h;
#pragma GCC ivdep
    for (int64_t j = 0; j < h; ++j) {
      const S t = hyperbolic(c[j]);
      const S dcell = dc[j] + dh[j] * o[j] * (1 - t * t);
      di[j] = dcell * g[j] * i[j] * (1 - i[j]);
      df[j] = dcell * before[j] * f[j] * (1 - f[j]);
      dg[j] = dcell * i[j] * (1 - g[j] * g[j]);
      d_o[j] = dh[j] * t * o[j] * (1 - o[j]);
      dc[j] = dcell * f[j];
    }
    gates += 4 * h, dgates += 4 * h, before += h, c += h, dh += h, dc += h;
  }
}

// `hidden` is U h + b; its last third is kept for the way back.
template <typename S>
INLINE void gru_after_step_(S* __restrict gates, const S* __restrict hidden, const S* __restrict before,
                            S* __restrict out, int64_t rows, int64_t h) {
  for (int64_t row = 0; row < rows; ++row, gates += 3 * h, hidden += 3 * h, before += h, out += h) {
#pragma GCC ivdep
    for (int64_t j = 0; j < h; ++j) {
      const S r = sigmoid(gates[j] + hidden[j]), z = sigmoid(gates[h + j] + hidden[h + j]);
      const S n = hyperbolic(gates[2 * h + j] + r * hidden[2 * h + j]);
      gates[j] = r, gates[h + j] = z, gates[2 * h + j] = n;
      out[j] = n + z * (before[j] - n);
    }
  }
}

// `dx` is the gates' gradient by W x, `dhidden` by U h + b; `dbefore` is what z lets through.
template <typename S>
INLINE void gru_after_back_(const S* __restrict gates, const S* __restrict hidden, const S* __restrict before,
                            const S* __restrict dh, S* __restrict dx, S* __restrict dhidden,
                            S* __restrict dbefore, int64_t rows, int64_t h) {
  for (int64_t row = 0; row < rows; ++row) {
#pragma GCC ivdep
    for (int64_t j = 0; j < h; ++j) {
      const S r = gates[j], z = gates[h + j], n = gates[2 * h + j];
      const S dn = dh[j] * (1 - z) * (1 - n * n);
      const S dr = dn * hidden[2 * h + j] * r * (1 - r);
      const S dz = dh[j] * (before[j] - n) * z * (1 - z);
      dx[j] = dr, dx[h + j] = dz, dx[2 * h + j] = dn;
      dhidden[j] = dr, dhidden[h + j] = dz, dhidden[2 * h + j] = dn * r;
      dbefore[j] = dh[j] * z;
    }
    gates += 3 * h, hidden += 3 * h, before += h, dh += h, dx += 3 * h, dhidden += 3 * h, dbefore += h;
  }
}

// r and z, and r h for the product that n needs.
template <typename S>
INLINE void gru_before_gates_(S* __restrict gates, const S* __restrict before, S* __restrict reset,
                              int64_t rows, int64_t h) {
  for (int64_t row = 0; row < rows; ++row, gates += 3 * h, before += h, reset += h) {
#pragma GCC ivdep
    for (int64_t j = 0; j < h; ++j) {
      const S r = sigmoid(gates[j]), z = sigmoid(gates[h + j]);
      gates[j] = r, gates[h + j] = z;
      reset[j] = r * before[j];
    }
  }
}

template <typename S>
INLINE void gru_before_step_(S* __restrict gates, const S* __restrict before, S* __restrict out, int64_t rows,
                             int64_t h) {
  for (int64_t row = 0; row < rows; ++row, gates += 3 * h, before += h, out += h) {
#pragma GCC ivdep
    for (int64_t j = 0; j < h; ++j) {
      const S z = gates[h + j], n = hyperbolic(gates[2 * h + j]);
      gates[2 * h + j] = n;
      out[j] = n + z * (before[j] - n);
    }
  }
}

// The gradients of n's and z's pre-activations, and what z lets through.
template <typename S>
INLINE void gru_before_back_(const S* __restrict gates, const S* __restrict before, const S* __restrict dh,
                             S* __restrict dgates, S* __restrict dbefore, int64_t rows, int64_t h) {
  for (int64_t row = 0; row < rows; ++row) {
#pragma GCC ivdep
    for (int64_t j = 0; j < h; ++j) {
      const S z = gates[h + j], n = gates[2 * h + j];
      dgates[2 * h + j] = dh[j] * (1 - z) * (1 - n * n);
      dgates[h + j] = dh[j] * (before[j] - n) * z * (1 - z);
      dbefore[j] = dh[j] * z;
    }
    gates += 3 * h, before += h, dh += h, dgates += 3 * h, dbefore += h;
  }
}

// Given the gradient of r h: that of r's pre-activation, and h's share added to `dbefore`.
template <typename S>
INLINE void gru_before_reset_(const S* __restrict gates, const S* __restrict before, const S* __restrict dreset,
                              S* __restrict dgates, S* __restrict dbefore, int64_t rows, int64_t h) {
  for (int64_t row = 0; row < rows; ++row) {
#pragma GCC ivdep
    for (int64_t j = 0; j < h; ++j) {
      const S r = gates[j];
      dgates[j] = dreset[j] * before[j] * r * (1 - r);
      dbefore[j] += dreset[j] * r;
    }
    gates += 3 * h, before += h, dreset += h, dgates += 3 * h, dbefore += h;
  }
}

// Each loop for float, in clones, and for double, which only tests and cell comparisons use.
#define BOTH(S, clones)                                                                                           \
  clones void rnn_step(S* a, S* b, int64_t n, bool relu) { rnn_step_<S>(a, b, n, relu); }                         \
  clones void rnn_back(const S* a, const S* b, S* c, int64_t n, bool relu) { rnn_back_<S>(a, b, c, n, relu); }    \
  clones void lstm_step(S* a, const S* b, S* c, S* d, int64_t n, int64_t h) { lstm_step_<S>(a, b, c, d, n, h); }  \
  clones void lstm_back(const S* a, const S* b, const S* c, const S* d, S* e, S* f, int64_t n, int64_t h) {       \
    lstm_back_<S>(a, b, c, d, e, f, n, h);                                                                        \
  }                                                                                                               \
  clones void gru_after_step(S* a, const S* b, const S* c, S* d, int64_t n, int64_t h) {                          \
    gru_after_step_<S>(a, b, c, d, n, h);                                                                         \
  }                                                                                                               \
  clones void gru_after_back(const S* a, const S* b, const S* c, const S* d, S* e, S* f, S* g, int64_t n,         \
                             int64_t h) {                                                                         \
    gru_after_back_<S>(a, b, c, d, e, f, g, n, h);                                                                \
  }                                                                                                               \
  clones void gru_before_gates(S* a, const S* b, S* c, int64_t n, int64_t h) {                                    \
    gru_before_gates_<S>(a, b, c, n, h);                                                                          \
  }                                                                                                               \
  clones void gru_before_step(S* a, const S* b, S* c, int64_t n, int64_t h) { gru_before_step_<S>(a, b, c, n, h); } \
  clones void gru_before_back(const S* a, const S* b, const S* c, S* d, S* e, int64_t n, int64_t h) {             \
    gru_before_back_<S>(a, b, c, d, e, n, h);                                                                     \
  }                                                                                                               \
  clones void gru_before_reset(const S* a, const S* b, const S* c, S* d, S* e, int64_t n, int64_t h) {            \
    gru_before_reset_<S>(a, b, c, d, e, n, h);                                                                    \
  }
BOTH(float, CLONES)
BOTH(double, )

// The state before each step: zeros, then the outputs.
struct States {
  std::vector<Tensor> views;
  Tensor zero;
  States(const Tensor& all) : views(all.unbind(0)), zero(at::zeros_like(views[0])) {}
  const Tensor& before(int64_t t) const { return t == 0 ? zero : views[t - 1]; }
};

struct Layer : torch::autograd::Function<Layer> {
  // input (steps, batch, features), contiguous; weights as PyTorch's; (steps, batch, units).
  static Tensor forward(AutogradContext* ctx, const Tensor& input, const Tensor& w_ih, const Tensor& w_hh,
                        const Tensor& b_ih, const Tensor& b_hh, int64_t cell) {
    const int64_t steps = input.size(0), rows = input.size(1), h = w_hh.size(1), width = w_hh.size(0);
    const bool apart = cell == kGruResetAfter;
    const auto bias = apart ? b_ih : b_ih + b_hh;
    auto gates = at::addmm(bias, input.view({steps * rows, -1}), w_ih.t()).view({steps, rows, width});
    auto output = at::empty({steps, rows, h}, input.options());
    // LSTM: the cell states. GRU: what n needs on the way back (U_n h + b, or r h).
    Tensor extra;
    if (cell == kLstm || cell == kGruResetBefore) extra = at::empty({steps, rows, h}, input.options());
    if (apart) extra = at::empty({steps, rows, width}, input.options());

    const auto slabs = gates.unbind(0);
    const States out(output);
    std::vector<Tensor> kept;
    if (extra.defined()) kept = extra.unbind(0);
    // Our own product copies a transposed factor, which each step would do again.
    const auto recurrent = portable::threads() ? w_hh.t().contiguous() : w_hh.t();
    AT_DISPATCH_FLOATING_TYPES(input.scalar_type(), "recurrent", [&] {
      for (int64_t t = 0; t < steps; ++t) {
        Tensor slab = slabs[t];
        auto* g = slab.data_ptr<scalar_t>();
        auto* o = out.views[t].data_ptr<scalar_t>();
        const auto* before = out.before(t).const_data_ptr<scalar_t>();
        auto* k = kept.empty() ? nullptr : kept[t].data_ptr<scalar_t>();
        switch (cell) {
          case kGruResetAfter: {
            Tensor hidden = kept[t];
            if (t == 0)
              hidden.copy_(b_hh.expand_as(hidden));
            else
              at::addmm_out(hidden, b_hh, out.before(t), recurrent);
            gru_after_step(g, k, before, o, rows, h);
            break;
          }
          case kGruResetBefore: {
            if (t > 0) {
              auto first = slab.narrow(1, 0, 2 * h);
              first.addmm_(out.before(t), recurrent.narrow(1, 0, 2 * h));
            }
            gru_before_gates(g, before, k, rows, h);
            if (t > 0) slab.narrow(1, 2 * h, h).addmm_(kept[t], recurrent.narrow(1, 2 * h, h));
            gru_before_step(g, before, o, rows, h);
            break;
          }
          case kLstm:
            if (t > 0) slab.addmm_(out.before(t), recurrent);
            lstm_step(g, (t == 0 ? out.zero : kept[t - 1]).const_data_ptr<scalar_t>(), k, o, rows, h);
            break;
          default:
            if (t > 0) slab.addmm_(out.before(t), recurrent);
            rnn_step(g, o, rows * h, cell == kRnnRelu);
        }
      }
    });
    ctx->save_for_backward({input, w_ih, w_hh, gates, output, extra});
    ctx->saved_data["cell"] = cell;
    return output;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const auto saved = ctx->get_saved_variables();
    const auto &input = saved[0], &w_ih = saved[1], &w_hh = saved[2], &gates = saved[3], &output = saved[4];
    const auto& extra = saved[5];
    const int64_t cell = ctx->saved_data["cell"].toInt();
    const int64_t steps = output.size(0), rows = output.size(1), h = output.size(2), width = w_hh.size(0);
    const auto given = gradients[0].contiguous();
    auto dgates = at::empty_like(gates);
    // A GRU's gates have another gradient by U h + b than by W x.
    auto dhidden = cell == kGruResetAfter ? at::empty_like(gates) : dgates;
    auto carried = at::zeros({rows, h}, output.options());
    auto dcell = cell == kLstm ? at::zeros_like(carried) : Tensor();
    auto dreset = cell == kGruResetBefore ? at::empty_like(carried) : Tensor();

    const States out(output);
    const auto slabs = gates.unbind(0), dslabs = dgates.unbind(0), dhiddens = dhidden.unbind(0);
    const auto giving = given.unbind(0);
    std::vector<Tensor> kept;
    if (extra.defined()) kept = extra.unbind(0);
    AT_DISPATCH_FLOATING_TYPES(output.scalar_type(), "recurrent backward", [&] {
      auto dh = at::empty_like(carried);
      auto* through = carried.data_ptr<scalar_t>();
      for (int64_t t = steps - 1; t >= 0; --t) {
        at::add_out(dh, giving[t], carried);
        const auto* g = slabs[t].const_data_ptr<scalar_t>();
        const auto* before = out.before(t).const_data_ptr<scalar_t>();
        const auto* d = dh.const_data_ptr<scalar_t>();
        auto* dg = dslabs[t].data_ptr<scalar_t>();
        switch (cell) {
          case kGruResetAfter:
            gru_after_back(g, kept[t].const_data_ptr<scalar_t>(), before, d, dg,
                           dhiddens[t].data_ptr<scalar_t>(), through, rows, h);
            if (t > 0) carried.addmm_(dhiddens[t], w_hh);
            break;
          case kGruResetBefore:
            gru_before_back(g, before, d, dg, through, rows, h);
            at::mm_out(dreset, dslabs[t].narrow(1, 2 * h, h), w_hh.narrow(0, 2 * h, h));
            gru_before_reset(g, before, dreset.const_data_ptr<scalar_t>(), dg, through, rows, h);
            if (t > 0) carried.addmm_(dslabs[t].narrow(1, 0, 2 * h), w_hh.narrow(0, 0, 2 * h));
            break;
          case kLstm:
            lstm_back(g, (t == 0 ? out.zero : kept[t - 1]).const_data_ptr<scalar_t>(),
                      kept[t].const_data_ptr<scalar_t>(), d, dcell.data_ptr<scalar_t>(), dg, rows, h);
            if (t > 0) at::mm_out(carried, dslabs[t], w_hh);
            break;
          default:
            rnn_back(out.views[t].const_data_ptr<scalar_t>(), d, dg, rows * h, cell == kRnnRelu);
            if (t > 0) at::mm_out(carried, dslabs[t], w_hh);
        }
      }
    });

    const auto flat = [&](const Tensor& tensor, int64_t from, int64_t n) {
      return tensor.narrow(0, from, n).reshape({n * rows, -1});
    };
    const auto all = flat(dgates, 0, steps);
    auto d_input = ctx->needs_input_grad(0) ? at::mm(all, w_ih).view_as(input) : Tensor();
    auto d_w_ih = at::mm(all.t(), flat(input, 0, steps));
    auto d_w_hh = at::zeros_like(w_hh);
    if (steps > 1) {
      const auto later = flat(dhidden, 1, steps - 1), earlier = flat(output, 0, steps - 1);
      if (cell == kGruResetBefore) {
        at::mm_out(d_w_hh, later.t(), earlier);
        auto last = d_w_hh.narrow(0, 2 * h, h);
        at::mm_out(last, later.narrow(1, 2 * h, h).t(), flat(extra, 1, steps - 1));
      } else {
        at::mm_out(d_w_hh, later.t(), earlier);
      }
    }
    const auto d_bias = all.sum(0);
    const auto d_b_hh = cell == kGruResetAfter ? flat(dhidden, 0, steps).sum(0) : d_bias;
    return {d_input, d_w_ih, d_w_hh, d_bias, d_b_hh, Tensor()};
  }
};

}  // namespace

extern "C" {

// One recurrent layer over input (steps, batch, features), from zero states: `*output` becomes a
// new tensor (steps, batch, units) that backward passes go through. `cell` is a `Cell`.
char* tb_recurrent(Tensor* input, Tensor** weights, int64_t cell, Tensor** output) {
  return guarded([&] {
    *output = new Tensor(
        Layer::apply(input->contiguous(), *weights[0], *weights[1], *weights[2], *weights[3], cell));
  });
}

}  // extern "C"
