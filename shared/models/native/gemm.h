// Matrix product in which the order of summation of an output does not depend on the other rows.
//
// The matrix is packed into panels of PANEL outputs, in the order in which they are read. A word
// holds an output's weight of one input (float32) or of four adjacent inputs (int8).
#pragma once
#include "vectors.h"

// float32 weights and inputs.
struct Float32 {
  typedef Floats Words, Sums;
  static constexpr int HEADER_VECTORS = 0;  // before a panel's first word
  static constexpr int PARTIAL_SUM = 128;   // words summed separately: long sums round more

  struct Inputs {
    const float* values;  // [rows, words]
  };
  static Sums initial_sum(const Floats*, int) { return Floats{}; }
  static Floats to_float(Sums sum, const Floats*, int, Inputs, int) { return sum; }
};

// int8 weights, four to a word, and uint8 inputs: integers from 1 to 255 with zero point 128, and a
// scale for each row. The header of a panel has the initial sums, which subtract the zero point,
// and the scales of the outputs.
struct Int8 {
  typedef Quads Words;
  typedef Ints Sums;
  static constexpr int HEADER_VECTORS = 2 * TILE_VECTORS;
  static constexpr int PARTIAL_SUM = 1 << 24;  // integer sums are exact

  struct Inputs {
    const uint8_t* values;  // [rows, words, 4]
    const float* scales;
  };
  static Sums initial_sum(const Quads* header, int v) { return (Ints)header[v]; }
  static Floats to_float(Sums sum, const Quads* header, int v, Inputs x, int row) {
    return __builtin_convertvector(sum, Floats) *
           ((Floats)header[TILE_VECTORS + v] * x.scales[row]);
  }
};

template <class Format>
struct Matrix {
  const void* panels;
  int outputs;
  int words;  // of an input row

  int num_panels() const { return (outputs + PANEL - 1) / PANEL; }
  const typename Format::Words* panel(int number) const {
    const size_t size = Format::HEADER_VECTORS + (size_t)words * TILE_VECTORS;
    return (const typename Format::Words*)panels + number * size;
  }
};

// Not inlined: inside a larger function the sums would not all be kept in registers.
template <class Format, int rows>
__attribute__((noinline)) static void compute_tile(const typename Format::Words* panel, int words,
                                                   const uint32_t* x,
                                                   typename Format::Sums (*sums)[TILE_VECTORS]) {
  for (int row = 0; row < rows; row++)
    for (int v = 0; v < TILE_VECTORS; v++) sums[row][v] = Format::initial_sum(panel, v);
  const typename Format::Words* weights = panel + Format::HEADER_VECTORS;
  for (int word = 0, end = 0; word < words;) {
    typename Format::Sums sum[rows][TILE_VECTORS] = {};
    for (end = std::min(words, end + Format::PARTIAL_SUM); word < end;
         word++, weights += TILE_VECTORS)
      for (int row = 0; row < rows; row++) {
        const auto input = (typename Format::Words)broadcast_word(x[row * words + word]);
        for (int v = 0; v < TILE_VECTORS; v++) sum[row][v] = dot(sum[row][v], weights[v], input);
      }
    for (int row = 0; row < rows; row++)
      for (int v = 0; v < TILE_VECTORS; v++) sums[row][v] += sum[row][v];
  }
}

// Multiplies `rows` input rows and calls out(row, first output, PANEL outputs) for each panel.
template <class Format, class Out>
static void gemm(Team& team, Matrix<Format> matrix, typename Format::Inputs x, int rows, Out out) {
  // One thread reads a panel for all rows, unless that would leave threads idle.
  const int enough = 4 * omp_get_num_threads(), words = matrix.words;
  const int block = matrix.num_panels() < enough ? 4 * TILE_ROWS : rows;
  const int blocks = (rows + block - 1) / block;
  team.parallel_for(matrix.num_panels() * blocks, [&](int item) {
    const int panel = item / blocks, end = std::min(rows, (item % blocks + 1) * block);
    const auto* weights = matrix.panel(panel);
    typename Format::Sums sums[TILE_ROWS][TILE_VECTORS];
    for (int row = item % blocks * block; row < end; row += TILE_ROWS) {
      const uint32_t* from = (const uint32_t*)x.values + (size_t)row * words;
      const int count = std::min(TILE_ROWS, end - row);
      switch (count) {
        case 1: compute_tile<Format, 1>(weights, words, from, sums); break;
        case 2: compute_tile<Format, 2>(weights, words, from, sums); break;
#ifdef __AVX512VNNI__
        case 3: compute_tile<Format, 3>(weights, words, from, sums); break;
        case 4: compute_tile<Format, 4>(weights, words, from, sums); break;
        case 5: compute_tile<Format, 5>(weights, words, from, sums); break;
        case 6: compute_tile<Format, 6>(weights, words, from, sums); break;
#endif
      }
      for (int r = 0; r < count; r++) {
        Floats values[TILE_VECTORS];
        for (int v = 0; v < TILE_VECTORS; v++)
          values[v] = Format::to_float(sums[r][v], weights, v, x, row + r);
        out(row + r, panel * PANEL, (const float*)values);
      }
    }
  });
}
