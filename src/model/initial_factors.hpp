// The factors that training starts from.
#pragma once

#include <cstdint>

#include "support/host_device.hpp"
#include "support/philox.hpp"

namespace tusk {

// Factors 2 * pair and 2 * pair + 1 of a row: close to normally distributed with mean 0 and the
// given standard deviation. Each is the sum of four 16-bit uniform numbers, taken in integers, so
// that the value is the same on every device and does not depend on the number of factors.
TUSK_HD void initial_factor_pair(std::uint64_t seed, RandomUse use, std::uint64_t row,
                                 std::uint64_t pair, float standard_deviation, float out[2]) {
  constexpr float kMean = 4 * 65535 / 2;
  constexpr float kStandardDeviation = 37837.2276f;  // 65536 sqrt(4 / 12)
  const Random4 random = philox(seed, random_stream(use), (row << 16) + pair);
  for (int i = 0; i < 2; ++i) {
    const std::uint32_t a = random.word[2 * i];
    const std::uint32_t b = random.word[2 * i + 1];
    const std::uint32_t sum = (a & 0xffff) + (a >> 16) + (b & 0xffff) + (b >> 16);
    out[i] = (static_cast<float>(sum) - kMean) * (standard_deviation / kStandardDeviation);
  }
}

}  // namespace tusk
