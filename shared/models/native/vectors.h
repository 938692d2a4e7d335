// Vectors of floats, pairs of bf16 in a word, and a team of threads. Compilers with GCC's vector
// extensions turn it into whatever the processor has; AVX512 and its bf16 are special cases.
#pragma once
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <omp.h>
#include <sched.h>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

#ifdef __AVX512F__
constexpr int LANES = 16, ROWS = 6;  // of a vector; of a tile, as many as the registers hold
#else
constexpr int LANES = 8, ROWS = 2;
#endif
constexpr int VECTORS = 4;             // of a tile
constexpr int PANEL = VECTORS * LANES;  // outputs of a tile

typedef uint16_t bf16;
typedef float Floats __attribute__((vector_size(4 * LANES)));
typedef int32_t Ints __attribute__((vector_size(4 * LANES)));
typedef uint32_t Pairs __attribute__((vector_size(4 * LANES)));  // two bf16 each, the first below
typedef int8_t Bytes __attribute__((vector_size(LANES)));
typedef int16_t Shorts __attribute__((vector_size(2 * LANES)));
typedef bf16 Halves __attribute__((vector_size(2 * LANES)));

static inline Floats every(float value) { return value - Floats{}; }
static inline Pairs every_pair(uint32_t value) { return value + Pairs{}; }

template <class Vector>
static inline Vector load(const void* from) {
  Vector vector;
  memcpy(&vector, from, sizeof vector);
  return vector;
}

static inline Floats widen(const int8_t* from) {
#ifdef __AVX512F__
  return (Floats)_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i*)from)));
#else  // in two steps: compilers find no instruction for one
  const Shorts shorts = __builtin_convertvector(load<Bytes>(from), Shorts);
  return __builtin_convertvector(__builtin_convertvector(shorts, Ints), Floats);
#endif
}

// To the nearest, ties to even.
static inline bf16 narrow(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

static inline void store_narrow(Floats values, bf16* to) {
  const Pairs bits = (Pairs)values;
  const Halves halves = __builtin_convertvector((bits + 0x7fff + (bits >> 16 & 1)) >> 16, Halves);
  memcpy(to, &halves, sizeof halves);
}

// sum + a.first * b.first + a.second * b.second
static inline Floats dot(Floats sum, Pairs a, Pairs b) {
#ifdef __AVX512BF16__
  return (Floats)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
#else
  sum += (Floats)(a << 16) * (Floats)(b << 16);
  return sum + (Floats)(a & 0xffff0000u) * (Floats)(b & 0xffff0000u);
#endif
}
static inline Floats dot(Floats sum, Floats a, Floats b) { return sum + a * b; }

// e to the x within 2 units in the last place, by Cody and Waite's reduction; x is cut at +-87.
static inline Floats exponential(Floats x) {
  const Floats least = every(-87.0f), most = every(87.0f);
  x = x < least ? least : x;
  x = x > most ? most : x;
  const Floats shift = every(12582912.0f);  // 1.5 * 2**23: adding it rounds to whole numbers
  const Floats whole = (x * 1.44269504f + shift) - shift;
  const Floats rest = (x - whole * 0.693145752f) - whole * 1.42860677e-6f;
  Floats sum = every(1.0f / 720);
  for (float term : {1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) sum = sum * rest + term;
  const Ints power = (__builtin_convertvector(whole, Ints) + 127) << 23;
  return sum * (Floats)power;
}

static inline Floats sigmoid(Floats x) { return 1.0f / (1.0f + exponential(-x)); }

static inline float largest(Floats vector) {
  float most = vector[0];
  for (int lane = 1; lane < LANES; lane++) most = std::max(most, vector[lane]);
  return most;
}

static inline float total(Floats vector) {
  float sum = 0;
  for (int lane = 0; lane < LANES; lane++) sum += vector[lane];
  return sum;
}

// Threads that go through the same phases together, and share the items of each.
class Team {
 public:
  template <class Work>
  void share(int items, Work work) {
    for (int item; (item = next.fetch_add(1)) < items;) work(item);
    meet();
  }

 private:
  void meet() {
    const int now = phase.load();
    if (arrived.fetch_add(1) == omp_get_num_threads() - 1) {
      arrived = 0;
      next = 0;
      phase = now + 1;
    } else {
      for (int turn = 0; phase.load(std::memory_order_acquire) == now; turn++)
        if (turn > 10000) sched_yield();
    }
  }

  std::atomic<int> next{0}, arrived{0}, phase{0};
};
