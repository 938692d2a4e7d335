// One step of a Llama-style decoder on the CPU. Weights, matrix inputs and KV cache have 8 bits;
// everything else is float32.
//
// Each token is a separate row, with the cache slot of its sequence and its position in it. A row
// attends to its own sequence only, and the order of all its sums depends only on its position, so
// its bits do not depend on the other rows. A batch may have several tokens of one sequence, as in
// prefill: in each layer all keys and values are written before any is read.
// The cache is [slot][layer][head] of `HeadCache`; with many rows, reading it dominates the time.
#include <vector>

#include "gemm.h"

extern "C" {

struct Layer {
  const float *attention_norm, *feed_norm;
  const void *qkv, *out, *gate_up, *down;  // panels
};

struct Decoder {
  int layers, heads, head_dim, d_model, d_ff, vocab_size, context;
  float norm_eps;
  const float *embedding, *final_norm;
  const float *cosines, *sines;  // [context, head_dim]; both halves are equal
  const void* head;              // panels
  const Layer* layer;
};

struct Batch {
  int count;  // of tokens
  const int64_t *slots, *tokens, *positions;
};
}

constexpr int MAX_HEAD_DIM = 256;

struct Workspace {
  std::vector<float> x, qkv, hidden, gated, scales;
  std::vector<uint8_t> quantized;  // input of the next matrix product

  void resize(const Decoder& d, int rows) {
    x.resize(rows * d.d_model);
    qkv.resize(rows * 3 * d.d_model);
    hidden.resize(rows * d.d_model);
    gated.resize(rows * d.d_ff);
    scales.resize(rows);
    quantized.resize(rows * std::max(d.d_model, d.d_ff));
  }
};

static int round_to_int(float x) { return (int)std::rint(x); }

// The scale that maps the numbers to -127 to 127; NaN if one of them is NaN or infinite.
static float scale_of(const float* x, int count) {
  float largest = 1e-30f, nan = 0;
#pragma omp simd reduction(max : largest) reduction(+ : nan)
  for (int i = 0; i < count; i++) {
    largest = std::max(largest, std::fabs(x[i]));
    nan += 0 * x[i];
  }
  return largest / 127 + nan;
}

static void rms_norm(const float* x, const float* weight, float eps, int width, float* out) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int i = 0; i < width; i++) sum += x[i] * x[i];
  const float scale = 1 / std::sqrt(sum / width + eps);
  for (int i = 0; i < width; i++) out[i] = x[i] * scale * weight[i];
}

// Rotary embedding of one head's query or key, times `scale`.
static void rotate(const float* x, const float* cosine, const float* sine, int dims, float scale,
                   float* out) {
  for (int i = 0, half = dims / 2; i < half; i++) {
    const float left = x[i], right = x[i + half];
    out[i] = (left * cosine[i] - right * sine[i]) * scale;
    out[i + half] = (right * cosine[i] + left * sine[i]) * scale;
  }
}

// The KV cache of one head of one sequence: 8-bit numbers and a scale for each position.
struct HeadCache {
  uint8_t* keys;   // zero point 128; [position / LANES][dim / 4][position % LANES][dim % 4]
  int8_t* values;  // [position / 2][dim][position % 2]
  float *key_scales, *value_scales;

  static size_t size(int context, int dims) { return 2 * context * (dims + sizeof(float)); }

  HeadCache(char* begin, int context, int dims)
      : keys((uint8_t*)begin), values((int8_t*)keys + context * dims),
        key_scales((float*)(values + context * dims)), value_scales(key_scales + context) {}

  void write(const float* key, const float* value, int position, int dims) const {
    uint8_t* column = keys + position / LANES * LANES * dims + position % LANES * 4;
    int8_t* row = values + position / 2 * 2 * dims + position % 2;
    const float key_scale = scale_of(key, dims), value_scale = scale_of(value, dims);
    for (int i = 0; i < dims; i++) {
      column[i / 4 * 4 * LANES + i % 4] = 128 + round_to_int(key[i] / key_scale);
      row[2 * i] = round_to_int(value[i] / value_scale);
    }
    key_scales[position] = key_scale;
    value_scales[position] = value_scale;
  }
};

// The 8-bit query of one head, and its dot products with cached keys.
class QuantizedQuery {
 public:
  QuantizedQuery(const float* query, int dims) : words(dims / 4), scale(scale_of(query, dims)) {
    int sum = 0;
    for (int i = 0; i < dims; i++) sum += bytes[i] = round_to_int(query[i] / scale);
    initial_sums = Ints{} - 128 * sum;
  }

