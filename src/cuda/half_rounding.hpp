// Rounding to half precision. A small step that always rounded back to where it came from would
// be lost; rounded up or down at random, by how near each is, it counts on average (Gupta, Agrawal,
// Gopalakrishnan, Narayanan: "Deep Learning with Limited Numerical Precision", 2015).
#pragma once

#include <bit>
#include <cstdint>

#include "support/host_device.hpp"

namespace tusk {

inline constexpr float kLargestHalf = 65504;

// A number of half precision next to `value`, as a float; `random` has 13 random bits. Infinity and
// NaN stay what they are; finite values beyond the largest half become that.
TUSK_HD float round_to_half(float value, std::uint32_t random) {
  constexpr std::uint32_t kSign = 0x80000000u;
  constexpr std::uint32_t kSmallestNormal = 0x38800000u;  // 2^-14
  constexpr std::uint32_t kInfinity = 0x7f800000u;
  constexpr std::uint32_t kDropped = 0x1fffu;  // bits of a float's fraction that a half has not
  random &= kDropped;
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t magnitude = bits & ~kSign;
  if (magnitude >= kInfinity) return value;
  float rounded = 0;
  if (magnitude >= kSmallestNormal) {
    rounded = std::bit_cast<float>((magnitude + random) & ~kDropped);
    if (rounded > kLargestHalf) rounded = kLargestHalf;
  } else {
    // Below it the halves are the multiples of 2^-24.
    const float up = static_cast<float>(random) * 0x1p-13f;
    const auto multiple =
        static_cast<std::uint32_t>(std::bit_cast<float>(magnitude) * 0x1p24f + up);
    rounded = static_cast<float>(multiple) * 0x1p-24f;
  }
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(rounded) | (bits & kSign));
}

}  // namespace tusk
