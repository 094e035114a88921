// Which numbers dropout keeps, the same on every device.
#pragma once

#include <cmath>
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
        least_(static_cast<std::uint32_t>(std::lround(share * 65536))) {}

  // For numbers kNumbers * group and following of the row at this place of the epoch.
  TUSK_HD Random4 draw(std::uint64_t epoch, std::uint64_t place, int group) const {
    return philox(seed_, random_stream(RandomUse::dropout, (epoch << 8) + layer_),
                  place * calls_ + static_cast<std::uint64_t>(group));
  }
  // Whether number `k` of the group is kept.
  TUSK_HD bool keeps(const Random4& draw, int k) const {
    return ((draw.word[k / 2] >> (16 * (k % 2))) & 0xffff) >= least_;
  }

 private:
  std::uint64_t seed_ = 0;
  std::uint64_t layer_ = 0;
  std::uint64_t calls_ = 0;
  std::uint32_t least_ = 0;
};

}  // namespace tusk
