// How far one word is from another.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace tusk {

// Insertions, deletions and replacements of bytes that make one word the other (Levenshtein, 1966).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The largest distance at which a word may be taken for another that was misspelt.
inline std::size_t near_distance(std::string_view word) {
  return word.size() <= 3 ? word.size() / 2 : std::max<std::size_t>(2, word.size() / 3);
}

}  // namespace tusk
