// One step of a LLaMA-style decoder on the CPU: bf16 weights and cache, float32 sums and residual.
//
// Every token is a row of its own, with its sequence's slot in the cache and its place in it. A row
// sees nothing but its sequence, and everything in it is summed in an order that depends on its
// position alone: its bits are the same in any company. Rows of one sequence may come together, as
// in a prompt: all keys and values are written before any is read.
//
// The cache is [slot][layer][head][keys, values]: keys as [position / LANES][pair of dims]
// [position % LANES], values as [position / 2][dim][position % 2], the orders in which they are read.
#include <vector>

#include "product.h"

extern "C" {

struct Layer {
  const float *attention_norm, *feed_norm;
  const void *qkv, *out, *gate_up, *down;  // panels
};

struct Decoder {
  int layers, heads, head_dim, d_model, d_ff, vocabulary, context;
  float norm_eps;
  const float *embedding, *final_norm;
  const float *cosines, *sines;  // [context, head_dim], halves alike
  const void* head;              // panels
  const Layer* layer;
};

struct Rows {
  int count;
  const int64_t *slots, *tokens, *positions;
};
}

constexpr int MAX_HEAD_DIM = 256;

struct Workspace {
  std::vector<float> x, qkv;
  std::vector<bf16> normed, attended, gated;

  void fit(const Decoder& d, int rows) {
    x.resize(rows * d.d_model);
    qkv.resize(rows * 3 * d.d_model);
    normed.resize(rows * d.d_model);
    attended.resize(rows * d.d_model);
    gated.resize(rows * d.d_ff);
  }
};

static Matrix<Pairs> matrix(const void* panels, int outputs, int inputs) {
  return {panels, outputs, inputs / 2};
}

static void rms_norm(const float* x, const float* weight, float eps, int width, bf16* out) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int i = 0; i < width; i++) sum += x[i] * x[i];
  const float scale = 1 / std::sqrt(sum / width + eps);
  for (int i = 0; i < width; i++) out[i] = narrow(x[i] * scale * weight[i]);
}

// A head's query and key turned to their place; the query is scaled besides.
static void rotate(const float* x, const float* cosine, const float* sine, int dims, float scale,
                   float* out) {
  for (int i = 0, half = dims / 2; i < half; i++) {
    const float left = x[i], right = x[i + half];
    out[i] = (left * cosine[i] - right * sine[i]) * scale;
    out[i + half] = (right * cosine[i] + left * sine[i]) * scale;
  }
}

static void remember(const float* key, const float* value, int position, int dims, bf16* keys,
                     bf16* values) {
  uint32_t* block = (uint32_t*)keys + (size_t)(position / LANES) * LANES * dims / 2;
  for (int p = 0; p < dims / 2; p++)
    block[p * LANES + position % LANES] = pair(key[2 * p], key[2 * p + 1]);
  bf16* row = values + (size_t)(position / 2) * 2 * dims + position % 2;
  for (int i = 0; i < dims; i++) row[2 * i] = narrow(value[i]);
}

// Shares of `length` positions, before they are divided by the sum that is returned.
static float weigh(const uint32_t* query, const bf16* keys, int length, int dims, float* scores,
                   bf16* shares) {
  const int blocks = (length + LANES - 1) / LANES;
  Floats most = every(-INFINITY), sum = {};
  for (int block = 0; block < blocks; block++) {
    const Pairs* key = (const Pairs*)keys + (size_t)block * dims / 2;
    Floats part[4] = {};
    for (int p = 0; p < dims / 2; p += 4)
      for (int q = 0; q < 4; q++) part[q] = dot(part[q], key[p + q], every_pair(query[p + q]));
    Floats score = (part[0] + part[1]) + (part[2] + part[3]);
    for (int lane = length - block * LANES; lane < LANES; lane++) score[lane] = -INFINITY;
    most = score > most ? score : most;
    memcpy(scores + block * LANES, &score, sizeof score);
  }
  const Floats top = every(largest(most));
  for (int block = 0; block < blocks; block++) {
    Floats share = exponential(load<Floats>(scores + block * LANES) - top);
    for (int lane = length - block * LANES; lane < LANES; lane++) share[lane] = 0;
    sum += share;
    store_narrow(share, shares + block * LANES);
  }
  return total(sum);
}

template <int vectors>
static void mix(const bf16* shares, const bf16* values, int length, int dims, float scale,
                bf16* out) {
  Floats sums[vectors] = {};
  for (int p = 0; p < (length + 1) / 2; p++) {
    const Pairs share = every_pair(((const uint32_t*)shares)[p]);
    const Pairs* value = (const Pairs*)(values + (size_t)p * 2 * dims);
    for (int v = 0; v < vectors; v++) sums[v] = dot(sums[v], value[v], share);
  }
  for (int v = 0; v < vectors; v++) store_narrow(sums[v] * scale, out + v * LANES);
}

