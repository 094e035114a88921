// A random order of many numbers that takes no memory and any place of which can be asked for.
#pragma once

#include <bit>
#include <cstdint>

#include "support/host_device.hpp"
#include "support/philox.hpp"

namespace tusk {

// A permutation of 0 .. count - 1, drawn by a stream's seed: a Feistel network over the least power
// of two that holds them, applied until the number is below count (Black, Rogaway: "Ciphers with
// Arbitrary Finite Domains", 2002).
class RandomOrder {
 public:
  RandomOrder(std::uint32_t count, std::uint64_t seed, std::uint64_t stream) : count_(count) {
    const int bits = count > 2 ? 32 - std::countl_zero(count - 1) : 2;
    low_bits_ = bits / 2;
    high_bits_ = bits - low_bits_;
    RandomSequence random(seed, stream);
    for (std::uint32_t& key : key_) key = random.next();
  }

  std::uint32_t count() const { return count_; }

  TUSK_HD std::uint32_t at(std::uint32_t place) const {
    do {
      place = permute(place);
    } while (place >= count_);
    return place;
  }

 private:
  static constexpr int kRounds = 6;

  // The finalizer of MurmurHash3 (Appleby, public domain).
  TUSK_HD static std::uint32_t mix(std::uint32_t value) {
    value = (value ^ (value >> 16)) * 0x85EBCA6Bu;
    value = (value ^ (value >> 13)) * 0xC2B2AE35u;
    return value ^ (value >> 16);
  }

  // Each round changes one half by the other.
  TUSK_HD std::uint32_t permute(std::uint32_t place) const {
    const std::uint32_t low_mask = (1u << low_bits_) - 1;
    const std::uint32_t high_mask = (1u << high_bits_) - 1;
    std::uint32_t low = place & low_mask;
    std::uint32_t high = place >> low_bits_;
    for (int round = 0; round < kRounds; round += 2) {
      high ^= mix(low ^ key_[round]) & high_mask;
      low ^= mix(high ^ key_[round + 1]) & low_mask;
    }
    return (high << low_bits_) | low;
  }

  std::uint32_t count_;
  int low_bits_;
  int high_bits_;
  std::uint32_t key_[kRounds];
};

}  // namespace tusk
