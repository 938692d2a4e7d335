// One step of a LLaMA-style decoder on the CPU: weights, what they are multiplied with, and a cache
// of 8 bits; all else is float32.
//
// Every token is a row of its own, with its sequence's slot in the cache and its place in it. A row
// sees nothing but its sequence, and everything in it is summed in an order that depends on its
// position alone: its bits are the same in any company. Rows of one sequence may come together, as
// in a prompt: all keys and values are written before any is read.
//
// The cache is [slot][layer][head], a `Memory` each: what costs most at many rows is to read it.
#include <vector>

#include "gemm.h"

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
  std::vector<float> x, qkv, mixed, gated, scales;
  std::vector<uint8_t> rounded;  // what a product reads, of whatever width

  void fit(const Decoder& d, int rows) {
    x.resize(rows * d.d_model);
    qkv.resize(rows * 3 * d.d_model);
    mixed.resize(rows * d.d_model);
    gated.resize(rows * d.d_ff);
    scales.resize(rows);
    rounded.resize(rows * std::max(d.d_model, d.d_ff));
  }
};

static Matrix<Rounded> matrix(const void* panels, int outputs, int inputs) {
  return {panels, outputs, inputs / 4};
}

static int whole(float x) { return (int)std::rint(x); }

// The scale by which numbers fit into -127 to 127; no number, if one of them is none.
static float scale_of(const float* x, int count) {
  float most = 1e-30f, none = 0;
#pragma omp simd reduction(max : most) reduction(+ : none)
  for (int i = 0; i < count; i++) {
    most = std::max(most, std::fabs(x[i]));
    none += 0 * x[i];
  }
  return most / 127 + none;
}

static void rms_norm(const float* x, const float* weight, float eps, int width, float* out) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int i = 0; i < width; i++) sum += x[i] * x[i];
  const float scale = 1 / std::sqrt(sum / width + eps);
  for (int i = 0; i < width; i++) out[i] = x[i] * scale * weight[i];
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
  uint8_t* keys;   // around 128; [position / LANES][dim / 4][position % LANES][dim % 4]
  int8_t* values;  // [position / 2][dim][position % 2]
  float *key_scales, *value_scales;

  static size_t size(int context, int dims) { return 2 * context * (dims + sizeof(float)); }

  Memory(char* at, int context, int dims)
      : keys((uint8_t*)at), values((int8_t*)keys + context * dims),
        key_scales((float*)(values + context * dims)), value_scales(key_scales + context) {}

  void write(const float* key, const float* value, int position, int dims) const {
    uint8_t* column = keys + position / LANES * LANES * dims + position % LANES * 4;
    int8_t* row = values + position / 2 * 2 * dims + position % 2;
    const float key_scale = scale_of(key, dims), value_scale = scale_of(value, dims);
    for (int i = 0; i < dims; i++) {
      column[i / 4 * 4 * LANES + i % 4] = 128 + whole(key[i] / key_scale);
      row[2 * i] = whole(value[i] / value_scale);
    }
    key_scales[position] = key_scale;
    value_scales[position] = value_scale;
  }
};

// What a query makes of the keys, in numbers of 8 bits.
class Query {
 public:
  Query(const float* query, int dims) : words(dims / 4), scale(scale_of(query, dims)) {
    int sum = 0;
    for (int i = 0; i < dims; i++) sum += bytes[i] = whole(query[i] / scale);
    begin = Ints{} - 128 * sum;
  }

  // Scores of LANES positions, whose keys and scales these are.
  Floats scores(const uint8_t* keys, const float* scales) const {
    Ints sums = begin;
    for (int word = 0; word < words; word++)
      sums = dot(sums, every_word(load<uint32_t>(bytes + 4 * word)),
                 load<Quads>(keys + 4 * word * LANES));
    return __builtin_convertvector(sums, Floats) * scale * load<Floats>(scales);
  }

 private:
  int words;
  float scale;
  Ints begin;  // takes off that keys are around 128
  int8_t bytes[MAX_HEAD_DIM];
};

// Shares of `length` positions, times the scales of their values; divided by the sum of the shares,
// which is returned, they make the mixture.
static float weigh(const Query& query, const Memory& memory, int length, int dims, float* shares) {
  Floats most = every(-INFINITY), sum = {};
  for (int first = 0; first < length; first += LANES) {
    Floats score = query.scores(memory.keys + first * dims, memory.key_scales + first);
    for (int lane = length - first; lane < LANES; lane++) score[lane] = -INFINITY;
    most = score > most ? score : most;
    memcpy(shares + first, &score, sizeof score);
  }
  const Floats top = every(largest(most));
  for (int first = 0; first < length; first += LANES) {
    Floats share = exponential(load<Floats>(shares + first) - top);
    for (int lane = length - first; lane < LANES; lane++) share[lane] = 0;
    sum += share;
    share *= load<Floats>(memory.value_scales + first);
    memcpy(shares + first, &share, sizeof share);
  }
  return total(sum);
}

