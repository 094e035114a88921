// All of a list's entries in an order that costs no memory.
#pragma once

#include <cstdint>
#include <numeric>

#include "support/philox.hpp"

namespace tusk {

// Entries first, first + step, first + 2 step, ... modulo their number, which step has no divisor
// in common with.
struct StrideOrder {
  std::uint32_t first = 0;
  std::uint32_t step = 1;
};

inline StrideOrder draw_stride_order(std::uint32_t count, RandomSequence& random) {
  StrideOrder order{random.below(count), 1};
  if (count < 3) return order;
  do {
    order.step = 1 + random.below(count - 1);
  } while (std::gcd(order.step, count) != 1);
  return order;
}

}  // namespace tusk
