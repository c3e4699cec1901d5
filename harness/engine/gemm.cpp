// Matrix products for `portable`. MKL, which libtorch calls, chooses other kernels on other makers'
// processors and on other numbers of threads.

#include "gemm.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gemm {
namespace {

// Products in a run: part of the result's definition.
constexpr int64_t kRun = 256;
// Fewer products than this are not worth waking a thread for.
constexpr int64_t kWorthSharing = 1 << 19;

namespace plain {

using Vector = float;
constexpr int64_t kLanes = 1;
constexpr int kTileRows = 4;
Vector load(const float* from) { return *from; }
void store(float* to, Vector v) { *to = v; }
Vector broadcast(float value) { return value; }
Vector plus(Vector a, Vector b) { return a + b; }
Vector fma(Vector a, Vector b, Vector c) { return std::fma(a, b, c); }
int64_t transpose(const float*, int64_t, int64_t, int64_t, float*, int64_t) { return 0; }

#include "gemm_tiles.h"

}  // namespace plain

#if defined(__x86_64__)

#pragma GCC push_options
#pragma GCC target("avx2,fma")

// `columns` runs of k values, `stride` apart, into k rows `width` apart, as far as blocks of eight
// by eight reach; returns how many rows were written so.
int64_t transpose(const float* from, int64_t stride, int64_t k, int64_t columns, float* to, int64_t width) {
  for (int64_t p = 0; p + 8 <= k; p += 8)
    for (int64_t j = 0; j + 8 <= columns; j += 8) {
      __m256 in[8], pair[8], quad[8];
      for (int i = 0; i < 8; ++i) in[i] = _mm256_loadu_ps(from + (j + i) * stride + p);
      for (int i = 0; i < 8; i += 2) {
        pair[i] = _mm256_unpacklo_ps(in[i], in[i + 1]);
        pair[i + 1] = _mm256_unpackhi_ps(in[i], in[i + 1]);
      }
      for (int i = 0; i < 8; i += 4)
        for (int half = 0; half < 2; ++half) {
          quad[i + 2 * half] = _mm256_shuffle_ps(pair[i + half], pair[i + 2 + half], 0x44);
          quad[i + 2 * half + 1] = _mm256_shuffle_ps(pair[i + half], pair[i + 2 + half], 0xee);
        }
      for (int i = 0; i < 4; ++i) {
        _mm256_storeu_ps(to + (p + i) * width + j, _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x20));
        _mm256_storeu_ps(to + (p + i + 4) * width + j, _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x31));
      }
    }
  return k / 8 * 8;
}

namespace avx2 {

using Vector = __m256;
constexpr int64_t kLanes = 8;
constexpr int kTileRows = 6;
Vector load(const float* from) { return _mm256_loadu_ps(from); }
void store(float* to, Vector v) { _mm256_storeu_ps(to, v); }
Vector broadcast(float value) { return _mm256_set1_ps(value); }
Vector plus(Vector a, Vector b) { return _mm256_add_ps(a, b); }
Vector fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }

#include "gemm_tiles.h"

}  // namespace avx2

#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f,avx2,fma")

namespace avx512 {

using Vector = __m512;
constexpr int64_t kLanes = 16;
constexpr int kTileRows = 8;
Vector load(const float* from) { return _mm512_loadu_ps(from); }
void store(float* to, Vector v) { _mm512_storeu_ps(to, v); }
Vector broadcast(float value) { return _mm512_set1_ps(value); }
Vector plus(Vector a, Vector b) { return _mm512_add_ps(a, b); }
Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }

#include "gemm_tiles.h"

}  // namespace avx512

#pragma GCC pop_options

#endif

// The widest kernel that this processor has, and its strips' width.
struct Kernel {
  decltype(plain::strip)* strip = plain::strip;
  int64_t width = plain::kWidth;

  Kernel() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
      strip = avx512::strip, width = avx512::kWidth;
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      strip = avx2::strip, width = avx2::kWidth;
#endif
  }
};

}  // namespace

void multiply(int64_t m, int64_t n, int64_t k, View a, View b, float* c, int64_t stride, bool add, int threads) {
  static const Kernel kernel;
  if (k == 0 && !add)
    for (int64_t i = 0; i < m; ++i) std::fill_n(c + i * stride, n, 0.0f);
  const bool shared = threads > 1 && m * n * k >= kWorthSharing;
  const int64_t across = (n + kernel.width - 1) / kernel.width;
  // Strips are cut only where there are too few of them to go round.
  const int64_t down = shared && across < 2 * threads ? std::min<int64_t>(threads, m) : 1;
  const int64_t height = (m + down - 1) / down;
#pragma omp parallel for num_threads(threads) if (shared) schedule(static)
  for (int64_t task = 0; task < across * down; ++task) {
    const int64_t i = task % down * height, j = task / down * kernel.width;
    if (i < m)
      kernel.strip(std::min(height, m - i), std::min(kernel.width, n - j), k, a.from(i, 0), b.from(0, j),
                   c + i * stride + j, stride, add);
  }
}

}  // namespace gemm
