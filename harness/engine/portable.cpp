// Where libtorch calls MKL or oneDNN, the kernel depends on the processor's maker, its caches and the
// number of threads. `portable` registers kernels of our own with libtorch's dispatcher for these
// operations, so that autograd and all that is built on them come to use them: matrix products,
// convolutions and tanh. All else libtorch computes itself, on one thread.

#include "portable.h"

#include "elementary.h"
#include "gemm.h"
#include "shim.h"

#include <ATen/Context.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros_like.h>
#include <torch/library.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace portable {
namespace {

using at::IntArrayRef;
using at::Scalar;
using at::Tensor;

int threads_in_use = 0;

void check_kind(const Tensor& tensor) {
  TORCH_CHECK(tensor.scalar_type() == at::kFloat, "portable numerics compute in 32-bit floats, not in ", tensor.dtype());
}

gemm::View view(const Tensor& matrix) { return {matrix.const_data_ptr<float>(), matrix.stride(0), matrix.stride(1)}; }

// out = a b, or out += a b.
void product(const Tensor& a, const Tensor& b, Tensor& out, bool add) {
  TORCH_CHECK(a.dim() == 2 && b.dim() == 2 && a.size(1) == b.size(0), "no product of shapes ", a.sizes(), " and ", b.sizes());
  for (const Tensor* matrix : {&a, &b, static_cast<const Tensor*>(&out)}) check_kind(*matrix);
  if (out.stride(1) == 1) {
    gemm::multiply(a.size(0), b.size(1), a.size(1), view(a), view(b), out.data_ptr<float>(), out.stride(0), add, threads_in_use);
  } else {
    auto plain = out.contiguous();
    product(a, b, plain, add);
    out.copy_(plain);
  }
}

Tensor& mm_out(const Tensor& a, const Tensor& b, Tensor& out) {
  out.resize_({a.size(0), b.size(1)});
  product(a, b, out, false);
  return out;
}

Tensor mm(const Tensor& a, const Tensor& b) {
  auto out = at::empty({a.size(0), b.size(1)}, a.options());
  return mm_out(a, b, out);
}

Tensor& addmm_(Tensor& self, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  if (beta.toDouble() != 1) self.mul_(beta);
  product(alpha.toDouble() == 1 ? a : a.mul(alpha), b, self, true);
  return self;
}

Tensor& addmm_out(const Tensor& self, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha,
                  Tensor& out) {
  if (!out.is_same(self)) {
    out.resize_({a.size(0), b.size(1)});
    out.copy_(self.expand_as(out));
  }
  return addmm_(out, a, b, beta, alpha);
}

Tensor addmm(const Tensor& self, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  auto out = at::empty({a.size(0), b.size(1)}, a.options());
  return addmm_out(self, a, b, beta, alpha, out);
}

// A convolution of images (channels, height, width) to (filters, down, across), a sample at a time, as
// a product with the matrix whose columns are the patches, (channels * kernel, down * across).
struct Convolution {
  int64_t channels, height, width, filters, down, across;
  int64_t kernel[2], stride[2], padding[2];

  Convolution(const Tensor& input, const Tensor& weight, IntArrayRef stride_, IntArrayRef padding_)
      : channels(input.size(1)), height(input.size(2)), width(input.size(3)), filters(weight.size(0)) {
    for (int axis = 0; axis < 2; ++axis) {
      kernel[axis] = weight.size(2 + axis);
      stride[axis] = stride_[axis];
      padding[axis] = padding_[axis];
    }
    down = (height + 2 * padding[0] - kernel[0]) / stride[0] + 1;
    across = (width + 2 * padding[1] - kernel[1]) / stride[1] + 1;
  }

  int64_t image() const { return channels * height * width; }
  int64_t pixels() const { return down * across; }
  int64_t outputs() const { return filters * pixels(); }
  int64_t patch() const { return channels * kernel[0] * kernel[1]; }

  // Calls body(row of the patches, row of the image, first and last + 1 pixel of it inside the image)
  // for every row of the patches and row of the output; the image's row is null where it is outside.
  template <typename Image, typename Patches, typename Body>
  void each_row(Image* image, Patches* patches, Body body) const {
    for (int64_t c = 0; c < channels; ++c, image += height * width)
      for (int64_t i = 0; i < kernel[0]; ++i)
        for (int64_t j = 0; j < kernel[1]; ++j) {
          const int64_t left = j - padding[1];
          const int64_t from = std::min(across, left < 0 ? (-left + stride[1] - 1) / stride[1] : 0);
          const int64_t to = std::max(from, std::min(across, (width - left + stride[1] - 1) / stride[1]));
          for (int64_t y = 0; y < down; ++y, patches += across) {
            const int64_t row = y * stride[0] + i - padding[0];
            body(patches, row < 0 || row >= height ? nullptr : image + row * width + left, from, to);
          }
        }
  }

  void unfold(const float* image, float* patches) const {
    each_row(image, patches, [this](float* to, const float* row, int64_t from, int64_t end) {
      if (!row) from = end = across;
      std::fill(to, to + from, 0.0f);
      if (stride[1] == 1)
        std::copy(row + from, row + end, to + from);
      else
        for (int64_t x = from; x < end; ++x) to[x] = row[x * stride[1]];
      std::fill(to + end, to + across, 0.0f);
    });
  }

