// Samples the next token of every row: temperature, top-k, top-p, min-p, then the maximum of score
// plus Gumbel noise, which is a hash of seed, position and token. In float64, as on torch.
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

extern "C" {

struct SamplingParams {
  const int64_t* seed;
  const double* temperature;
  const int64_t* top_k;
  const double *top_p, *log_min_p;
};
}

// Output number `index` of SplitMix64 seeded with `state`.
static uint64_t splitmix64(uint64_t state, uint64_t index) {
  uint64_t mixed = state + (index + 1) * 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
  return mixed ^ mixed >> 31;
}

static double gumbel_noise(uint64_t stream, int token) {
  const double uniform = ((splitmix64(stream, token) >> 12) + 0.5) * 0x1p-52;
  return -std::log(-std::log(uniform));
}

// The score of the least likely token kept by top-k and top-p.
static double least_kept(const std::vector<double>& scores, int64_t top_k, double top_p) {
  std::vector<double> ranked = scores;
  size_t num_kept = top_k > 0 ? std::min<size_t>(top_k, ranked.size()) : ranked.size();
  std::partial_sort(ranked.begin(), ranked.begin() + num_kept, ranked.end(),
                    std::greater<double>());
  if (top_p < 1) {
    double total = 0, before = 0;
    for (size_t i = 0; i < num_kept; i++) total += std::exp(ranked[i] - ranked[0]);
    size_t rank = 0;
    while (rank < num_kept && before < top_p)
      before += std::exp(ranked[rank++] - ranked[0]) / total;
    num_kept = std::max<size_t>(rank, 1);
  }
  return ranked[num_kept - 1];
}

static int64_t sample_row(const float* logits, int vocab_size, const SamplingParams& params,
                          int row, int64_t position) {
  const double temperature = params.temperature[row];
  if (temperature == 0) return std::max_element(logits, logits + vocab_size) - logits;
  static thread_local std::vector<double> scores;
  scores.resize(vocab_size);
  double highest = -INFINITY;
  for (int i = 0; i < vocab_size; i++)
    highest = std::max(highest, scores[i] = double(logits[i]) / temperature);
  double least = highest + params.log_min_p[row];
  if (params.top_k[row] > 0 || params.top_p[row] < 1)
    least = std::max(least, least_kept(scores, params.top_k[row], params.top_p[row]));
  const uint64_t stream = splitmix64(splitmix64(params.seed[row], 0), position);
  int best = 0;
  double best_score = -INFINITY;
  for (int i = 0; i < vocab_size; i++) {
    if (scores[i] < least || scores[i] == -INFINITY) continue;
    const double score = scores[i] + gumbel_noise(stream, i);
    if (score > best_score) best_score = score, best = i;
  }
  return best;
}

// Tokens int64 [rows] from logits float32 [rows, vocab_size] and positions int64 [rows].
extern "C" void sample(const float* logits, int rows, int vocab_size, const SamplingParams* params,
                       const int64_t* positions, int threads, int64_t* tokens) {
#pragma omp parallel for num_threads(std::min(threads, rows)) schedule(dynamic, 4) if (rows > 8)
  for (int row = 0; row < rows; row++)
    tokens[row] =
        sample_row(logits + (size_t)row * vocab_size, vocab_size, *params, row, positions[row]);
}
