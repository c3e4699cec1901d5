// What tch does not give: a fused optimizer step, the switches that fix numerics, and facts about
// the device. A function that can fail returns null, or a message that the caller frees.

#include "portable.h"
#include "shim.h"

#include <ATen/Context.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/Tensor.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/Event.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/version.h>

#include <dlfcn.h>

#include <cmath>
#include <string>
#include <vector>

namespace {

using Tensors = std::vector<at::Tensor>;

Tensors gather(at::Tensor** pointers, size_t count) {
  Tensors tensors;
  tensors.reserve(count);
  for (size_t i = 0; i < count; ++i) tensors.push_back(*pointers[i]);
  return tensors;
}

// Two events on a CUDA device's current stream, with times.
struct Timer {
  explicit Timer(int index) : device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(index)) {}
  c10::Device device;
  c10::Event first{c10::DeviceType::CUDA, c10::EventFlag::BACKEND_DEFAULT};
  c10::Event last{c10::DeviceType::CUDA, c10::EventFlag::BACKEND_DEFAULT};

  c10::Stream stream() const { return c10::impl::VirtualGuardImpl(device.type()).getStream(device); }
};

struct Adam {
  double beta1, beta2, eps, step_size, root_correction2;
};

#define ADAM_LOOP(scalar, name)                                                                    \
  CLONES void name(scalar* __restrict w, const scalar* __restrict g, scalar* __restrict m,         \
                   scalar* __restrict v, int64_t n, scalar decay, Adam rule) {                     \
    const scalar b1 = 1 - rule.beta1, b2 = rule.beta2, c2 = 1 - rule.beta2, eps = rule.eps;        \
    const scalar step_size = rule.step_size, root = rule.root_correction2;                         \
    for (int64_t i = 0; i < n; ++i) {                                                              \
      const scalar gradient = g[i] + decay * w[i];                                                 \
      m[i] += b1 * (gradient - m[i]);                                                              \
      v[i] = b2 * v[i] + c2 * gradient * gradient;                                                 \
      w[i] -= step_size * m[i] / (std::sqrt(v[i]) / root + eps);                                   \
    }                                                                                              \
  }
ADAM_LOOP(float, adam_loop)
ADAM_LOOP(double, adam_loop)

#define RMSPROP_LOOP(scalar, name)                                                                 \
  CLONES void name(scalar* __restrict w, const scalar* __restrict g, scalar* __restrict v,         \
                   int64_t n, scalar decay, double lr_, double alpha_, double within_,             \
                   double beside_) {                                                               \
    const scalar lr = lr_, alpha = alpha_, beta = 1 - alpha_, within = within_, beside = beside_;  \
    for (int64_t i = 0; i < n; ++i) {                                                              \
      const scalar gradient = g[i] + decay * w[i];                                                 \
      v[i] = alpha * v[i] + beta * gradient * gradient;                                            \
      w[i] -= lr * gradient / (std::sqrt(v[i] + within) + beside);                                 \
    }                                                                                              \
  }
RMSPROP_LOOP(float, rmsprop_loop)
RMSPROP_LOOP(double, rmsprop_loop)

// The learning rate where momentum is summed: its factor within the sum, and the one beside it.
struct Rate {
  double within, beside;
};

#define SGD_LOOP(scalar, name)                                                                     \
  CLONES void name(scalar* __restrict w, const scalar* __restrict g, scalar* __restrict b,         \
                   int64_t n, scalar decay, Rate rate, double momentum_, bool nesterov) {          \
    const scalar within = rate.within, beside = rate.beside, momentum = momentum_;                 \
    for (int64_t i = 0; i < n; ++i) {                                                              \
      const scalar gradient = within * (g[i] + decay * w[i]);                                      \
      b[i] = momentum * b[i] + gradient;                                                           \
      w[i] -= beside * (nesterov ? gradient + momentum * b[i] : b[i]);                             \
    }                                                                                              \
  }
SGD_LOOP(float, sgd_loop)
SGD_LOOP(double, sgd_loop)

#define PLAIN_SGD_LOOP(scalar, name)                                                               \
  CLONES void name(scalar* __restrict w, const scalar* __restrict g, int64_t n, scalar decay,      \
                   double lr_) {                                                                   \
    const scalar lr = lr_;                                                                         \
    for (int64_t i = 0; i < n; ++i) w[i] -= lr * (g[i] + decay * w[i]);                            \
  }
PLAIN_SGD_LOOP(float, plain_sgd_loop)
PLAIN_SGD_LOOP(double, plain_sgd_loop)

