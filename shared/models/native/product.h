// A matrix product whose every output is summed in one fixed order, whatever rides beside it.
//
// The matrix lies in panels of PANEL outputs, each in the order in which it is read; a word holds
// one float, or two bf16 of neighbouring inputs.
#pragma once
#include "vectors.h"

template <class Words>
struct Matrix {
  const void* panels;
  int outputs;
  int words;  // of an input row

  int num_panels() const { return (outputs + PANEL - 1) / PANEL; }
};

// Kept out of line: inside a larger function the sums are not all kept in registers.
template <class Words, int rows>
__attribute__((noinline)) static void tile(const Words* weights, int words, const uint32_t* x,
                                           Floats (*sums)[VECTORS]) {
  Floats sum[rows][VECTORS] = {};
  for (int word = 0; word < words; word++, weights += VECTORS)
    for (int row = 0; row < rows; row++) {
      const Words input = (Words)every_pair(x[row * words + word]);
      for (int v = 0; v < VECTORS; v++) sum[row][v] = dot(sum[row][v], weights[v], input);
    }
  memcpy(sums, sum, sizeof sum);
}

// Hands out(row, first output, sums of PANEL outputs) for x [rows, words].
template <class Words, class Out>
static void product(Team& team, Matrix<Words> matrix, const void* x, int rows, Out out) {
  // A panel is read by one thread for all rows, unless that would leave threads idle.
  const int enough = 4 * omp_get_num_threads(), words = matrix.words;
  const int block = matrix.num_panels() < enough ? 4 * ROWS : rows;
  const int blocks = (rows + block - 1) / block;
  team.share(matrix.num_panels() * blocks, [&](int item) {
    const int panel = item / blocks, end = std::min(rows, (item % blocks + 1) * block);
    const Words* weights = (const Words*)matrix.panels + (size_t)panel * words * VECTORS;
    Floats sums[ROWS][VECTORS];
    for (int row = item % blocks * block; row < end; row += ROWS) {
      const uint32_t* from = (const uint32_t*)x + (size_t)row * words;
      const int count = std::min(ROWS, end - row);
      switch (count) {
        case 1: tile<Words, 1>(weights, words, from, sums); break;
        case 2: tile<Words, 2>(weights, words, from, sums); break;
#if defined(__AVX512F__)
        case 3: tile<Words, 3>(weights, words, from, sums); break;
        case 4: tile<Words, 4>(weights, words, from, sums); break;
        case 5: tile<Words, 5>(weights, words, from, sums); break;
        case 6: tile<Words, 6>(weights, words, from, sums); break;
#endif
      }
      for (int r = 0; r < count; r++) out(row + r, panel * PANEL, (const float*)sums[r]);
    }
  });
}