// Shares in 16 bits, as large as they can be for a sum of `length` values of 8 bits to fit in 32.
static float round(const float* shares, int length, int16_t* to) {
  const float most = std::min(32767.0f, INT32_MAX / (127.0f * length) - 1);
  const float scale = scale_of(shares, length) * 127 / most;
  for (int i = 0; i < length; i++) to[i] = whole(shares[i] / scale);
  return scale;
}

template <int vectors>
static void mix(const int16_t* shares, const int8_t* values, int length, int dims, float scale,
                float* out) {
  Ints sums[vectors] = {};
  for (int position = 0; position < length; position += 2) {  // the share beyond the last is 0
    const Shorts pair = (Shorts)every_word(load<uint32_t>(shares + position));
    for (int v = 0; v < vectors; v++) {
      const Bytes bytes = load<Bytes>(values + position * dims + 2 * v * LANES);
      sums[v] = dot(sums[v], __builtin_convertvector(bytes, Shorts), pair);
    }
  }
  for (int v = 0; v < vectors; v++) {
    const Floats mixture = __builtin_convertvector(sums[v], Floats) * scale;
    memcpy(out + v * LANES, &mixture, sizeof mixture);
  }
}

static void attend(const float* query, const Memory& memory, int length, int dims, float* out) {
  static thread_local std::vector<float> shares;
  static thread_local std::vector<int16_t> rounded;
  shares.resize((length + LANES - 1) / LANES * LANES);
  rounded.resize(length + 1);
  const float sum = weigh(Query(query, dims), memory, length, dims, shares.data());
  const float scale = round(shares.data(), length, rounded.data()) / sum;
  rounded[length] = 0;
  for (int i = 0; i < dims;) {
    if (dims - i >= 4 * LANES) {
      mix<4>(rounded.data(), memory.values + 2 * i, length, dims, scale, out + i);
      i += 4 * LANES;
    } else {
      mix<1>(rounded.data(), memory.values + 2 * i, length, dims, scale, out + i);
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
  auto round = [&](const std::vector<float>& from, int inputs, int row) {
    const float* x = &from[row * inputs];
    const float scale = w.scales[row] = scale_of(x, inputs);
    for (int i = 0; i < inputs; i++) w.rounded[row * inputs + i] = 128 + whole(x[i] / scale);
  };
  auto round_all = [&](const std::vector<float>& from, int inputs) {
    team.share(count, [&](int row) { round(from, inputs, row); });
  };
  auto norm = [&](const float* weight) {
    team.share(count, [&](int row) {
      rms_norm(&w.x[row * width], weight, d.norm_eps, width, &w.mixed[row * width]);
      round(w.mixed, width, row);
    });
  };
  auto multiply = [&](const void* panels, int outputs, int inputs, auto out) {
    const Rounded::Rows x{w.rounded.data(), w.scales.data()};
    product(team, matrix(panels, outputs, inputs), x, count, out);
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
    multiply(layer.qkv, 3 * width, width, [&](int row, int first, const float* sums) {
      memcpy(&w.qkv[row * 3 * width + first], sums, 4 * std::min(PANEL, 3 * width - first));
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
             dims, &w.mixed[row * width + head * dims]);
    });
    round_all(w.mixed, width);
    multiply(layer.out, width, width, add);
    norm(layer.feed_norm);
    multiply(layer.gate_up, 2 * d.d_ff, width, [&](int row, int first, const float* sums) {
      float* out = &w.gated[row * d.d_ff + first / 2];  // half a panel of gates, then of ups
      for (int i = 0; i < PANEL / 2; i += LANES) {
        const Floats gate = load<Floats>(sums + i), up = load<Floats>(sums + PANEL / 2 + i);
        const Floats open = gate * sigmoid(gate) * up;
        memcpy(out + i, &open, sizeof open);
      }
    });
    round_all(w.gated, d.d_ff);
    multiply(layer.down, width, d.d_ff, add);
  }
  norm(d.final_norm);
  multiply(d.head, d.vocabulary, width, [&](int row, int first, const float* sums) {
    float* out = logits + (size_t)row * d.vocabulary + first;
    memcpy(out, sums, 4 * std::min(PANEL, d.vocabulary - first));
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
