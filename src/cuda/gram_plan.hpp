// What inverting a Gram matrix takes of a GPU's memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "backend/gram_inverse.hpp"

namespace tusk {

struct GramPlan {
  std::size_t tile = 0;  // rows and columns that are eliminated together
  int sums = 0;          // rows of the matrix that are added up at the same time
};

// `free` has the bytes that are free now. Throws DeviceError, which says how many are needed, if
// they are too few. `gpu` is its name.
GramPlan plan_gram(const GramSize& size, int multiprocessors, std::uint64_t free,
                   std::string_view gpu);

}  // namespace tusk
