// Matrix products whose bits depend on nothing but the operands.

#pragma once

#include <cstdint>

namespace gemm {

// The elements of a matrix: `data[i * row + j * column]`.
struct View {
  const float* data;
  int64_t row, column;

  View from(int64_t i, int64_t j) const { return {data + i * row + j * column, row, column}; }
};

// C = A B, or C += A B, for A (m, k), B (k, n) and C (m, n), `stride` values from row to row, on
// `threads` threads. Every element is the sum, in order of k, of runs of at most 256 products; a
// run is a chain of fused multiply-adds that begins at 0. Neither the instruction set nor the
// number of threads nor the place of an element in C changes that, so they change no bit.
void multiply(int64_t m, int64_t n, int64_t k, View a, View b, float* c, int64_t stride, bool add, int threads);

}  // namespace gemm
