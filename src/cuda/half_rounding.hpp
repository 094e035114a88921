// Rounding to half precision. A small step that always rounded back to where it came from would
// be lost; rounded up or down at random, by how near each is, it counts on average (Gupta, Agrawal,
// Gopalakrishnan, Narayanan: "Deep Learning with Limited Numerical Precision", 2015).
#pragma once

#include <bit>
#include <cstdint>

#include "support/host_device.hpp"

namespace tusk {

// One of the two numbers of half precision next to `value`, as a float; of `random` 13 bits count.
// Below 2^-14, where halves are the multiples of 2^-24, it is left to be rounded to the nearest
// when it is stored: a step that is lost there is too small to matter. A value beyond the largest
// half becomes infinity when it is stored. Training notices divergence, and NaN, in its errors.
TUSK_HD float round_to_half(float value, std::uint32_t random) {
  constexpr std::uint32_t kDropped = 0x1fffu;  // bits of a float's fraction that a half has not
  return std::bit_cast<float>((std::bit_cast<std::uint32_t>(value) + (random & kDropped)) &
                              ~kDropped);
}

}  // namespace tusk
