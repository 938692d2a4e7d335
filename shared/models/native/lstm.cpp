// One step of an LSTM on the CPU, in float32: a product a layer, its gates closed where it ends.
//
// A panel of a layer's matrix holds the input, forget, cell and output gates of LANES units. A row
// is summed in one order, in any company.
#include <vector>

#include "gemm.h"

extern "C" {

struct LstmLayer {
  const float* weight;    // panels
  const float* bias;      // in their order; of the first layer, one for each token
  float *hidden, *cells;  // of all rows, [rows, units]
  int units;
};

struct Lstm {
  int layers, vocabulary;
  const float *head, *head_bias;  // panels
  const LstmLayer* layer;
};
}

static inline Floats hyperbolic_tangent(Floats x) { return 2.0f * sigmoid(x + x) - 1.0f; }

static void step(Team& team, const Lstm& lstm, const int64_t* rows, int count,
                 const int64_t* tokens, std::vector<float>& both, float* logits) {
  int width = 0;  // of what a layer reads: the first knows the token by its bias
  for (int l = 0; l < lstm.layers; l++) {
    const LstmLayer& layer = lstm.layer[l];
    const int units = layer.units, inputs = width + units;
    team.share(count, [&](int row) {
      if (l) memcpy(&both[row * inputs], lstm.layer[l - 1].hidden + rows[row] * width, 4 * width);
      memcpy(&both[row * inputs + width], layer.hidden + rows[row] * units, 4 * units);
    });
    product(team, Matrix<Exact>{layer.weight, 4 * units, inputs}, {both.data()}, count,
            [&](int row, int first, const float* sums) {
              const float* bias = layer.bias + first + (l ? 0 : tokens[row] * 4 * units);
              Floats gate[VECTORS];
              for (int v = 0; v < VECTORS; v++)
                gate[v] = load<Floats>(sums + v * LANES) + load<Floats>(bias + v * LANES);
              const size_t place = rows[row] * units + first / VECTORS;
              Floats cell = load<Floats>(layer.cells + place);
              cell = sigmoid(gate[1]) * cell + sigmoid(gate[0]) * hyperbolic_tangent(gate[2]);
              const Floats hidden = sigmoid(gate[3]) * hyperbolic_tangent(cell);
              memcpy(layer.cells + place, &cell, sizeof cell);
              memcpy(layer.hidden + place, &hidden, sizeof hidden);
            });
    width = units;
  }
  const float* last = lstm.layer[lstm.layers - 1].hidden;
  team.share(count, [&](int row) { memcpy(&both[row * width], last + rows[row] * width, 4 * width); });
  product(team, Matrix<Exact>{lstm.head, lstm.vocabulary, width}, {both.data()}, count,
          [&](int row, int first, const float* sums) {
            float* out = logits + (size_t)row * lstm.vocabulary + first;
            for (int i = 0, n = std::min(PANEL, lstm.vocabulary - first); i < n; i++)
              out[i] = sums[i] + lstm.head_bias[first + i];
          });
}

extern "C" {

int panel_outputs() { return PANEL; }

// Logits float32 [count, vocabulary] once each of `rows` has read its token.
void lstm_step(const Lstm* lstm, const int64_t* rows, int count, const int64_t* tokens, int threads,
               float* logits) {
  int most = 0, width = 0;
  for (int l = 0; l < lstm->layers; width = lstm->layer[l++].units)
    most = std::max(most, width + lstm->layer[l].units);
  static thread_local std::vector<float> kept;  // its pages are not asked for again at every step
  std::vector<float>& both = kept;
  both.resize((size_t)count * most);
  Team team;
#pragma omp parallel num_threads(threads)
  step(team, *lstm, rows, count, tokens, both, logits);
}
}
