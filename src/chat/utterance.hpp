// What somebody says, as words.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::chat {

struct Token {
  std::string word;       // folded, without apostrophes; "and" for &, "number" for #
  std::string between;    // punctuation between the word before and this one, without blanks
  std::size_t begin = 0;  // in the text
  std::size_t end = 0;
  bool capital = false;               // whether it begins with an upper-case letter
  std::optional<std::string> quoted;  // all that stands in quotes is one token without a word
  bool used = false;                  // whether its meaning is known
};

class Utterance {
 public:
  explicit Utterance(std::string_view text);

  std::size_t size() const { return tokens_.size(); }
  const Token& operator[](std::size_t at) const { return tokens_[at]; }
  // The word there; "" outside and in quotes.
  std::string_view word(std::size_t at) const;

  // The text of tokens `first` up to but not including `last`.
  std::string_view text(std::size_t first, std::size_t last) const;

  // Whether the words from `at` on are those of a phrase, "what else". Words whose meaning is known
  // belong to no phrase. In "i/we really? liked/loved" words between slashes are alternatives, and
  // those before a question mark may be missing.
  bool has(std::size_t at, std::string_view phrase) const;
  // How many words the longest of the phrases that is there has; 0: none is.
  std::size_t match(std::size_t at, std::span<const std::string_view> phrases) const;
  // The same of phrases that end before `at`.
  std::size_t match_before(std::size_t at, std::span<const std::string_view> phrases) const;
  // Whether any of the phrases is anywhere.
  bool has_any(std::span<const std::string_view> phrases) const;

  void use(std::size_t at, std::size_t count = 1);

 private:
  std::size_t end_of(std::size_t at, std::string_view phrase) const;
  std::size_t length_at(std::size_t at, std::string_view phrase) const;
  void add_quoted(std::size_t begin, std::size_t end, std::size_t after);
  void add_word(std::size_t begin, std::size_t end);

  std::string text_;
  std::vector<Token> tokens_;
  std::string between_;
};

// Whether one of the words equals `word`.
bool is_one_of(std::string_view word, std::span<const std::string_view> words);
bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words);

}  // namespace tusk::chat
