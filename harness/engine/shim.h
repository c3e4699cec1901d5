// What the shim's files share.

#pragma once

#include <c10/util/Exception.h>

#include <cstring>

// Loops compiled for several instruction sets. The shim is built with -ffp-contract=off, so every
// clone rounds every operation alike and gives the same bits.
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))

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
