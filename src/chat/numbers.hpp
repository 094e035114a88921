// Numbers in what somebody says: how many, which years, how many stars, which of a list.
#pragma once

#include <cstddef>
#include <optional>

#include "chat/utterance.hpp"

namespace tusk::chat {

struct Years {
  std::optional<int> from;
  std::optional<int> to;
};
// "from the late nineties", "before 1980", "1990-1995", "nothing after 2000". Uses the words.
Years take_years(Utterance& text);

// Whether a word is a number from 1 on, in digits or not: "5", "five".
bool is_number(std::string_view word);

// "seven", "a couple of", "half a dozen". Uses the words. From 0, which negative numbers are, to
// kMostAskedItems.
std::optional<int> take_count(Utterance& text);

struct Stars {
  float stars = 0;        // 0 to 5
  std::size_t words = 0;  // that say so; 0: none do
};
// "4 stars", "8/10", "3 out of 5".
Stars stars_at(const Utterance& text, std::size_t at);
// A number alone, 0 to 5.
Stars number_at(const Utterance& text, std::size_t at);

struct Ordinal {
  std::size_t place = 0;  // from 0
  std::size_t words = 0;
};
// "the second one", "number 2", "the last one" of so many.
Ordinal ordinal_at(const Utterance& text, std::size_t at, std::size_t of);

}  // namespace tusk::chat
