// The order in which an epoch visits the blocks of user stripes and item stripes.
#pragma once

#include <cstdint>
#include <vector>

namespace tusk {

// An epoch is a round for each entry of `round`, one after another. A round is a block for each
// w = 0 .. stripes - 1: that of user_stripe[w] and item_stripe[(w + round) % stripes]. No two of a
// round share a stripe.
struct BlockOrder {
  std::vector<int> round;
  std::vector<int> user_stripe;
  std::vector<int> item_stripe;

  int item_stripe_of(int w, int round_number) const {
    const auto stripes = item_stripe.size();
    return item_stripe[(static_cast<std::size_t>(w) + static_cast<std::size_t>(round_number)) %
                       stripes];
  }
};

BlockOrder draw_block_order(std::uint64_t seed, std::uint64_t epoch, int stripes);

}  // namespace tusk
