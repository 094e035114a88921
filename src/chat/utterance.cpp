#include "chat/utterance.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "support/text.hpp"
#include "support/unicode.hpp"

namespace tusk::chat {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kQuotes = {
    {{"\"", "\""},
     {"\xe2\x80\x9c", "\xe2\x80\x9d"},
     {"\xc2\xab", "\xc2\xbb"},
     {"'", "'"},
     {"\xe2\x80\x98", "\xe2\x80\x99"}}};

bool is_apostrophe(char32_t c) { return c == '\'' || c == 0x2019 || c == 0x2018 || c == '`'; }

bool is_part_of_word(std::string_view text) {
  if (text.empty()) return false;
  const char32_t c = first_character(text).code;
  return c != kNoCharacter && is_letter_or_number(c);
}

// Whether `word` is one of those between slashes.
bool is_alternative(std::string_view word, std::string_view words) {
  while (true) {
    const std::size_t slash = std::min(words.find('/'), words.size());
    if (words.substr(0, slash) == word) return !word.empty();
    if (slash == words.size()) return false;
    words.remove_prefix(slash + 1);
  }
}

bool is_digit(char c) { return '0' <= c && c <= '9'; }

// Where the quote that opens at `at` closes, and how many bytes the marks have. An apostrophe opens
// only before a word and closes only behind one.
struct Quote {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t after = 0;
};

std::optional<Quote> quote_at(std::string_view text, std::size_t at) {
  for (const auto& [open, close] : kQuotes) {
    if (!text.substr(at).starts_with(open)) continue;
    const bool apostrophe = open != "\"" && (close == "'" || close == "\xe2\x80\x99");
    const std::size_t begin = at + open.size();
    if (apostrophe && ((at > 0 && text[at - 1] != ' ' && text[at - 1] != '(') ||
                       !is_part_of_word(text.substr(begin)))) {
      continue;
    }
    for (std::size_t end = text.find(close, begin); end != std::string_view::npos;
         end = text.find(close, end + close.size())) {
      const std::string_view inside = trimmed(text.substr(begin, end - begin));
      if (inside.empty()) break;
      if (apostrophe &&
          (text[end - 1] == ' ' || is_part_of_word(text.substr(end + close.size())))) {
        continue;  // "'The Mummy's Hand'"
      }
      return Quote{begin, end, end + close.size()};
    }
  }
  return std::nullopt;
}

}  // namespace

Utterance::Utterance(std::string_view text) : text_(text) {
  const std::string_view all = text_;
  std::size_t at = 0;
  while (at < all.size()) {
    if (const auto quote = quote_at(all, at)) {
      add_quoted(quote->begin, quote->end, quote->after);
      at = quote->after;
      continue;
    }
    const auto [code, bytes] = first_character(all.substr(at));
    if (code == '&' || code == '#') {
      add_word(at, at + 1);
      tokens_.back().word = code == '&' ? "and" : "number";
      ++at;
    } else if (code != kNoCharacter && is_letter_or_number(code)) {
      std::size_t end = at;
      while (end < all.size()) {
        const auto [next, size] = first_character(all.substr(end));
        const bool decimal =
            next == '.' && is_digit(all[end - 1]) && end + 1 < all.size() && is_digit(all[end + 1]);
        if (!decimal &&
            (next == kNoCharacter || (!is_letter_or_number(next) && !is_apostrophe(next)))) {
          break;
        }
        end += size;
      }
      add_word(at, end);
      at = end;
    } else {
      if (code > ' ' && !is_apostrophe(code)) between_ += all.substr(at, bytes);
      at += bytes;
    }
  }
}

void Utterance::add_quoted(std::size_t begin, std::size_t end, std::size_t after) {
  Token& token = tokens_.emplace_back();
  token.between = std::exchange(between_, {});
  token.begin = begin;
  token.end = after;
  token.quoted = std::string(trimmed(std::string_view(text_).substr(begin, end - begin)));
}

void Utterance::add_word(std::size_t begin, std::size_t end) {
  Token& token = tokens_.emplace_back();
  token.between = std::exchange(between_, {});
  token.begin = begin;
  token.end = end;
  const std::string_view text = std::string_view(text_).substr(begin, end - begin);
  std::string plain;
  each_character(text, [&](char32_t c, std::string_view bytes) {
    if (!is_apostrophe(c)) plain += bytes;
  });
  token.word = folded(plain);
  token.capital = !plain.starts_with(token.word.substr(0, 1));
}

std::string_view Utterance::word(std::size_t at) const {
  return at < tokens_.size() ? std::string_view(tokens_[at].word) : std::string_view();
}

std::string_view Utterance::text(std::size_t first, std::size_t last) const {
  if (first >= last || last > tokens_.size()) return {};
  std::size_t end = tokens_[last - 1].end;
  if (end < text_.size() && text_[end] == ')') ++end;  // of a year
  return std::string_view(text_).substr(tokens_[first].begin, end - tokens_[first].begin);
}

// Behind the words of a phrase that begins at `at`; 0 if they are not there.
std::size_t Utterance::end_of(std::size_t at, std::string_view phrase) const {
  if (phrase.empty()) return at;
  const std::size_t blank = std::min(phrase.find(' '), phrase.size());
  std::string_view words = phrase.substr(0, blank);
  const std::string_view rest = phrase.substr(std::min(blank + 1, phrase.size()));
  const bool may_be_missing = words.ends_with('?');
  if (may_be_missing) words.remove_suffix(1);
  if (at < size() && !tokens_[at].used && is_alternative(tokens_[at].word, words)) {
    if (const std::size_t end = end_of(at + 1, rest); end > 0) return end;
  }
  return may_be_missing ? end_of(at, rest) : 0;
}

std::size_t Utterance::length_at(std::size_t at, std::string_view phrase) const {
  const std::size_t end = end_of(at, phrase);
  return end > at ? end - at : 0;
}

bool Utterance::has(std::size_t at, std::string_view phrase) const {
  return length_at(at, phrase) > 0;
}

std::size_t Utterance::match(std::size_t at, std::span<const std::string_view> phrases) const {
  std::size_t longest = 0;
  for (const std::string_view phrase : phrases) longest = std::max(longest, length_at(at, phrase));
  return longest;
}

std::size_t Utterance::match_before(std::size_t at,
                                    std::span<const std::string_view> phrases) const {
  constexpr std::size_t kMostWords = 6;
  for (std::size_t words = std::min(at, kMostWords); words > 0; --words) {
    for (const std::string_view phrase : phrases) {
      if (length_at(at - words, phrase) == words) return words;
    }
  }
  return 0;
}

bool Utterance::has_any(std::span<const std::string_view> phrases) const {
  for (std::size_t at = 0; at < size(); ++at) {
    if (match(at, phrases) > 0) return true;
  }
  return false;
}

void Utterance::use(std::size_t at, std::size_t count) {
  for (std::size_t t = at; t < std::min(at + count, tokens_.size()); ++t) tokens_[t].used = true;
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace tusk::chat
