// What tch does not give: an optimizer's step over lists of tensors, the switches that fix numerics, and
// facts about the device. A function that can fail returns null, or a message that the caller frees.

#include <ATen/Context.h>
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
#include <c10/util/Exception.h>
#include <torch/version.h>

#include <dlfcn.h>

#include <cmath>
#include <cstring>
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

// Runs body; null, or a message that the caller frees with `tb_free`.
template <typename Body>
char* guarded(Body body) {
  try {
    body();
    return nullptr;
  } catch (const c10::Error& error) {
    return strdup(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return strdup(error.what());
  }
}

}  // namespace

extern "C" {

void tb_free(char* text) { free(text); }

// One step of Adam (Kingma and Ba 2015, in PyTorch's form); step counts from 1; decay[i] * weight
// is added to the i-th gradient first.
char* tb_adam(at::Tensor** w, at::Tensor** g, at::Tensor** m, at::Tensor** v, const double* decay,
              size_t count, int64_t step, double lr, double beta1, double beta2, double eps) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    auto weights = gather(w, count), gradients = decayed(weights, gather(g, count), decay);
    auto first = gather(m, count), second = gather(v, count);
    const double correction1 = 1 - std::pow(beta1, step), correction2 = 1 - std::pow(beta2, step);
    at::_foreach_lerp_(first, gradients, 1 - beta1);
    at::_foreach_mul_(second, beta2);
    at::_foreach_addcmul_(second, gradients, gradients, 1 - beta2);
    auto denominator = at::_foreach_sqrt(second);
    at::_foreach_div_(denominator, std::sqrt(correction2));
    at::_foreach_add_(denominator, eps);
    at::_foreach_addcdiv_(weights, first, denominator, -lr / correction1);
  });
}

// One step of RMSprop (Tieleman and Hinton 2012): over sqrt(v + within) + beside, of which PyTorch
// has the one and Keras the other.
char* tb_rmsprop(at::Tensor** w, at::Tensor** g, at::Tensor** v, const double* decay, size_t count,
                 double lr, double alpha, double within, double beside) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    auto weights = gather(w, count), gradients = decayed(weights, gather(g, count), decay);
    auto squares = gather(v, count);
    at::_foreach_mul_(squares, alpha);
    at::_foreach_addcmul_(squares, gradients, gradients, 1 - alpha);
    auto denominator = at::_foreach_add(squares, within);
    at::_foreach_sqrt_(denominator);
    at::_foreach_add_(denominator, beside);
    at::_foreach_addcdiv_(weights, gradients, denominator, -lr);
  });
}

// One step of SGD; without momentum, `buffers` is not read and may be null. With `rate_within`, as in
// Keras, it sums gradients times the rates of their steps, else, as in PyTorch, gradients alone.
char* tb_sgd(at::Tensor** w, at::Tensor** g, at::Tensor** b, const double* decay, size_t count,
             double lr, double momentum, bool nesterov, bool rate_within) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    auto weights = gather(w, count), gradients = decayed(weights, gather(g, count), decay);
    if (momentum == 0) {
      at::_foreach_add_(weights, gradients, -lr);
      return;
    }
    auto buffers = gather(b, count);
    const double within = rate_within ? lr : 1, beside = rate_within ? 1 : lr;
    at::_foreach_mul_(buffers, momentum);
    at::_foreach_add_(buffers, gradients, within);
    if (nesterov) {
      at::_foreach_add_(weights, gradients, -lr);
      at::_foreach_add_(weights, buffers, -beside * momentum);
    } else {
      at::_foreach_add_(weights, buffers, -beside);
    }
  });
}

// Threads, whether denormal numbers count as 0, and deterministic kernels only: an operation that has
// none is an error.
char* tb_configure(int threads, bool flush_denormal) {
  return guarded([&] {
    at::set_num_threads(threads);
    auto& context = at::globalContext();
    context.setFlushDenormal(flush_denormal);
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
