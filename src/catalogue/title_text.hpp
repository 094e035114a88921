// Titles taken apart into words, as people compare them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tusk {

// One name of an item.
struct TitleName {
  std::vector<std::string> words;  // folded; an article that stood behind is in front
  std::size_t article = 0;         // how many of the first words are an article that may be missing
  bool alternative = false;        // it stood in parentheses
  // Neighbouring words that were joined by punctuation, as one: "spiderman" of "Spider-Man".
  std::vector<std::string> compounds;

  // The words without the article, as one.
  std::string joined() const;
};

struct TitleText {
  std::vector<TitleName> names;  // the first is the title; none where there are no words
  int year = 0;                  // from the end, "(1999)"; 0: none
};

// "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)" has two names and a year. The text is
// UTF-8.
TitleText parse_title(std::string_view title);

// Whether a word of four digits may be a year of a film.
bool is_year(std::string_view word);

// The number that a word is: "7", "vii" and "seven" are 7; -1 for other words. It must be folded.
int number_of_word(std::string_view word);

}  // namespace tusk