  // Attention scores of LANES positions, from their keys and scales.
  Floats scores(const uint8_t* keys, const float* scales) const {
    Ints sums = initial_sums;
    for (int word = 0; word < words; word++)
      sums = dot(sums, broadcast_word(load<uint32_t>(bytes + 4 * word)),
                 load<Quads>(keys + 4 * word * LANES));
    return __builtin_convertvector(sums, Floats) * scale * load<Floats>(scales);
  }

 private:
  int words;
  float scale;
  Ints initial_sums;  // subtract the zero point of the keys
  int8_t bytes[MAX_HEAD_DIM];
};

// Unnormalized softmax weights of `length` positions, times the scales of their values. Returns the
// sum of the weights, by which the weighted sum of the values is to be divided.
static float softmax_weights(const QuantizedQuery& query, const HeadCache& cache, int length,
                             int dims, float* weights) {
  Floats highest = broadcast(-INFINITY), sum = {};
  for (int first = 0; first < length; first += LANES) {
    Floats score = query.scores(cache.keys + first * dims, cache.key_scales + first);
    for (int lane = length - first; lane < LANES; lane++) score[lane] = -INFINITY;
    highest = score > highest ? score : highest;
    memcpy(weights + first, &score, sizeof score);
  }
  const Floats maximum = broadcast(horizontal_max(highest));
  for (int first = 0; first < length; first += LANES) {
    Floats weight = exponential(load<Floats>(weights + first) - maximum);
    for (int lane = length - first; lane < LANES; lane++) weight[lane] = 0;
    sum += weight;
    weight *= load<Floats>(cache.value_scales + first);
    memcpy(weights + first, &weight, sizeof weight);
  }
  return horizontal_sum(sum);
}

// Quantizes weights to at most 16 bits, as far as a sum of `length` 8-bit values fits into 32 bits.
// Returns the scale.
static float quantize_weights(const float* weights, int length, int16_t* quantized) {
  const float limit = std::min(32767.0f, INT32_MAX / (127.0f * length) - 1);
  const float scale = scale_of(weights, length) * 127 / limit;
  for (int i = 0; i < length; i++) quantized[i] = round_to_int(weights[i] / scale);
  return scale;
}

template <int vectors>
static void weighted_sum(const int16_t* weights, const int8_t* values, int length, int dims,
                         float scale, float* out) {
  Ints sums[vectors] = {};
  for (int position = 0; position < length; position += 2) {  // the weight after the last is 0
    const Shorts pair = (Shorts)broadcast_word(load<uint32_t>(weights + position));
    for (int v = 0; v < vectors; v++) {
      const Bytes bytes = load<Bytes>(values + position * dims + 2 * v * LANES);
      sums[v] = dot(sums[v], __builtin_convertvector(bytes, Shorts), pair);
    }
  }
  for (int v = 0; v < vectors; v++) {
    const Floats result = __builtin_convertvector(sums[v], Floats) * scale;
    memcpy(out + v * LANES, &result, sizeof result);
  }
}

static void attend(const float* query, const HeadCache& cache, int length, int dims, float* out) {
  static thread_local std::vector<float> weights;
  static thread_local std::vector<int16_t> quantized;
  weights.resize((length + LANES - 1) / LANES * LANES);
  quantized.resize(length + 1);
  const float sum =
      softmax_weights(QuantizedQuery(query, dims), cache, length, dims, weights.data());
  const float scale = quantize_weights(weights.data(), length, quantized.data()) / sum;
  quantized[length] = 0;
  for (int i = 0; i < dims;) {
    if (dims - i >= 4 * LANES) {
      weighted_sum<4>(quantized.data(), cache.values + 2 * i, length, dims, scale, out + i);
      i += 4 * LANES;
    } else {
      weighted_sum<1>(quantized.data(), cache.values + 2 * i, length, dims, scale, out + i);
      i += LANES;
    }
  }
}

