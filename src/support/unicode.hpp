// Text as people compare it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tusk {

// What first_character() gives for a byte that is no part of a character in UTF-8.
inline constexpr char32_t kNoCharacter = 0xFFFFFFFF;

struct Character {
  char32_t code = kNoCharacter;
  std::size_t bytes = 1;
};
// Of a text that is not empty.
Character first_character(std::string_view text);

// Calls visit(code, its bytes) for each character.
template <class Visit>
void each_character(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const auto [code, bytes] = first_character(text);
    visit(code, text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
}

// Letters and numbers of any script, without combining marks.
bool is_letter_or_number(char32_t c);

// `text` without differences of case, accents and width (Unicode compatibility decomposition, case
// folding, marks removed): "AMÉLIE" and "amelie" are equal. Text that is not UTF-8 has its ASCII
// letters lowered.
std::string folded(std::string_view text);

}  // namespace tusk
