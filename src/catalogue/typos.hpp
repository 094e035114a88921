// Edit distance between words.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tusk {

// Insertions, deletions, replacements and swaps of neighbouring bytes that make one word the other
// (optimal string alignment), if they are `most` at most; else most + 1.
std::size_t typo_distance(std::string_view a, std::string_view b, std::size_t most);

// How many typos a word of so many bytes may have.
inline std::size_t most_typos(std::size_t length) {
  return length < 3 ? 0 : length < 5 ? 1 : length < 9 ? 2 : 3;
}

// A bit for each letter and digit that a word has.
std::uint64_t letters_of(std::string_view word);
// False only for the letters of words that are more than `most` typos apart.
inline bool may_be_near(std::uint64_t letters, std::uint64_t others, std::size_t most) {
  return static_cast<std::size_t>(std::popcount(letters ^ others)) <= 2 * most;
}

}  // namespace tusk
