// A strip of a matrix product, for one instruction set. gemm.cpp includes this once for each, in a
// namespace that says what a vector is: `Vector`, its `kLanes`, and load, store, broadcast, plus
// and fma. Registers hold a tile of C, `kTileRows` high and at most two vectors wide.

constexpr int64_t kWidth = 2 * kLanes;

// Lays k rows of B, `columns` wide, side by side, each filled up with zeros to `width`.
template <int64_t width>
void pack(View b, int64_t k, int64_t columns, float* panel) {
  if (b.column == 1 && columns == width) {
    for (int64_t p = 0; p < k; ++p) std::memcpy(panel + p * width, b.data + p * b.row, width * sizeof(float));
    return;
  }
  const int64_t done = b.row == 1 ? transpose(b.data, b.column, k, columns, panel, width) : 0;
  for (int64_t p = 0; p < k; ++p)
    for (int64_t j = p < done ? columns / 8 * 8 : 0; j < width; ++j)
      panel[p * width + j] = j < columns ? b.data[p * b.row + j * b.column] : 0.0f;
}

template <int rows, int vectors>
void tile(int64_t k, View a, const float* b, int64_t b_row, float* c, int64_t stride, int64_t columns, bool add) {
  Vector sum[rows][vectors];
  for (int i = 0; i < rows; ++i)
    for (int v = 0; v < vectors; ++v) sum[i][v] = broadcast(0);
  for (int64_t p = 0; p < k; ++p) {
    Vector right[vectors];
    for (int v = 0; v < vectors; ++v) right[v] = load(b + p * b_row + v * kLanes);
    for (int i = 0; i < rows; ++i) {
      const Vector left = broadcast(a.data[i * a.row + p * a.column]);
      for (int v = 0; v < vectors; ++v) sum[i][v] = fma(left, right[v], sum[i][v]);
    }
  }
  for (int i = 0; i < rows; ++i, c += stride) {
    if (columns == vectors * kLanes) {
      for (int v = 0; v < vectors; ++v) {
        float* at = c + v * kLanes;
        store(at, add ? plus(load(at), sum[i][v]) : sum[i][v]);
      }
    } else {
      float whole[vectors * kLanes];
      for (int v = 0; v < vectors; ++v) store(whole + v * kLanes, sum[i][v]);
      for (int64_t j = 0; j < columns; ++j) c[j] = add ? c[j] + whole[j] : whole[j];
    }
  }
}

// The last rows of a strip, fewer than a whole tile's.
template <int rows, int vectors>
void remainder(int64_t m, int64_t k, View a, const float* b, int64_t b_row, float* c, int64_t stride,
               int64_t columns, bool add) {
  if constexpr (rows > 0) {
    if (m == rows)
      tile<rows, vectors>(k, a, b, b_row, c, stride, columns, add);
    else
      remainder<rows - 1, vectors>(m, k, a, b, b_row, c, stride, columns, add);
  }
}

template <int vectors>
void strip_of(int64_t m, int64_t columns, int64_t k, View a, View b, float* c, int64_t stride, bool add) {
  constexpr int64_t width = vectors * kLanes;
  alignas(64) float panel[kRun * width];
  // Few rows do not pay for a copy.
  const bool in_place = b.column == 1 && columns == width && m <= 4 * kTileRows;
  for (int64_t from = 0; from < k; from += kRun, add = true) {
    const int64_t run = std::min(kRun, k - from);
    const View left = a.from(0, from), right = b.from(from, 0);
    if (!in_place) pack<width>(right, run, columns, panel);
    const float* values = in_place ? right.data : panel;
    const int64_t b_row = in_place ? b.row : width;
    int64_t i = 0;
    for (; i + kTileRows <= m; i += kTileRows)
      tile<kTileRows, vectors>(run, left.from(i, 0), values, b_row, c + i * stride, stride, columns, add);
    remainder<kTileRows - 1, vectors>(m - i, run, left.from(i, 0), values, b_row, c + i * stride, stride, columns, add);
  }
}

// `columns` (at most `kWidth`) columns of C.
void strip(int64_t m, int64_t columns, int64_t k, View a, View b, float* c, int64_t stride, bool add) {
  if (columns > kLanes)
    strip_of<2>(m, columns, k, a, b, c, stride, add);
  else
    strip_of<1>(m, columns, k, a, b, c, stride, add);
}