static void attend(const float* query, const bf16* keys, const bf16* values, int length, int dims,
                   bf16* out) {
  const int padded = (length + LANES - 1) / LANES * LANES;
  static thread_local std::vector<float> scores;
  static thread_local std::vector<bf16> shares;
  scores.resize(padded);
  shares.resize(padded);
  uint32_t pairs[MAX_HEAD_DIM / 2];
  for (int p = 0; p < dims / 2; p++) pairs[p] = pair(query[2 * p], query[2 * p + 1]);
  const float scale = 1 / weigh(pairs, keys, length, dims, scores.data(), shares.data());
  for (int i = 0; i < dims;) {
    const bf16* from = values + 2 * i;
    if (dims - i >= 4 * LANES) {
      mix<4>(shares.data(), from, length, dims, scale, out + i);
      i += 4 * LANES;
    } else {
      mix<1>(shares.data(), from, length, dims, scale, out + i);
      i += LANES;
    }
  }
}

static void step(Team& team, const Decoder& d, bf16* cache, const Rows& rows, Workspace& w,
                 float* logits) {
  const int width = d.d_model, dims = d.head_dim, count = rows.count;
  const size_t block = (size_t)d.context * dims;  // keys of a head
  auto keys = [&](int row, int layer, int head) {
    return cache + ((rows.slots[row] * d.layers + layer) * d.heads + head) * 2 * block;
  };
  auto norm = [&](const float* weight) {
    team.share(count, [&](int row) {
      rms_norm(&w.x[row * width], weight, d.norm_eps, width, &w.normed[row * width]);
    });
  };
  auto add = [&](int row, int first, const float* sums) {
    float* x = &w.x[row * width + first];
    for (int i = 0, n = std::min(PANEL, width - first); i < n; i++) x[i] += sums[i];
  };

  team.share(count, [&](int row) {
    memcpy(&w.x[row * width], d.embedding + rows.tokens[row] * width, 4 * width);
  });
  for (int l = 0; l < d.layers; l++) {
    const Layer& layer = d.layer[l];
    norm(layer.attention_norm);
    product(team, matrix(layer.qkv, 3 * width, width), w.normed.data(), count,
            [&](int row, int first, const float* sums) {
              const int n = std::min(PANEL, 3 * width - first);
              memcpy(&w.qkv[row * 3 * width + first], sums, 4 * n);
            });
    team.share(count * d.heads, [&](int item) {
      const int row = item / d.heads, head = item % d.heads;
      const int64_t at = rows.positions[row];
      const float *cosine = d.cosines + at * dims, *sine = d.sines + at * dims;
      float *query = &w.qkv[row * 3 * width + head * dims], *key = query + width, turned[MAX_HEAD_DIM];
      rotate(query, cosine, sine, dims, 1 / std::sqrt((float)dims), turned);
      memcpy(query, turned, 4 * dims);
      rotate(key, cosine, sine, dims, 1, turned);
      bf16* head_keys = keys(row, l, head);
      remember(turned, key + width, at, dims, head_keys, head_keys + block);
    });
    team.share(count * d.heads, [&](int item) {
      const int row = item / d.heads, head = item % d.heads;
      const bf16* head_keys = keys(row, l, head);
      attend(&w.qkv[row * 3 * width + head * dims], head_keys, head_keys + block,
             rows.positions[row] + 1, dims, &w.attended[row * width + head * dims]);
    });
    product(team, matrix(layer.out, width, width), w.attended.data(), count, add);
    norm(layer.feed_norm);
    product(team, matrix(layer.gate_up, 2 * d.d_ff, width), w.normed.data(), count,
            [&](int row, int first, const float* sums) {  // half a panel of gates, then of ups
              bf16* out = &w.gated[row * d.d_ff + first / 2];
              for (int i = 0; i < PANEL / 2; i += LANES) {
                const Floats gate = load<Floats>(sums + i), up = load<Floats>(sums + PANEL / 2 + i);
                store_narrow(gate * sigmoid(gate) * up, out + i);
              }
            });
    product(team, matrix(layer.down, width, d.d_ff), w.gated.data(), count, add);
  }
  norm(d.final_norm);
  product(team, matrix(d.head, d.vocabulary, width), w.normed.data(), count,
          [&](int row, int first, const float* sums) {
            const int n = std::min(PANEL, d.vocabulary - first);
            memcpy(logits + (size_t)row * d.vocabulary + first, sums, 4 * n);
          });
}

extern "C" {

// Logits float32 [count, vocabulary] of what follows each row.
void decoder_step(const Decoder* decoder, bf16* cache, const Rows* rows, int threads,
                  float* logits) {
  static thread_local Workspace kept;  // its pages are not asked for again at every step
  Workspace& workspace = kept;
  workspace.fit(*decoder, rows->count);
  Team team;
#pragma omp parallel num_threads(threads)
  step(team, *decoder, cache, *rows, workspace, logits);
}
}