static void step(Team& team, const Decoder& d, char* cache, const Batch& batch, Workspace& w,
                 float* logits) {
  const int width = d.d_model, dims = d.head_dim, count = batch.count;
  auto head_cache = [&](int row, int layer, int head) {
    const size_t index = (batch.slots[row] * d.layers + layer) * d.heads + head;
    return HeadCache(cache + index * HeadCache::size(d.context, dims), d.context, dims);
  };
  auto quantize = [&](const std::vector<float>& from, int inputs, int row) {
    const float* x = &from[row * inputs];
    const float scale = w.scales[row] = scale_of(x, inputs);
    for (int i = 0; i < inputs; i++)
      w.quantized[row * inputs + i] = 128 + round_to_int(x[i] / scale);
  };
  auto quantize_all = [&](const std::vector<float>& from, int inputs) {
    team.parallel_for(count, [&](int row) { quantize(from, inputs, row); });
  };
  auto norm = [&](const float* weight) {
    team.parallel_for(count, [&](int row) {
      rms_norm(&w.x[row * width], weight, d.norm_eps, width, &w.hidden[row * width]);
      quantize(w.hidden, width, row);
    });
  };
  auto multiply = [&](const void* panels, int outputs, int inputs, auto out) {
    const Int8::Inputs x{w.quantized.data(), w.scales.data()};
    gemm(team, Matrix<Int8>{panels, outputs, inputs / 4}, x, count, out);
  };
  auto add = [&](int row, int first, const float* sums) {
    float* x = &w.x[row * width + first];
    for (int i = 0, n = std::min(PANEL, width - first); i < n; i++) x[i] += sums[i];
  };

  team.parallel_for(count, [&](int row) {
    memcpy(&w.x[row * width], d.embedding + batch.tokens[row] * width, 4 * width);
  });
  for (int l = 0; l < d.layers; l++) {
    const Layer& layer = d.layer[l];
    norm(layer.attention_norm);
    multiply(layer.qkv, 3 * width, width, [&](int row, int first, const float* sums) {
      memcpy(&w.qkv[row * 3 * width + first], sums, 4 * std::min(PANEL, 3 * width - first));
    });
    team.parallel_for(count * d.heads, [&](int item) {
      const int row = item / d.heads, head = item % d.heads;
      const int64_t position = batch.positions[row];
      const float *cosine = d.cosines + position * dims, *sine = d.sines + position * dims;
      float *query = &w.qkv[row * 3 * width + head * dims], *key = query + width;
      float rotated[MAX_HEAD_DIM];
      rotate(query, cosine, sine, dims, 1 / std::sqrt((float)dims), rotated);
      memcpy(query, rotated, 4 * dims);
      rotate(key, cosine, sine, dims, 1, rotated);
      head_cache(row, l, head).write(rotated, key + width, position, dims);
    });
    team.parallel_for(count * d.heads, [&](int item) {
      const int row = item / d.heads, head = item % d.heads;
      attend(&w.qkv[row * 3 * width + head * dims], head_cache(row, l, head),
             batch.positions[row] + 1, dims, &w.hidden[row * width + head * dims]);
    });
    quantize_all(w.hidden, width);
    multiply(layer.out, width, width, add);
    norm(layer.feed_norm);
    multiply(layer.gate_up, 2 * d.d_ff, width, [&](int row, int first, const float* sums) {
      float* out = &w.gated[row * d.d_ff + first / 2];  // half a panel of gates, then half of ups
      for (int i = 0; i < PANEL / 2; i += LANES) {
        const Floats gate = load<Floats>(sums + i), up = load<Floats>(sums + PANEL / 2 + i);
        const Floats gated = gate * sigmoid(gate) * up;
        memcpy(out + i, &gated, sizeof gated);
      }
    });
    quantize_all(w.gated, d.d_ff);
    multiply(layer.down, width, d.d_ff, add);
  }
  norm(d.final_norm);
  multiply(d.head, d.vocab_size, width, [&](int row, int first, const float* sums) {
    float* out = logits + (size_t)row * d.vocab_size + first;
    memcpy(out, sums, 4 * std::min(PANEL, d.vocab_size - first));
  });
}

extern "C" {

// Whether a network of this shape is supported.
bool decoder_is_supported(int head_dim, int context, int d_ff) {
  return head_dim <= MAX_HEAD_DIM && head_dim % LANES == 0 && context % LANES == 0 &&
         d_ff % (PANEL / 2) == 0;
}

// Size of a cache slot in bytes.
size_t decoder_slot_bytes(const Decoder* decoder) {
  return decoder->layers * decoder->heads * HeadCache::size(decoder->context, decoder->head_dim);
}

// Logits float32 [count, vocab_size] after each token.
void decoder_step(const Decoder* decoder, char* cache, const Batch* batch, int threads,
                  float* logits) {
  static thread_local Workspace buffers;  // kept, so that a step allocates no memory
  Workspace& workspace = buffers;
  workspace.resize(*decoder, batch->count);
  Team team;
#pragma omp parallel num_threads(threads)
  step(team, *decoder, cache, *batch, workspace, logits);
}
}
