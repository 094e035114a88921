#include "chat/title_finder.hpp"

#include <algorithm>
#include <array>

#include <tusk/chat_request.hpp>

#include "chat/numbers.hpp"

namespace tusk::chat {
namespace {

constexpr std::size_t kMostWords = 12;  // of a title without quotes

constexpr std::array<std::string_view, 67> kSmallWords = {
    "it",       "that",      "this",    "them",   "these",  "those", "her",    "him",
    "you",      "me",        "us",      "more",   "one",    "ones",  "all",    "everything",
    "anything", "something", "nothing", "i",      "a",      "an",    "the",    "to",
    "and",      "or",        "of",      "in",     "movies", "movie", "film",   "films",
    "is",       "was",       "most",    "best",   "next",   "what",  "why",    "too",
    "else",     "watching",  "some",    "any",    "my",     "we",    "they",   "he",
    "she",      "good",      "much",    "really", "very",   "so",    "but",    "please",
    "with",     "for",       "on",      "list",   "last",   "first", "second", "third",
    "other",    "others",    "again"};

// Words that a clause does not go beyond.
constexpr std::array<std::string_view, 23> kBreaks = {
    "but",     "from", "without", "please", "for",   "made",  "released", "that",
    "which",   "what", "before",  "after",  "since", "not",   "except",   "if",
    "because", "is",   "was",     "are",    "only",  "would", "should"};

bool ends_clause(const Token& token) {
  return token.between.find_first_of("?!;,:.") != std::string::npos;
}

// "top 5" says how many, unless it is written as in the title: "Top Five".
bool is_ranked_count(const Utterance& text, std::size_t at, std::size_t end,
                     std::string_view title) {
  constexpr std::array<std::string_view, 7> kRanks = {"top",  "best",    "first", "next",
                                                      "last", "another", "worst"};
  const std::size_t first = at + (text.word(at) == "the" ? 1 : 0);
  return end == first + 2 && is_one_of(text.word(first), kRanks) &&
         is_number(text.word(first + 1)) && !title.starts_with(text.text(first, end));
}

}  // namespace

bool is_small(const Utterance& text, std::size_t at) {
  const bool stands_out = text[at].capital && at > 0 && !text[at].between.starts_with('.');
  return !stands_out && is_one_of(text.word(at), kSmallWords);
}

std::size_t skip_before_title(const Utterance& text, std::size_t at) {
  constexpr std::array<std::string_view, 3> kBefore = {"the movie/movies/film/films",
                                                       "watching/both/either/also", "all of"};
  return at + text.match(at, kBefore);
}

std::size_t clause_end(const Utterance& text, std::size_t at) {
  std::size_t end = at;
  while (end < std::min(text.size(), at + kMostWords) && !text[end].used && !text[end].quoted &&
         (end == at || !ends_clause(text[end])) && !is_one_of(text.word(end), kBreaks)) {
    ++end;
  }
  return end;
}

TitleFound TitleFinder::of_item(Index item, std::size_t words) const {
  return {std::string(catalogue_.title[static_cast<std::size_t>(item)]), words, true};
}

TitleFound TitleFinder::resolved(std::string_view text) const {
  if (const auto items = index_.named(text); !items.empty()) return of_item(items.front(), 1);
  const auto hits = index_.find(text, 1);
  if (!hits.empty() && hits.front().match <= TitleMatch::typos) {
    return of_item(hits.front().item, 1);
  }
  return {std::string(text), 1, false};
}

TitleFound TitleFinder::named(const Utterance& text, std::size_t at) const {
  if (at >= text.size() || text[at].used) return {};
  if (text[at].quoted) return resolved(*text[at].quoted);
  if (const Ordinal ordinal = ordinal_at(text, at, listed_.size()); ordinal.words > 0) {
    return {listed_[ordinal.place], ordinal.words, true};
  }
  std::size_t last = at;
  bool in_brackets = false;  // behind which a title ends, but for more of them: "Psycho (1998)"
  while (last < std::min(text.size(), at + kMostWords) && !text[last].used && !text[last].quoted) {
    const std::string_view between = text[last].between;
    const bool opens = between.find('(') != std::string_view::npos && last > at;
    if (in_brackets && !opens && between.find(')') != std::string_view::npos) break;
    in_brackets = in_brackets || opens;
    ++last;
  }
  const std::size_t genre = genres_.match(text, at).words;
  for (std::size_t end = last; end > at; --end) {
    const std::size_t words = end - at;
    if (words <= genre && !text[at].capital) return {};
    if (words == 1 && is_small(text, at)) return {};
    const auto items = index_.named(text.text(at, end));
    if (items.empty()) continue;
    TitleFound found = of_item(items.front(), words);
    if (!is_ranked_count(text, at, end, found.title)) return found;
  }
  return {};
}

TitleFound TitleFinder::guess(const Utterance& text, std::size_t at, std::size_t end,
                              bool any) const {
  constexpr std::size_t kFewLetters = 4;
  while (end > at + 1 && is_small(text, end - 1)) --end;
  if (end == at || (end == at + 1 && is_small(text, at))) return {};
  const std::string_view said = text.text(at, end);
  const std::size_t words = end - at;
  const auto hits = index_.find(said, 1);
  // One word in lower case may be any word of a sentence.
  const bool is_clear = any || words > 1 || text[at].capital;
  if (!hits.empty() && is_clear && said.size() >= kFewLetters) {
    const TitleMatch match = hits.front().match;
    const bool is_near = match == TitleMatch::typos || match == TitleMatch::beginnings;
    if (match <= TitleMatch::words || (is_near && (any || text[at].capital || words > 1))) {
      return of_item(hits.front().item, words);
    }
  }
  if (!any) return {};
  return {std::string(said), words, false};
}

TitleFound TitleFinder::meant(const Utterance& text, std::size_t at, bool any) const {
  if (const TitleFound found = named(text, at); found.words > 0) return found;
  if (at >= text.size() || text[at].used) return {};
  const std::size_t noun = at + (is_one_of(text.word(at), {"a", "an", "some", "any"}) ? 1 : 0);
  if (noun < text.size() && genres_.match(text, noun).words > 0 && !text[noun].capital) return {};
  const std::size_t clause = clause_end(text, at);
  std::size_t end = at;
  while (end < clause && !is_one_of(text.word(end), {"and", "or"})) ++end;
  const TitleFound whole = guess(text, at, clause, any && end == clause);
  return whole.words > 0 || end == clause ? whole : guess(text, at, end, any);
}

std::vector<std::string> TitleFinder::all_named(const Utterance& text) const {
  std::vector<std::string> titles;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (TitleFound found = named(text, at); found.words > 0) titles.push_back(found.title);
  }
  return titles;
}

std::vector<std::string> TitleFinder::take_list(Utterance& text, std::size_t at) const {
  std::vector<std::string> titles;
  while (true) {
    TitleFound found = named(text, at);
    if (found.words == 0) {
      at = skip_before_title(text, at);
      found = meant(text, at, titles.empty());
    }
    if (found.words == 0) return titles;
    const bool is_new = std::find(titles.begin(), titles.end(), found.title) == titles.end();
    if (is_new && titles.size() < kMostChatTexts) titles.push_back(found.title);
    text.use(at, found.words);
    at += found.words;
    const bool comma = at < text.size() && text[at].between.ends_with(',');
    const bool joined = is_one_of(text.word(at), {"and", "or"});
    if (joined) {
      ++at;
    } else if (!comma) {
      return titles;
    }
    // What follows must be named, not guessed: "like Heat, from the nineties".
    if (named(text, at).words == 0) return titles;
  }
}

}  // namespace tusk::chat
