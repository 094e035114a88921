// How deep a TOML text is nested, found without recursion.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tusk {

// The first line, from 1, on which brackets or the parts of a dotted key are nested deeper than
// `deepest`; none if no line is. The text need not be valid: what no parser takes may count as
// deep.
std::optional<std::int64_t> line_nested_deeper(std::string_view text, int deepest);

}  // namespace tusk
