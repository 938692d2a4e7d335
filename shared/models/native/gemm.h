// A matrix product whose every output is summed in one fixed order, whatever rides beside it.
//
// The matrix lies in panels of PANEL outputs, each in the order in which it is read; a word holds
// what an output takes from one input, or from a few neighbours.
#pragma once
#include "vectors.h"

// Numbers of 32 bits, as they are.
struct Exact {
  typedef Floats Words, Sums;
  static constexpr int HEADER = 0;  // vectors before a panel's first word
  static constexpr int RUN = 128;   // words that are added up by themselves: long sums round more

  struct Rows {
    const float* values;  // [rows, words]
  };
  static Sums begin(const Floats*, int) { return Floats{}; }
  static Floats value(Sums sum, const Floats*, int, Rows, int) { return sum; }
};

// Numbers of 8 bits, four to a word. A row is whole numbers from 1 to 255 around 128, times its
// scale; a panel begins with what takes the 128 off again, and with the scales of its outputs.
struct Rounded {
  typedef Quads Words;
  typedef Ints Sums;
  static constexpr int HEADER = 2 * VECTORS;
  static constexpr int RUN = 1 << 24;  // sums of whole numbers are exact

  struct Rows {
    const uint8_t* values;  // [rows, words, 4]
    const float* scales;
  };
  static Sums begin(const Quads* header, int v) { return (Ints)header[v]; }
  static Floats value(Sums sum, const Quads* header, int v, Rows x, int row) {
    return __builtin_convertvector(sum, Floats) * ((Floats)header[VECTORS + v] * x.scales[row]);
  }
};

template <class Numbers>
struct Matrix {
  const void* panels;
  int outputs;
  int words;  // of an input row

  int num_panels() const { return (outputs + PANEL - 1) / PANEL; }
  const typename Numbers::Words* panel(int number) const {
    const size_t size = Numbers::HEADER + (size_t)words * VECTORS;
    return (const typename Numbers::Words*)panels + number * size;
  }
};

// Kept out of line: inside a larger function the sums are not all kept in registers.
template <class Numbers, int rows>
__attribute__((noinline)) static void tile(const typename Numbers::Words* panel, int words,
                                           const uint32_t* x,
                                           typename Numbers::Sums (*sums)[VECTORS]) {
  for (int row = 0; row < rows; row++)
    for (int v = 0; v < VECTORS; v++) sums[row][v] = Numbers::begin(panel, v);
  const typename Numbers::Words* weights = panel + Numbers::HEADER;
  for (int word = 0, end = 0; word < words;) {
    typename Numbers::Sums sum[rows][VECTORS] = {};
    for (end = std::min(words, end + Numbers::RUN); word < end; word++, weights += VECTORS)
      for (int row = 0; row < rows; row++) {
        const auto input = (typename Numbers::Words)every_word(x[row * words + word]);
        for (int v = 0; v < VECTORS; v++) sum[row][v] = dot(sum[row][v], weights[v], input);
      }
    for (int row = 0; row < rows; row++)
      for (int v = 0; v < VECTORS; v++) sums[row][v] += sum[row][v];
  }
}

// Hands out(row, first output, PANEL outputs) for so many rows.
template <class Numbers, class Out>
static void product(Team& team, Matrix<Numbers> matrix, typename Numbers::Rows x, int rows,
                    Out out) {
  // A panel is read by one thread for all rows, unless that would leave threads idle.
  const int enough = 4 * omp_get_num_threads(), words = matrix.words;
  const int block = matrix.num_panels() < enough ? 4 * ROWS : rows;
  const int blocks = (rows + block - 1) / block;
  team.share(matrix.num_panels() * blocks, [&](int item) {
    const int panel = item / blocks, end = std::min(rows, (item % blocks + 1) * block);
    const auto* weights = matrix.panel(panel);
    typename Numbers::Sums sums[ROWS][VECTORS];
    for (int row = item % blocks * block; row < end; row += ROWS) {
      const uint32_t* from = (const uint32_t*)x.values + (size_t)row * words;
      const int count = std::min(ROWS, end - row);
      switch (count) {
        case 1: tile<Numbers, 1>(weights, words, from, sums); break;
        case 2: tile<Numbers, 2>(weights, words, from, sums); break;
#ifdef __AVX512VNNI__
        case 3: tile<Numbers, 3>(weights, words, from, sums); break;
        case 4: tile<Numbers, 4>(weights, words, from, sums); break;
        case 5: tile<Numbers, 5>(weights, words, from, sums); break;
        case 6: tile<Numbers, 6>(weights, words, from, sums); break;
#endif
      }
      for (int r = 0; r < count; r++) {
        Floats values[VECTORS];
        for (int v = 0; v < VECTORS; v++)
          values[v] = Numbers::value(sums[r][v], weights, v, x, row + r);
        out(row + r, panel * PANEL, (const float*)values);
      }
    }
  });
}
