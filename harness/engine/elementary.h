// The exponential, and what is made of it, in IEEE operations only: every machine gives the same bits.

#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#define INLINE inline __attribute__((always_inline))

// x = n ln 2 + r with r in [-ln 2 / 2, ln 2 / 2]; exp x is the Taylor series of exp r to r^7 (relative error 6e-9), times 2^n.
INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
  const float shifted = x * 1.44269504f + 12582912.0f;  // rounds to an integer in the low bits
  const float n = shifted - 12582912.0f;
  const float r = (x - n * 0.693145752f) - n * 1.42860677e-6f;  // ln 2 in two parts
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  int32_t bits;
  memcpy(&bits, &shifted, 4);
  bits = (bits - 0x4b400000 + 127) << 23;
  float scale;
  memcpy(&scale, &bits, 4);
  return p * scale;
}

INLINE float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

// Near 0 the Taylor series to x^9 (relative error 5e-8), else 1 - 2 / (exp 2|x| + 1).
INLINE float hyperbolic(float x) {
  const float a = x < 0 ? -x : x, s = x * x;
  const float far = 1.0f - 2.0f / (exponential(2.0f * a) + 1.0f);
  const float near = a * (1.0f + s * (-1.0f / 3 + s * (2.0f / 15 + s * (-17.0f / 315 + s * (62.0f / 2835)))));
  const float y = a < 0.3f ? near : far;
  return x < 0 ? -y : y;
}

// In double precision the system's, for tests. They stand here so that no overload hides another.
INLINE double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
INLINE double hyperbolic(double x) { return std::tanh(x); }
