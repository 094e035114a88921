// Counter-based random numbers: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel Random
// Numbers: As Easy as 1, 2, 3", 2011). A pure function of (seed, stream, counter), equal on every
// device and for any number of threads.
#pragma once

#include <cstdint>
#include <utility>

#include "support/host_device.hpp"

namespace tusk {

// What the numbers of a stream are for. Streams of different purpose never share a number.
enum class RandomUse : std::uint64_t {
  initial_user_factors = 1,
  initial_item_factors,
  block_order,
  run_order,
  split,
  holdout,
  synthetic,
  rating_order,
  ranking_negatives,
  visit_order,
  rounding,
  search,
  bootstrap,
  initial_layers,
  dropout,
  bayes_start,
  bayes_vectors,
  bayes_targets,
  bayes_links,
  bayes_priors,
  bayes_noise,
  bayes_fold_in,
  bayes_kept_links,
  bayes_biases,
  bayes_bias_precision,
};

TUSK_HD constexpr std::uint64_t random_stream(RandomUse use, std::uint64_t which = 0) {
  return (static_cast<std::uint64_t>(use) << 56) ^ which;
}

struct Random4 {
  std::uint32_t word[4];
};

TUSK_HD Random4 philox(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter) {
  auto k0 = static_cast<std::uint32_t>(seed);
  auto k1 = static_cast<std::uint32_t>(seed >> 32);
  Random4 c{{static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32),
             static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)}};
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * c.word[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c.word[2];
    c = {{static_cast<std::uint32_t>(b >> 32) ^ c.word[1] ^ k0, static_cast<std::uint32_t>(b),
          static_cast<std::uint32_t>(a >> 32) ^ c.word[3] ^ k1, static_cast<std::uint32_t>(a)}};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c;
}

// Numbers of one stream in turn, for host code.
class RandomSequence {
 public:
  RandomSequence(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

  std::uint32_t next() {
    if (used_ == 4) {
      words_ = philox(seed_, stream_, counter_++);
      used_ = 0;
    }
    return words_.word[used_++];
  }

  // Uniform in 0 .. n - 1, without bias (Lemire: "Fast Random Integer Generation in an Interval",
  // 2019). n >= 1.
  std::uint32_t below(std::uint32_t n) {
    std::uint64_t product = std::uint64_t{next()} * n;
    if (static_cast<std::uint32_t>(product) < n) {
      const std::uint32_t threshold = (0u - n) % n;
      while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{next()} * n;
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

  // Uniform in (0, 1), with 53 bits.
  double uniform() {
    const std::uint64_t high = next();
    const std::uint64_t bits = (high << 21) | (next() >> 11);
    return (static_cast<double>(bits) + 0.5) * 0x1p-53;
  }

  // A Fisher-Yates shuffle.
  template <class Range>
  void shuffle(Range&& values) {
    for (std::size_t n = values.size(); n > 1; --n) {
      std::swap(values[n - 1], values[below(static_cast<std::uint32_t>(n))]);
    }
  }

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t counter_ = 0;
  Random4 words_{};
  int used_ = 4;
};

}  // namespace tusk
