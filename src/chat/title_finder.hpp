// Titles in what somebody says, in quotes or without.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/title_index.hpp>

#include "chat/genre_words.hpp"
#include "chat/utterance.hpp"

namespace tusk::chat {

// Words that name nothing by themselves, unless they are written with a capital within a sentence.
bool is_small(const Utterance& text, std::size_t at);

// Behind "the movie", "both" and the like, where a title begins.
std::size_t skip_before_title(const Utterance& text, std::size_t at);

// Where the words that may name one thing end, if it begins at `at`.
std::size_t clause_end(const Utterance& text, std::size_t at);

struct TitleFound {
  std::string title;      // as the catalogue has it, or as it was said if it is no item's
  std::size_t words = 0;  // that name it; 0: none do
  bool known = false;     // whether it is an item's
};

class TitleFinder {
 public:
  // Borrowed, all of them. `listed`: titles of the last list, for "the second one".
  TitleFinder(const Catalogue& catalogue, const TitleIndex& index, const GenreWords& genres,
              std::span<const std::string> listed)
      : catalogue_(catalogue), index_(index), genres_(genres), listed_(listed) {}

  // What is in quotes, "the second one", or the longest run of words from `at` on that names an
  // item. Small words alone, and what is rather a genre, name none.
  TitleFound named(const Utterance& text, std::size_t at) const;

  // named(), or else what the words up to the next break may mean: the beginning of a title, some
  // words of one, one with typos. `any`: if that is nothing, the words themselves.
  TitleFound meant(const Utterance& text, std::size_t at, bool any) const;

  // The titles from `at` on, joined by commas, "and" and "or", each once and no more than
  // kMostChatTexts of them; and their words, which are used. The first may be any text.
  std::vector<std::string> take_list(Utterance& text, std::size_t at) const;

  // Whatever named() finds in the text, from each of its words on.
  std::vector<std::string> all_named(const Utterance& text) const;

  // The item's title that a text in quotes means, or the text.
  TitleFound resolved(std::string_view text) const;

 private:
  TitleFound of_item(Index item, std::size_t words) const;
  TitleFound guess(const Utterance& text, std::size_t at, std::size_t end, bool any) const;

  const Catalogue& catalogue_;
  const TitleIndex& index_;
  const GenreWords& genres_;
  std::span<const std::string> listed_;
};

}  // namespace tusk::chat
