#pragma once

#include <cstdint>
#include <vector>

#include <tusk/types.hpp>

namespace tusk {

// The entries of a matrix by column: its transpose, which owns its memory.
struct Transposed {
  std::vector<std::int64_t> offset;
  std::vector<Index> column;
  std::vector<float> value;
  Index columns = 0;

  explicit Transposed(const CsrView& matrix);
  CsrView view() const { return {offset, column, value, columns}; }
};

}  // namespace tusk