  // Adds every patch to where it came from.
  void fold(const float* patches, float* image) const {
    each_row(image, patches, [this](const float* of, float* row, int64_t from, int64_t end) {
      if (!row) return;
      for (int64_t x = from; x < end; ++x) row[x * stride[1]] += of[x];
    });
  }
};

Tensor convolve(const Tensor& input_, const Tensor& weight_, IntArrayRef, const std::optional<Tensor>& bias,
                IntArrayRef stride, IntArrayRef padding) {
  check_kind(input_);
  const auto input = input_.contiguous(), weight = weight_.contiguous();
  const Convolution conv(input, weight, stride, padding);
  const int64_t samples = input.size(0);
  const auto shape = {samples, conv.filters, conv.down, conv.across};
  const bool biased = bias && bias->defined();
  auto output = biased ? bias->view({1, -1, 1, 1}).expand(shape).contiguous() : at::empty(shape, input.options());
  const float *images = input.const_data_ptr<float>(), *kernels = weight.const_data_ptr<float>();
  float* outputs = output.data_ptr<float>();
#pragma omp parallel num_threads(threads_in_use)
  {
    std::vector<float> patches(conv.patch() * conv.pixels());
#pragma omp for
    for (int64_t i = 0; i < samples; ++i) {
      conv.unfold(images + i * conv.image(), patches.data());
      gemm::multiply(conv.filters, conv.pixels(), conv.patch(), {kernels, conv.patch(), 1},
                     {patches.data(), conv.pixels(), 1}, outputs + i * conv.outputs(), conv.pixels(), biased, 1);
    }
  }
  return output;
}

// The gradients of input, weight and bias.
std::tuple<Tensor, Tensor, Tensor> convolve_backward(const Tensor& gradient_, const Tensor& input_,
                                                     const Tensor& weight_, IntArrayRef, IntArrayRef stride,
                                                     IntArrayRef padding, std::array<bool, 3> wanted) {
  check_kind(gradient_);
  const auto gradient = gradient_.contiguous(), input = input_.contiguous(), weight = weight_.contiguous();
  const Convolution conv(input, weight, stride, padding);
  // The weight's gradient is summed within groups of samples, then over the groups in order.
  constexpr int64_t kGroup = 8;
  const int64_t samples = input.size(0), groups = (samples + kGroup - 1) / kGroup;
  const auto d_input = wanted[0] ? at::zeros_like(input) : Tensor();
  const auto sums = wanted[1] ? at::empty({groups, conv.filters, conv.patch()}, input.options()) : Tensor();
  const float *images = input.const_data_ptr<float>(), *kernels = weight.const_data_ptr<float>();
  const float* given = gradient.const_data_ptr<float>();
  float *d_images = wanted[0] ? d_input.data_ptr<float>() : nullptr, *d_kernels = wanted[1] ? sums.data_ptr<float>() : nullptr;
#pragma omp parallel num_threads(threads_in_use)
  {
    std::vector<float> patches(conv.patch() * conv.pixels());
#pragma omp for
    for (int64_t group = 0; group < groups; ++group)
      for (int64_t i = group * kGroup; i < std::min(samples, (group + 1) * kGroup); ++i) {
        const gemm::View outputs{given + i * conv.outputs(), conv.pixels(), 1};
        if (d_kernels) {
          conv.unfold(images + i * conv.image(), patches.data());
          gemm::multiply(conv.filters, conv.patch(), conv.pixels(), outputs, {patches.data(), 1, conv.pixels()},
                         d_kernels + group * conv.filters * conv.patch(), conv.patch(), i > group * kGroup, 1);
        }
        if (d_images) {
          gemm::multiply(conv.patch(), conv.pixels(), conv.filters, {kernels, 1, conv.patch()}, outputs,
                         patches.data(), conv.pixels(), false, 1);
          conv.fold(patches.data(), d_images + i * conv.image());
        }
      }
  }
  return {d_input, wanted[1] ? sums.sum(0).view_as(weight) : Tensor(),
          wanted[2] ? gradient.sum(IntArrayRef{0, 2, 3}) : Tensor()};
}

CLONES void tanh_loop(const float* x, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = hyperbolic(x[i]);
}

Tensor tanh(const Tensor& self) {
  check_kind(self);
  const auto x = self.contiguous();
  auto y = at::empty_like(x);
  tanh_loop(x.const_data_ptr<float>(), y.data_ptr<float>(), x.numel());
  return y;
}

// Registering over a kernel warns, each time.
struct Silence : c10::WarningHandler {
  void process(const c10::Warning&) override {}
};

}  // namespace

int threads() { return threads_in_use; }

void configure(int threads) {
  static std::optional<torch::Library> kernels;
  threads_in_use = threads;
  at::globalContext().setUserEnabledMkldnn(threads == 0);
  at::globalContext().setUserEnabledNNPACK(threads == 0);
  if ((threads != 0) == kernels.has_value()) return;
  kernels.reset();
  if (threads == 0) return;
  Silence silence;
  c10::WarningUtils::WarningHandlerGuard guard(&silence);
  kernels.emplace(torch::Library::IMPL, "aten", c10::DispatchKey::CPU, __FILE__, __LINE__);
  kernels->impl("mm", mm);
  kernels->impl("mm.out", mm_out);
  kernels->impl("addmm", addmm);
  kernels->impl("addmm.out", addmm_out);
  kernels->impl("addmm_", addmm_);
  kernels->impl("_slow_conv2d_forward", convolve);
  kernels->impl("_slow_conv2d_backward.output_mask", convolve_backward);
  kernels->impl("tanh", tanh);
}

}  // namespace portable
