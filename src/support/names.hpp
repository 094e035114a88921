// The names of the values of an enumeration, in its order.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk {

// Whatever the case, and with underscores for hyphens too. Throws UsageError: "x" is not `what`: it
// must be one of a and b.
template <class Value, std::size_t N>
Value parse_name(const std::array<std::string_view, N>& names, std::string_view text,
                 const char* what) {
  const auto at = std::find(names.begin(), names.end(), canonical_name(text));
  if (at == names.end()) {
    throw UsageError(fmt::format("{} is not {}: it must be one of {}", in_quotes(text), what,
                                 list_text({names.begin(), names.end()})));
  }
  return static_cast<Value>(at - names.begin());
}

template <class Value, std::size_t N>
std::string_view name_of(const std::array<std::string_view, N>& names, Value value) {
  return names[static_cast<std::size_t>(value)];
}

}  // namespace tusk
