#pragma once

#include <cstdint>

#include <tusk/types.hpp>

namespace tusk {

// Ratings of one user that are trained on one after another.
struct UserRun {
  std::int64_t first = 0;  // its first rating
  Index user = 0;          // its row
  std::uint32_t count = 0;
};

}  // namespace tusk
