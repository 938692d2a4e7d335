// One step of a LLaMA-style decoder on the CPU: bf16 weights, a cache of 8 bits, float32 sums.
//
// Every token is a row of its own, with its sequence's slot in the cache and its place in it. A row
// sees nothing but its sequence, and everything in it is summed in an order that depends on its
// position alone: its bits are the same in any company. Rows of one sequence may come together, as
// in a prompt: all keys and values are written before any is read.
//
// The cache is [slot][layer][head], a `Memory` each: what costs most at many rows is to read it.
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

// What a head remembers of a sequence: numbers of 8 bits, a scale for each position.
struct Memory {
  int8_t *keys, *values;  // [position / LANES][dim][position % LANES] and [position][dim]
  float *key_scales, *value_scales;

  static size_t size(int context, int dims) { return 2 * context * (dims + sizeof(float)); }

  Memory(char* at, int context, int dims)
      : keys((int8_t*)at), values(keys + context * dims),
        key_scales((float*)(values + context * dims)), value_scales(key_scales + context) {}

  void write(const float* key, const float* value, int position, int dims) const {
    int8_t* column = keys + position / LANES * LANES * dims + position % LANES;
    key_scales[position] = round_to_bytes(key, dims, column, LANES);
    value_scales[position] = round_to_bytes(value, dims, values + position * dims, 1);
  }

 private:
  static float round_to_bytes(const float* from, int count, int8_t* to, int stride) {
    float most = 1e-30f;
    for (int i = 0; i < count; i++) most = std::max(most, std::fabs(from[i]));
    for (int i = 0; i < count; i++) to[i * stride] = (int8_t)std::rint(from[i] * (127 / most));
    return most / 127;
  }
};

// Shares of `length` positions, times the scales of their values; divided by the sum of the shares,
// which is returned, they make the mixture.
static float weigh(const float* query, const Memory& memory, int length, int dims, float* shares) {
  const int blocks = (length + LANES - 1) / LANES;
  Floats most = every(-INFINITY), sum = {};
  for (int block = 0; block < blocks; block++) {
    const int8_t* key = memory.keys + block * LANES * dims;
    Floats part[4] = {};
    for (int i = 0; i < dims; i += 4)
      for (int j = 0; j < 4; j++) part[j] += widen(key + (i + j) * LANES) * every(query[i + j]);
    Floats score = (part[0] + part[1]) + (part[2] + part[3]);
    score *= load<Floats>(memory.key_scales + block * LANES);
    for (int lane = length - block * LANES; lane < LANES; lane++) score[lane] = -INFINITY;
    most = score > most ? score : most;
    memcpy(shares + block * LANES, &score, sizeof score);
  }
  const Floats top = every(largest(most));
  for (int block = 0; block < blocks; block++) {
    Floats share = exponential(load<Floats>(shares + block * LANES) - top);
    for (int lane = length - block * LANES; lane < LANES; lane++) share[lane] = 0;
    sum += share;
    share *= load<Floats>(memory.value_scales + block * LANES);
    memcpy(shares + block * LANES, &share, sizeof share);
  }
  return total(sum);
}

template <int vectors>
static void mix(const float* shares, const int8_t* values, int length, int dims, float scale,
                bf16* out) {
  Floats sums[2][vectors] = {};
  for (int position = 0; position < length; position += 2)  // the share beyond the last is 0
    for (int next = 0; next < 2; next++)
      for (int v = 0; v < vectors; v++)
        sums[next][v] += widen(values + (position + next) * dims + v * LANES) *
                         every(shares[position + next]);
  for (int v = 0; v < vectors; v++) store_narrow((sums[0][v] + sums[1][v]) * scale, out + v * LANES);
}

static void attend(const float* query, const Memory& memory, int length, int dims, bf16* out) {
  static thread_local std::vector<float> shares;
  shares.resize((length + LANES - 1) / LANES * LANES + 1);
  shares[length] = 0;
  const float scale = 1 / weigh(query, memory, length, dims, shares.data());
  for (int i = 0; i < dims;) {
    if (dims - i >= 4 * LANES) {
      mix<4>(shares.data(), memory.values + i, length, dims, scale, out + i);
      i += 4 * LANES;
    } else {
      mix<1>(shares.data(), memory.values + i, length, dims, scale, out + i);
      i += LANES;
    }
  }
}

static void step(Team& team, const Decoder& d, char* cache, const Rows& rows, Workspace& w,
                 float* logits) {
  const int width = d.d_model, dims = d.head_dim, count = rows.count;
  auto memory = [&](int row, int layer, int head) {
    const size_t place = (rows.slots[row] * d.layers + layer) * d.heads + head;
    return Memory(cache + place * Memory::size(d.context, dims), d.context, dims);
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
      float *query = &w.qkv[row * 3 * width + head * dims], *key = query + width;
      float turned[MAX_HEAD_DIM];
      rotate(query, cosine, sine, dims, 1 / std::sqrt((float)dims), turned);
      memcpy(query, turned, 4 * dims);
      rotate(key, cosine, sine, dims, 1, turned);
      memory(row, l, head).write(turned, key + width, at, dims);
    });
    team.share(count * d.heads, [&](int item) {
      const int row = item / d.heads, head = item % d.heads;
      attend(&w.qkv[row * 3 * width + head * dims], memory(row, l, head), rows.positions[row] + 1,
             dims, &w.attended[row * width + head * dims]);
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

// Whether there is room for a network of this shape.
bool decoder_fits(int head_dim, int context, int d_ff) {
  return head_dim <= MAX_HEAD_DIM && head_dim % LANES == 0 && context % LANES == 0 &&
         d_ff % (PANEL / 2) == 0;
}

// Bytes of a slot of the cache.
size_t decoder_slot_bytes(const Decoder* decoder) {
  return decoder->layers * decoder->heads * Memory::size(decoder->context, decoder->head_dim);
}

// Logits float32 [count, vocabulary] of what follows each row.
void decoder_step(const Decoder* decoder, char* cache, const Rows* rows, int threads,
                  float* logits) {
  static thread_local Workspace kept;  // its pages are not asked for again at every step
  Workspace& workspace = kept;
  workspace.fit(*decoder, rows->count);
  Team team;
#pragma omp parallel num_threads(threads)
  step(team, *decoder, cache, *rows, workspace, logits);
}
}
