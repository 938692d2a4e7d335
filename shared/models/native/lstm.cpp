// One time step of an LSTM on the CPU, in float32: one matrix product for each layer; the gates are
// applied to each panel of outputs as it is computed.
//
// A panel of a layer's matrix has the input, forget, cell and output gates of LANES units. The
// order in which a row is summed does not depend on the other rows.
#include <vector>

#include "gemm.h"

extern "C" {

struct LstmLayer {
  const float* weight;    // panels
  const float* bias;      // in the order of the panels; in the first layer one for each token
  float *hidden, *cells;  // [slots, units]
  int units;
};

struct Lstm {
  int layers, vocab_size;
  const float *head, *head_bias;  // panels
  const LstmLayer* layer;
};
}

static inline Floats hyperbolic_tangent(Floats x) { return 2.0f * sigmoid(x + x) - 1.0f; }

static void step(Team& team, const Lstm& lstm, const int64_t* slots, int count,
                 const int64_t* tokens, std::vector<float>& inputs, float* logits) {
  int width = 0;  // of a layer's input; the first layer's bias includes its input
  for (int l = 0; l < lstm.layers; l++) {
    const LstmLayer& layer = lstm.layer[l];
    const int units = layer.units, num_inputs = width + units;
    team.parallel_for(count, [&](int row) {
      float* x = &inputs[row * num_inputs];
      if (l) memcpy(x, lstm.layer[l - 1].hidden + slots[row] * width, 4 * width);
      memcpy(x + width, layer.hidden + slots[row] * units, 4 * units);
    });
    const auto update = [&](int row, int first, const float* sums) {
      const float* bias = layer.bias + first + (l ? 0 : tokens[row] * 4 * units);
      Floats gate[TILE_VECTORS];
      for (int v = 0; v < TILE_VECTORS; v++)
        gate[v] = load<Floats>(sums + v * LANES) + load<Floats>(bias + v * LANES);
      const size_t unit = slots[row] * units + first / TILE_VECTORS;
      Floats cell = load<Floats>(layer.cells + unit);
      cell = sigmoid(gate[1]) * cell + sigmoid(gate[0]) * hyperbolic_tangent(gate[2]);
      const Floats hidden = sigmoid(gate[3]) * hyperbolic_tangent(cell);
      memcpy(layer.cells + unit, &cell, sizeof cell);
      memcpy(layer.hidden + unit, &hidden, sizeof hidden);
    };
    gemm(team, Matrix<Float32>{layer.weight, 4 * units, num_inputs}, {inputs.data()}, count,
         update);
    width = units;
  }
  const float* last = lstm.layer[lstm.layers - 1].hidden;
  team.parallel_for(count, [&](int row) {
    memcpy(&inputs[row * width], last + slots[row] * width, 4 * width);
  });
  const auto write = [&](int row, int first, const float* sums) {
    float* out = logits + (size_t)row * lstm.vocab_size + first;
    for (int i = 0, n = std::min(PANEL, lstm.vocab_size - first); i < n; i++)
      out[i] = sums[i] + lstm.head_bias[first + i];
  };
  gemm(team, Matrix<Float32>{lstm.head, lstm.vocab_size, width}, {inputs.data()}, count, write);
}

extern "C" {

int panel_outputs() { return PANEL; }

// Logits float32 [count, vocab_size] after each slot has processed its token.
void lstm_step(const Lstm* lstm, const int64_t* slots, int count, const int64_t* tokens,
               int threads, float* logits) {
  int max_inputs = 0, width = 0;
  for (int l = 0; l < lstm->layers; width = lstm->layer[l++].units)
    max_inputs = std::max(max_inputs, width + lstm->layer[l].units);
  static thread_local std::vector<float> buffer;  // kept, so that a step allocates no memory
  std::vector<float>& inputs = buffer;
  inputs.resize((size_t)count * max_inputs);
  Team team;
#pragma omp parallel num_threads(threads)
  step(team, *lstm, slots, count, tokens, inputs, logits);
}
}
