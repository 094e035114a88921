#pragma once

#include <cstddef>
#include <limits>

#include "backend/backend.hpp"

namespace tusk {

// Lists without a candidate yet.
inline TopK padded_lists(std::size_t rows, int k) {
  const std::size_t entries = rows * static_cast<std::size_t>(k);
  TopK lists;
  lists.rows = static_cast<Index>(rows);
  lists.k = k;
  lists.index.assign(entries, kNone);
  lists.score.assign(entries, -std::numeric_limits<float>::infinity());
  return lists;
}

}  // namespace tusk