// gradient + decay * weight, by libtorch's own kernels.
Tensors decayed(const Tensors& weights, const Tensors& gradients, const double* decay) {
  std::vector<at::Scalar> factors(decay, decay + weights.size());
  bool any = false;
  for (size_t i = 0; i < weights.size(); ++i) any |= decay[i] != 0;
  if (!any) return gradients;
  auto sum = at::_foreach_mul(weights, factors);
  at::_foreach_add_(sum, gradients);
  return sum;
}

// Calls body(scalar* weight, const scalar* gradient, index) for each tensor, gradients contiguous.
template <typename Body>
void each(Tensors& weights, const Tensors& gradients, Body body) {
  for (size_t i = 0; i < weights.size(); ++i) {
    TORCH_CHECK(weights[i].is_contiguous(), "weights are contiguous");
    const auto gradient = gradients[i].contiguous();
    AT_DISPATCH_FLOATING_TYPES(weights[i].scalar_type(), "optimizer step", [&] {
      body(weights[i].data_ptr<scalar_t>(), gradient.const_data_ptr<scalar_t>(), i);
    });
  }
}

}  // namespace

extern "C" {

void tb_free(char* text) { free(text); }

// One step of Adam (Kingma and Ba 2015, in PyTorch's form); step counts from 1; decay[i] * weight
// is added to the i-th gradient first. `loops` takes the loops above, for weights on the CPU; else
// libtorch's kernels for lists of tensors are taken, on any device.
char* tb_adam(at::Tensor** w, at::Tensor** g, at::Tensor** m, at::Tensor** v, const double* decay,
              size_t count, bool loops, int64_t step, double lr, double beta1, double beta2,
              double eps) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    auto weights = gather(w, count), gradients = gather(g, count);
    auto first = gather(m, count), second = gather(v, count);
    const double correction1 = 1 - std::pow(beta1, step), correction2 = 1 - std::pow(beta2, step);
    if (loops) {
      const Adam rule{beta1, beta2, eps, lr / correction1, std::sqrt(correction2)};
      each(weights, gradients, [&](auto* weight, auto* gradient, size_t i) {
        using scalar = std::remove_pointer_t<decltype(weight)>;
        adam_loop(weight, gradient, first[i].data_ptr<scalar>(), second[i].data_ptr<scalar>(),
                  weights[i].numel(), static_cast<scalar>(decay[i]), rule);
      });
    } else {
      auto whole = decayed(weights, gradients, decay);
      at::_foreach_lerp_(first, whole, 1 - beta1);
      at::_foreach_mul_(second, beta2);
      at::_foreach_addcmul_(second, whole, whole, 1 - beta2);
      auto denominator = at::_foreach_sqrt(second);
      at::_foreach_div_(denominator, std::sqrt(correction2));
      at::_foreach_add_(denominator, eps);
      at::_foreach_addcdiv_(weights, first, denominator, -lr / correction1);
    }
  });
}

// One step of RMSprop (Tieleman and Hinton 2012): over sqrt(v + within) + beside, of which PyTorch
// has the one and Keras the other.
char* tb_rmsprop(at::Tensor** w, at::Tensor** g, at::Tensor** v, const double* decay, size_t count,
                 bool loops, double lr, double alpha, double within, double beside) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    auto weights = gather(w, count), gradients = gather(g, count), squares = gather(v, count);
    if (loops) {
      each(weights, gradients, [&](auto* weight, auto* gradient, size_t i) {
        using scalar = std::remove_pointer_t<decltype(weight)>;
        rmsprop_loop(weight, gradient, squares[i].data_ptr<scalar>(), weights[i].numel(),
                     static_cast<scalar>(decay[i]), lr, alpha, within, beside);
      });
    } else {
      auto whole = decayed(weights, gradients, decay);
      at::_foreach_mul_(squares, alpha);
      at::_foreach_addcmul_(squares, whole, whole, 1 - alpha);
      auto denominator = at::_foreach_add(squares, within);
      at::_foreach_sqrt_(denominator);
      at::_foreach_add_(denominator, beside);
      at::_foreach_addcdiv_(weights, whole, denominator, -lr);
    }
  });
}

