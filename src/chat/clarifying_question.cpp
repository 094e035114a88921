#include "chat/clarifying_question.hpp"

#include <algorithm>
#include <bitset>
#include <map>
#include <vector>

#include <fmt/format.h>

#include <tusk/text_features.hpp>

#include "support/text.hpp"
#include "support/title_year.hpp"
#include "support/unicode.hpp"

namespace tusk::chat {
namespace {

constexpr std::size_t kMostItems = 64;
using Items = std::bitset<kMostItems>;

// Items that have a term.
using TermItems = std::map<std::string, Items>;

struct Split {
  std::size_t value = 0;  // how many pairs of items it tells apart
  std::string question;
};

void improve(Split& best, std::size_t value, const auto& question) {
  if (value > best.value) best = {value, question()};
}

// Two terms that the most pairs of items have one each of.
Split by_two(const TermItems& terms, std::string_view quote) {
  Split best;
  for (auto one = terms.begin(); one != terms.end(); ++one) {
    for (auto other = std::next(one); other != terms.end(); ++other) {
      const std::size_t value =
          (one->second & ~other->second).count() * (other->second & ~one->second).count();
      improve(best, value, [&] {
        return fmt::format("Rather {0}{1}{0} or {0}{2}{0}?", quote, one->first, other->first);
      });
    }
  }
  return best;
}

// A genre that some have and others have not.
Split by_one(const TermItems& genres, std::size_t items) {
  Split best;
  for (const auto& [genre, having] : genres) {
    improve(best, having.count() * (items - having.count()),
            [&] { return fmt::format("Rather with {0} or without {0}?", genre); });
  }
  return best;
}

// Years before and from one on, that of a decade if one divides them.
Split by_year(std::span<const ChatDescription> items) {
  constexpr int kDecade = 10;
  std::vector<int> years;
  for (const ChatDescription& one : items) {
    if (one.year != 0) years.push_back(one.year);
  }
  std::sort(years.begin(), years.end());
  Split best;
  for (const int step : {kDecade, 1}) {
    for (const int year : years) {
      const int from = year - year % step;
      const auto older = std::lower_bound(years.begin(), years.end(), from) - years.begin();
      const auto newer = std::ssize(years) - older;
      improve(best, static_cast<std::size_t>(older * newer),
              [&] { return fmt::format("Rather from before {0}, or from {0} or later?", from); });
    }
    if (best.value > 0) break;
  }
  return best;
}

// The terms of each item, as `list` names them.
template <class List>
TermItems terms_of(std::span<const ChatDescription> items, const List& list) {
  TermItems terms;
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (const std::string& term : list(items[i])) terms[term].set(i);
  }
  return terms;
}

std::vector<std::string> title_words(const ChatDescription& item) {
  std::string_view title = item.title;
  take_year(title);
  return words_of(title, {true, Stemming::none});
}

std::string by_titles(std::span<const ChatDescription> items) {
  std::vector<std::string> titles;
  for (const ChatDescription& one : items) titles.push_back(one.title);
  return fmt::format("Which sounds best: {}?", list_text(titles, "or"));
}

}  // namespace

std::string question_about(std::span<const ChatDescription> items) {
  items = items.first(std::min(items.size(), kMostItems));
  const TermItems genres = terms_of(items, [](const auto& item) { return item.genres; });
  Split best = by_two(genres, "");
  if (Split years = by_year(items); years.value > best.value) best = std::move(years);
  if (best.value == 0) best = by_one(genres, items.size());
  if (best.value == 0) best = by_two(terms_of(items, title_words), "\"");
  return best.value > 0 ? best.question : by_titles(items);
}

std::optional<std::string> clean_question(std::string_view text) {
  constexpr std::size_t kMostBytes = 4000;
  constexpr std::size_t kMostCharacters = 200;
  constexpr std::size_t kLeastCharacters = 5;
  if (text.size() > kMostBytes || !is_utf8(text)) return std::nullopt;
  std::string question;
  std::size_t characters = 0;
  bool blank = false;
  bool ends = false;
  each_character(text, [&](char32_t code, std::string_view bytes) {
    if (ends) return;
    blank = blank || code == ' ' || code == '\n' || code == '\t' || code == '\r';
    if (code == ' ' || is_hidden(code, 0, 0)) return;
    if (blank && !question.empty()) {
      question += ' ';
      ++characters;
    }
    blank = false;
    question += bytes;
    ++characters;
    ends = code == '?';
  });
  const bool has_link =
      question.find("://") != std::string::npos || question.find("www.") != std::string::npos;
  if (!ends || has_link || characters > kMostCharacters || characters < kLeastCharacters) {
    return std::nullopt;
  }
  return question;
}

}  // namespace tusk::chat
