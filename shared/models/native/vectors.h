// SIMD vectors of floats and of packed 8-bit numbers, and a team of threads. GCC's extensions
// compile to the processor's instructions; a dot product has a case for each instruction set.
#pragma once
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <omp.h>
#include <sched.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#ifdef __AVX512VNNI__
constexpr int LANES = 16, TILE_ROWS = 6;  // lanes of a vector; rows of a tile: fills the registers
#else
constexpr int LANES = 8, TILE_ROWS = 2;
#endif
constexpr int TILE_VECTORS = 4;
constexpr int PANEL = TILE_VECTORS * LANES;  // outputs of a tile

typedef float Floats __attribute__((vector_size(4 * LANES)));
typedef int32_t Ints __attribute__((vector_size(4 * LANES)));
typedef uint32_t Quads __attribute__((vector_size(4 * LANES)));  // four bytes each, little-endian
typedef int8_t Bytes __attribute__((vector_size(2 * LANES)));
typedef int16_t Shorts __attribute__((vector_size(4 * LANES)));

static inline Floats broadcast(float value) { return value - Floats{}; }
static inline Quads broadcast_word(uint32_t value) { return value + Quads{}; }

template <class Vector>
static inline Vector load(const void* from) {
  Vector vector;
  memcpy(&vector, from, sizeof vector);
  return vector;
}

// sum + the dot product of four bytes: a from -128 to 127, b from 0 to 255
static inline Ints dot(Ints sum, Quads a, Quads b) {
#if defined(__AVX512VNNI__)
  return (Ints)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)b, (__m512i)a);
#elif defined(__AVX2__)
  const __m256i weights = (__m256i)a, x = (__m256i)b;
  const __m256i odd = _mm256_madd_epi16(_mm256_srai_epi16(weights, 8), _mm256_srli_epi16(x, 8));
  const __m256i even = _mm256_madd_epi16(_mm256_srai_epi16(_mm256_slli_epi16(weights, 8), 8),
                                         _mm256_and_si256(x, _mm256_set1_epi16(255)));
  return sum + (Ints)odd + (Ints)even;
#else
  for (int shift = 0; shift < 32; shift += 8)
    sum += ((Ints)(a << (24 - shift)) >> 24) * (Ints)(b >> shift & 255);
  return sum;
#endif
}

// sum + the dot product of two 16-bit numbers
static inline Ints dot(Ints sum, Shorts a, Shorts b) {
#if defined(__AVX512VNNI__)
  return (Ints)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return sum + (Ints)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#else
  const Ints left = (Ints)a, right = (Ints)b;
  return sum + (left << 16 >> 16) * (right << 16 >> 16) + (left >> 16) * (right >> 16);
#endif
}

static inline Floats dot(Floats sum, Floats a, Floats b) { return sum + a * b; }

// e^x to within 2 ulp, by Cody and Waite's range reduction; x is clamped to +-87.
static inline Floats exponential(Floats x) {
  const Floats lowest = broadcast(-87.0f), highest = broadcast(87.0f);
  x = x < lowest ? lowest : x;
  x = x > highest ? highest : x;
  const Floats shift = broadcast(12582912.0f);  // 1.5 * 2**23: adding it rounds to an integer
  const Floats integer = (x * 1.44269504f + shift) - shift;
  const Floats remainder = (x - integer * 0.693145752f) - integer * 1.42860677e-6f;
  Floats sum = broadcast(1.0f / 720);
  for (float term : {1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f})
    sum = sum * remainder + term;
  const Ints power = (__builtin_convertvector(integer, Ints) + 127) << 23;
  return sum * (Floats)power;
}

static inline Floats sigmoid(Floats x) { return 1.0f / (1.0f + exponential(-x)); }

static inline float horizontal_max(Floats vector) {
  float highest = vector[0];
  for (int lane = 1; lane < LANES; lane++) highest = std::max(highest, vector[lane]);
  return highest;
}

static inline float horizontal_sum(Floats vector) {
  float sum = 0;
  for (int lane = 0; lane < LANES; lane++) sum += vector[lane];
  return sum;
}

// Threads that run the same phases together and divide the items of each phase among them.
class Team {
 public:
  // Calls work(item) for every item; returns when all threads have finished.
  template <class Work>
  void parallel_for(int items, Work work) {
    for (int item; (item = next.fetch_add(1)) < items;) work(item);
    barrier();
  }

 private:
  void barrier() {
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
