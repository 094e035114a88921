#include "cli/shard.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk::cli {

Shard parse_shard(const std::string& text) {
  const auto parts = split_text(text, "/");
  const auto number = parse_int(parts.front());
  const auto of = parts.size() == 2 ? parse_int(parts[1]) : std::nullopt;
  if (!number || !of || *number < 1 || *number > *of) {
    throw UsageError(
        fmt::format("--shard {} is not i/n, such as 2/8: part 2 of 8", short_text(text)));
  }
  return {static_cast<std::size_t>(*number), static_cast<std::size_t>(*of)};
}

}  // namespace tusk::cli
