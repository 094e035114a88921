// The words of many titles, and which titles have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tusk/text_table.hpp>

#include "catalogue/title_text.hpp"
#include "catalogue/typos.hpp"

namespace tusk {

// Words of titles that a word of a query may mean. Words are numbers in the order of their bytes.
struct WordMatches {
  std::vector<std::uint32_t> words;  // single ones, ascending
  std::vector<std::size_t> typos;    // of each of them
  std::uint32_t first = 0;           // and those from here
  std::uint32_t last = 0;            // to before here, which begin with it

  // How far a word is from that of the query; nothing if it is not meant.
  std::optional<std::size_t> distance(std::uint32_t word) const;
};

class TitleWords {
 public:
  class Builder {
   public:
    // Names are numbered from 0 in the order in which they are added.
    void add(const TitleName& name);
    TitleWords finish() &&;

   private:
    std::uint32_t number(const std::string& word);

    std::unordered_map<std::string, std::uint32_t> number_;
    std::vector<std::uint32_t> words_;
    std::vector<std::size_t> offset_ = {0};
    std::vector<std::uint32_t> compounds_;
    std::vector<std::size_t> compound_offset_ = {0};
    std::vector<std::string> joined_;
  };

  std::string_view text(std::uint32_t word) const { return vocabulary_[word]; }
  std::span<const std::uint32_t> words_of(std::size_t name) const {
    return std::span(words_).subspan(offset_[name], offset_[name + 1] - offset_[name]);
  }
  std::span<const std::uint32_t> compounds_of(std::size_t name) const {
    return std::span(compounds_)
        .subspan(compound_offset_[name], compound_offset_[name + 1] - compound_offset_[name]);
  }
  // Whether a word of the name ends after so many bytes, counted from its word `from`.
  bool word_ends(std::size_t name, std::size_t from, std::size_t bytes) const;

  // The word itself and those that are the same number.
  WordMatches like(std::string_view word) const;
  // Adds those that begin with it.
  void add_beginnings(std::string_view word, WordMatches& matches) const;
  // Those that it may be a typo of, itself included.
  WordMatches with_typos(std::string_view word) const;

  // How many names have any of the words, a name counted for each.
  std::size_t names_with(const WordMatches& matches) const;
  // Calls visit(name) for these, perhaps several times.
  template <class Visit>
  void each_name_with(const WordMatches& matches, const Visit& visit) const {
    const auto each = [&](std::uint32_t word) {
      for (std::size_t at = posting_offset_[word]; at < posting_offset_[word + 1]; ++at) {
        visit(static_cast<std::size_t>(posting_[at]));
      }
    };
    for (const std::uint32_t word : matches.words) each(word);
    for (std::uint32_t word = matches.first; word < matches.last; ++word) each(word);
  }
  // The least distance of a word of the name or, if it has none of them, of a compound; nothing if
  // that has none either.
  std::optional<std::size_t> distance(const WordMatches& matches, std::size_t name) const;

  // Names as one word without spaces and article, sorted: the places of those that begin so.
  std::pair<std::size_t, std::size_t> joined_with(std::string_view beginning) const;
  std::size_t joined_name(std::size_t place) const { return joined_order_[place]; }
  std::string_view joined_text(std::size_t place) const { return joined_[joined_order_[place]]; }
  // Calls visit(name, typos) for those that are at most so many typos away.
  template <class Visit>
  void each_joined_near(std::string_view joined, std::size_t most, const Visit& visit) const {
    const std::uint64_t letters = letters_of(joined);
    for (std::size_t name = 0; name < joined_letters_.size(); ++name) {
      if (!may_be_near(joined_letters_[name], letters, most)) continue;
      const std::size_t typos = typo_distance(joined, joined_[name], most);
      if (typos <= most) visit(name, typos);
    }
  }

 private:
  TextTable vocabulary_;                // sorted
  std::vector<std::uint64_t> letters_;  // by word
  std::unordered_map<int, std::vector<std::uint32_t>> by_number_;
  std::vector<std::uint32_t> words_;                // of all names
  std::vector<std::size_t> offset_;                 // [names + 1]
  std::vector<std::uint32_t> posting_;              // names that have a word, ascending
  std::vector<std::size_t> posting_offset_;         // [words + 1]
  std::vector<std::uint32_t> compounds_;            // of all names
  std::vector<std::size_t> compound_offset_ = {0};  // [names + 1]
  TextTable joined_;                                // by name
  std::vector<std::uint64_t> joined_letters_;
  std::vector<std::size_t> joined_order_;
};

}  // namespace tusk
