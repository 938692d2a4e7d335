// The next token of every row: temperature, top-k, top-p, min-p, then the largest of score plus
// Gumbel noise, which is a hash of seed, position and token. In float64, as on torch.
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

extern "C" {

struct Knobs {
  const int64_t* seed;
  const double* temperature;
  const int64_t* top_k;
  const double *top_p, *log_min_p;
};
}

// Output number `index` of SplitMix64 begun at `state`.
static uint64_t splitmix64(uint64_t state, uint64_t index) {
  uint64_t mixed = state + (index + 1) * 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
  return mixed ^ mixed >> 31;
}

static double gumbel(uint64_t stream, int token) {
  const double uniform = ((splitmix64(stream, token) >> 12) + 0.5) * 0x1p-52;
  return -std::log(-std::log(uniform));
}

// The score of the least likely token that top-k and top-p keep.
static double least_kept(const std::vector<double>& scores, int64_t top_k, double top_p) {
  std::vector<double> ranked = scores;
  size_t kept = top_k > 0 ? std::min<size_t>(top_k, ranked.size()) : ranked.size();
  std::partial_sort(ranked.begin(), ranked.begin() + kept, ranked.end(), std::greater<double>());
  if (top_p < 1) {
    double total = 0, before = 0;
    for (size_t i = 0; i < kept; i++) total += std::exp(ranked[i] - ranked[0]);
    size_t rank = 0;
    while (rank < kept && before < top_p) before += std::exp(ranked[rank++] - ranked[0]) / total;
    kept = std::max<size_t>(rank, 1);
  }
  return ranked[kept - 1];
}

static int64_t draw(const float* logits, int vocabulary, const Knobs& knobs, int row,
                    int64_t position) {
  const double temperature = knobs.temperature[row];
  if (temperature == 0) return std::max_element(logits, logits + vocabulary) - logits;
  static thread_local std::vector<double> scores;
  scores.resize(vocabulary);
  double most = -INFINITY;
  for (int i = 0; i < vocabulary; i++)
    most = std::max(most, scores[i] = double(logits[i]) / temperature);
  double least = most + knobs.log_min_p[row];
  if (knobs.top_k[row] > 0 || knobs.top_p[row] < 1)
    least = std::max(least, least_kept(scores, knobs.top_k[row], knobs.top_p[row]));
  const uint64_t stream = splitmix64(splitmix64(knobs.seed[row], 0), position);
  int best = 0;
  double highest = -INFINITY;
  for (int i = 0; i < vocabulary; i++) {
    if (scores[i] < least || scores[i] == -INFINITY) continue;
    const double score = scores[i] + gumbel(stream, i);
    if (score > highest) highest = score, best = i;
  }
  return best;
}

// Tokens int64 [rows] from logits float32 [rows, vocabulary] and positions int64 [rows].
extern "C" void sample(const float* logits, int rows, int vocabulary, const Knobs* knobs,
                       const int64_t* positions, int threads, int64_t* tokens) {
#pragma omp parallel for num_threads(std::min(threads, rows)) schedule(dynamic, 4) if (rows > 8)
  for (int row = 0; row < rows; row++)
    tokens[row] = draw(logits + (size_t)row * vocabulary, vocabulary, *knobs, row, positions[row]);
}
