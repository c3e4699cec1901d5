// The kernels that `portable` puts in libtorch's place.

#pragma once

namespace portable {

// Puts them there, on `threads` threads; 0 gives libtorch's own back. CPU only.
void configure(int threads);

// As configured.
int threads();

}  // namespace portable
