// The order of ratings within a run and within a block, drawn anew in each epoch. The host and the
// GPU both compute it.
#pragma once

#include <cstdint>

#include "support/host_device.hpp"
#include "support/philox.hpp"

namespace tusk {

// Longer histories of a user are trained as several runs.
inline constexpr std::uint32_t kLongestRun = 256;

// Rating k of an epoch's visit to a run is number (start + k * step) % count of it.
struct RunVisit {
  std::uint32_t start = 0;
  std::uint32_t step = 1;

  TUSK_HD std::uint32_t place(std::uint32_t k, std::uint32_t count) const {
    return (start + k * step) % count;
  }
};

// For 1 <= count <= kLongestRun.
TUSK_HD RunVisit visit_run(std::uint64_t seed, std::uint64_t epoch, std::uint64_t run,
                           std::uint32_t count) {
  // Primes above kLongestRun have no divisor in common with any count.
  constexpr std::uint32_t kPrimes[8] = {521, 541, 577, 613, 659, 719, 769, 853};
  const Random4 random = philox(seed, random_stream(RandomUse::visit_order, epoch), run);
  return {random.word[0] % count, kPrimes[random.word[1] % 8]};
}

// A block is visited in its own order from this rating on, and then from its first up to there.
TUSK_HD std::uint32_t block_start(std::uint64_t seed, std::uint64_t epoch, std::uint64_t block,
                                  std::uint32_t count) {
  const Random4 random = philox(seed, random_stream(RandomUse::visit_order, epoch), block);
  return random.word[0] % count;
}

}  // namespace tusk
