// The names of the values of an enumeration, in its order.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk {

// Throws UsageError: "x" is not `what`: a, b.
template <class Value, std::size_t N>
Value parse_name(const std::array<std::string_view, N>& names, std::string_view text,
                 const char* what) {
  const auto at = std::find(names.begin(), names.end(), text);
  if (at == names.end()) {
    throw UsageError(
        fmt::format("{} is not {}: {}", in_quotes(text), what, fmt::join(names, ", ")));
  }
  return static_cast<Value>(at - names.begin());
}

template <class Value, std::size_t N>
std::string_view name_of(const std::array<std::string_view, N>& names, Value value) {
  return names[static_cast<std::size_t>(value)];
}

}  // namespace tusk
