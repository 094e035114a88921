// An entry of a column's list as the GPU reads it: eight bytes.
#pragma once

#include <cstdint>

namespace tusk {

struct alignas(8) RowEntry {
  std::uint32_t slot = 0;  // of its row, in its range: see row_ranges.hpp
  float value = 0;
};

// Places of entries are 32-bit numbers, which a warp may step beyond the last.
inline constexpr std::uint64_t kMostEntries = 0xffffff00u;

}  // namespace tusk
