// One of several parts of a list, for runs side by side.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace tusk::cli {

// The parts 1 .. of hold every element once, in order, and differ by at most one in size.
struct Shard {
  std::size_t number = 1;
  std::size_t of = 1;

  template <class T>
  std::span<const T> take(std::span<const T> all) const {
    const auto cut = [&](std::size_t n) { return all.size() / of * n + all.size() % of * n / of; };
    return all.subspan(cut(number - 1), cut(number) - cut(number - 1));
  }
};

// "2/8"; throws UsageError for what is no shard.
Shard parse_shard(const std::string& text);

}  // namespace tusk::cli