// One step of SGD; without momentum, `buffers` is not read and may be null. With `rate_within`, as in
// Keras, it sums gradients times the rates of their steps, else, as in PyTorch, gradients alone.
char* tb_sgd(at::Tensor** w, at::Tensor** g, at::Tensor** b, const double* decay, size_t count,
             bool loops, double lr, double momentum, bool nesterov, bool rate_within) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    auto weights = gather(w, count), gradients = gather(g, count);
    if (loops && momentum == 0) {
      each(weights, gradients, [&](auto* weight, auto* gradient, size_t i) {
        using scalar = std::remove_pointer_t<decltype(weight)>;
        plain_sgd_loop(weight, gradient, weights[i].numel(), static_cast<scalar>(decay[i]), lr);
      });
      return;
    }
    auto buffers = momentum == 0 ? Tensors() : gather(b, count);
    const Rate rate = rate_within ? Rate{lr, 1} : Rate{1, lr};
    if (loops) {
      each(weights, gradients, [&](auto* weight, auto* gradient, size_t i) {
        using scalar = std::remove_pointer_t<decltype(weight)>;
        sgd_loop(weight, gradient, buffers[i].data_ptr<scalar>(), weights[i].numel(),
                 static_cast<scalar>(decay[i]), rate, momentum, nesterov);
      });
      return;
    }
    auto whole = decayed(weights, gradients, decay);
    if (momentum != 0) {
      at::_foreach_mul_(buffers, momentum);
      at::_foreach_add_(buffers, whole, rate.within);
      if (nesterov) {
        at::_foreach_add_(weights, whole, -lr);
        at::_foreach_add_(weights, buffers, -rate.beside * momentum);
      } else {
        at::_foreach_add_(weights, buffers, -rate.beside);
      }
    } else {
      at::_foreach_add_(weights, whole, -lr);
    }
  });
}

// Threads, whose kernels (see portable.cpp), and deterministic ones only: an operation that has none
// is an error.
char* tb_configure(int threads, bool portable) {
  return guarded([&] {
    at::set_num_threads(portable ? 1 : threads);
    portable::configure(portable ? threads : 0);
    auto& context = at::globalContext();
    // Gradients that vanish end in denormal numbers, with which processors compute many times slower.
    context.setFlushDenormal(portable);
    context.setDeterministicAlgorithms(true, /*warn_only=*/false);
    context.setDeterministicFillUninitializedMemory(false);
    context.setDeterministicCuDNN(true);
    context.setBenchmarkCuDNN(false);
    context.setAllowTF32CuDNN(false);
    context.setAllowTF32CuBLAS(false);
  });
}

// Seeds the generators of all devices, CUDA's included where it is loaded.
char* tb_seed(uint64_t seed) {
  return guarded([&] { at::manual_seed(seed); });
}

// The folder of the libtorch in this process, or nothing; valid for the process's life.
const char* tb_folder() {
  static const std::string folder = [] {
    Dl_info info{};
    const bool found = dladdr(reinterpret_cast<void*>(&at::globalContext), &info) && info.dli_fname;
    const std::string path = found ? info.dli_fname : "";
    return path.substr(0, path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
  }();
  return folder.c_str();
}

// libtorch's version, or the kernels' instruction set; valid for the process's life.
const char* tb_version() { return TORCH_VERSION; }
const char* tb_capability() {
  static const std::string capability = at::get_cpu_capability();
  return capability.c_str();
}

// The versions of CUDA and cuDNN; `versions` holds at least 256 bytes.
char* tb_cuda_versions(char* versions) {
  return guarded([&] {
    const auto& hooks = at::detail::getCUDAHooks();
    snprintf(versions, 256, "CUDA %ld, cuDNN %ld", hooks.versionCUDART(), hooks.versionRuntimeCuDNN());
  });
}

// Peak bytes that libtorch's caching allocator held on a CUDA device.
char* tb_device_peak_memory(int device, int64_t* bytes) {
  return guarded([&] {
    const auto stats = at::getDeviceAllocator(at::kCUDA)->getDeviceStats(device);
    *bytes = stats.reserved_bytes[0].peak;
  });
}

// A timer of a CUDA device; the caller frees it with `tb_timer_free`.
char* tb_timer_new(int device, Timer** timer) {
  return guarded([&] { *timer = new Timer(device); });
}

char* tb_timer_begin(Timer* timer) {
  return guarded([&] { timer->first.record(timer->stream()); });
}

// Waits for all that was begun on the stream; the seconds on the device since `tb_timer_begin`.
char* tb_timer_end(Timer* timer, double* seconds) {
  return guarded([&] {
    timer->last.record(timer->stream());
    timer->last.synchronize();
    *seconds = timer->first.elapsedTime(timer->last) * 1e-3;
  });
}

void tb_timer_free(Timer* timer) { delete timer; }

}  // extern "C"
