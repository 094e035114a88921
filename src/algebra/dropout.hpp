// Which numbers dropout keeps, the same on every device.
#pragma once

#include <cstdint>

#include "support/host_device.hpp"
#include "support/philox.hpp"

namespace tusk {

// The draws for the rows of a layer, whose numbers are each left out with a probability that is
// `share` in 65,536ths.
class DropoutDraws {
 public:
  // Numbers of a row that one draw is for.
  static constexpr int kNumbers = 8;

  DropoutDraws() = default;
  DropoutDraws(float share, std::uint64_t seed, std::uint64_t layer, int width)
      : seed_(seed),
        layer_(layer),
        calls_(static_cast<std::uint64_t>((width + kNumbers - 1) / kNumbers)),
        least_(static_cast<std::uint32_t>(share * 65536 + 0.5f)) {}

  // The number, in the epoch, of the draw for numbers kNumbers * group and following of the row at
  // this place. Those of a row follow each other, and rows do.
  TUSK_HD std::uint64_t number(std::uint64_t place, int group) const {
    return place * calls_ + static_cast<std::uint64_t>(group);
  }
  TUSK_HD Random4 draw(std::uint64_t epoch, std::uint64_t number) const {
    return philox(seed_, random_stream(RandomUse::dropout, (epoch << 8) + layer_), number);
  }
  // Whether number `k` of the group is kept: by 16 bits of the draw.
  TUSK_HD bool keeps(const Random4& draw, int k) const {
    return keeps((draw.word[k / 2] >> (16 * (k % 2))) & 0xffff);
  }
  TUSK_HD bool keeps(std::uint32_t bits) const { return bits >= least_; }

 private:
  std::uint64_t seed_ = 0;
  std::uint64_t layer_ = 0;
  std::uint64_t calls_ = 0;
  std::uint32_t least_ = 0;
};

}  // namespace tusk
