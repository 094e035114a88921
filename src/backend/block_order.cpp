#include "backend/block_order.hpp"

#include <numeric>

#include "support/philox.hpp"

namespace tusk {
namespace {

std::vector<int> shuffled(int count, RandomSequence& random) {
  std::vector<int> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  random.shuffle(numbers);
  return numbers;
}

}  // namespace

BlockOrder draw_block_order(std::uint64_t seed, std::uint64_t epoch, int stripes) {
  RandomSequence random(seed, random_stream(RandomUse::block_order, epoch));
  BlockOrder order;
  order.round = shuffled(stripes, random);
  order.user_stripe = shuffled(stripes, random);
  order.item_stripe = shuffled(stripes, random);
  return order;
}

}  // namespace tusk
