// The streams of random numbers of Gibbs sampling, which are the same on every device.
#pragma once

#include <cstdint>

#include "support/philox.hpp"

namespace tusk {

// Of a chain's users or items: that of a row's numbers, or of others that are numbered so.
TUSK_HD constexpr std::uint64_t bayes_stream(RandomUse use, int chain, bool of_items,
                                             std::uint64_t row) {
  constexpr int kChainBit = 40;
  constexpr int kSideBit = 39;
  return random_stream(use, (static_cast<std::uint64_t>(chain) << kChainBit) |
                                (static_cast<std::uint64_t>(of_items) << kSideBit) | row);
}

// Where the numbers of a sweep begin in a row's stream.
TUSK_HD constexpr std::uint64_t bayes_counter(std::uint64_t sweep) { return sweep << 20; }

inline constexpr double kBayesInitialDeviation = 0.1;  // of factors before the first sweep

}  // namespace tusk
