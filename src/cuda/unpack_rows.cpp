#include "cuda/unpack_rows.hpp"

#include <cstdint>
#include <cstring>

#include "cuda/half_rounding.hpp"

namespace tusk {
namespace {

template <class Value>
Value read(const unsigned char* from) {
  Value value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

}  // namespace

void unpack_rows(std::span<const unsigned char> bytes, const RowLayout& layout, Index count,
                 std::span<const Index> row_of, std::vector<float>& factors,
                 std::vector<float>& biases) {
  const auto length = static_cast<std::size_t>(layout.factors);
  factors.reserve(factors.size() + static_cast<std::size_t>(count) * length);
  biases.reserve(biases.size() + static_cast<std::size_t>(count));
  for (std::size_t u = 0; u < static_cast<std::size_t>(count); ++u) {
    const std::size_t row = row_of.empty() ? u : static_cast<std::size_t>(row_of[u]);
    const unsigned char* const from = bytes.data() + row * layout.stride();
    for (std::size_t f = 0; f < length; ++f) {
      const unsigned char* const at = from + f * layout.factor_bytes;
      factors.push_back(layout.factor_bytes == sizeof(float) ? read<float>(at)
                                                             : half_value(read<std::uint16_t>(at)));
    }
    biases.push_back(read<float>(from + layout.bias_offset()));
  }
}

}  // namespace tusk
