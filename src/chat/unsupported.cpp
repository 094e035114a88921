#include "chat/unsupported.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "chat/cues.hpp"
#include "chat/numbers.hpp"

namespace tusk::chat {
namespace {

// In front of people, subjects and places.
constexpr std::array<std::string_view, 4> kCues = {
    "directed/written/produced/made/filmed/shot? by", "starring/featuring/with",
    "set/filmed/shot/available/streaming in/on", "about"};
constexpr std::array<std::string_view, 1> kServices = {"on netflix/hulu/disney/prime/amazon/hbo"};
// In front of "about" if it asks or guesses instead.
constexpr std::array<std::string_view, 9> kNoSubject = {
    "what", "how", "think", "thinking", "forget", "crazy", "thought", "feel", "care"};
// Words that are no person, subject or place.
constexpr std::array<std::string_view, 48> kNotNames = {
    "me",      "my",         "our",       "us",        "you",        "your",    "her",
    "him",     "friend",     "friends",   "family",    "girlfriend", "wife",    "boyfriend",
    "husband", "parents",    "mom",       "dad",       "partner",    "date",    "rating",
    "ratings", "reviews",    "star",      "stars",     "votes",      "rated",   "far",
    "all",     "everybody",  "everyone",  "others",    "people",     "most",    "critics",
    "users",   "viewers",    "genre",     "year",      "title",      "titles",  "popularity",
    "now",     "themselves", "recommend", "something", "anything",   "whatever"};
constexpr std::array<std::string_view, 31> kLanguages = {
    "english", "french",  "german",  "spanish",   "italian",   "portuguese", "dutch",     "swedish",
    "danish",  "finnish", "polish",  "russian",   "czech",     "greek",      "turkish",   "arabic",
    "hebrew",  "hindi",   "indian",  "japanese",  "chinese",   "mandarin",   "cantonese", "korean",
    "thai",    "persian", "iranian", "norwegian", "bollywood", "foreign",    "british"};
constexpr std::array<std::string_view, 6> kUnits = {"minutes", "minute", "min",
                                                    "mins",    "hours",  "hour"};
constexpr std::array<std::string_view, 4> kBounds = {
    "under/over/below/above", "less/more/shorter/longer than", "at most/least", "up to"};
constexpr std::array<std::string_view, 6> kNames = {"film",   "films", "movie",
                                                    "movies", "flick", "flicks"};

class UnsupportedReader {
 public:
  UnsupportedReader(Utterance& text, const TitleFinder& titles, const GenreWords& genres)
      : text_(text), titles_(titles), genres_(genres) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      all_capital_ = all_capital_ && (text[at].capital || text[at].quoted);
    }
  }

  std::vector<std::string> read() && {
    for (std::size_t at = 0; at < text_.size();) {
      if (text_[at].used) {
        ++at;
        continue;
      }
      const std::size_t title = titles_.named(text_, at).words;
      const std::size_t end = std::max({at, phrase(at), language(at), length(at), name(at)});
      // "The French Connection", but not "In" and "With" where they are titles.
      if (title > 1 || end == at) {
        at += std::max<std::size_t>(title, 1);
        continue;
      }
      const std::size_t first = at - (length(at) > at ? text_.match_before(at, kBounds) : 0);
      said_.emplace_back(text_.text(first, end));
      text_.use(first, end - first);
      at = end;
    }
    return std::move(said_);
  }

 private:
  // Each of these returns where what is said at `at` ends, or `at`.

  // "by Tarantino", "about dogs", "without Tom Hanks", "on Netflix".
  std::size_t phrase(std::size_t at) const {
    if (const std::size_t service = text_.match(at, kServices); service > 0) return at + service;
    std::size_t cue = text_.match(at, kCues);
    if (cue == 0) {
      cue = text_.match(at, kExceptCues);
      if (cue == 0 || at + cue >= text_.size() || !text_[at + cue].capital) return at;
    }
    if (text_.word(at) == "about" && at > 0 && is_one_of(text_.word(at - 1), kNoSubject)) return at;
    const std::size_t first = at + cue;
    const std::size_t end = phrase_end(first);
    bool names = false;
    for (std::size_t w = first; w < end; ++w) {
      if (is_known(w)) return at;
      names = names || !is_small(text_, w);
    }
    return names && !starts_with_number(first) ? end : at;
  }

  // As far as the clause goes, but not into the next of these; "and" and "or" only join names.
  std::size_t phrase_end(std::size_t first) const {
    const std::size_t clause = clause_end(text_, first);
    std::size_t end = first;
    while (end < clause && !is_one_of(text_.word(end), kNames) && text_.match(end, kCues) == 0 &&
           text_.match(end, kServices) == 0 && language(end) == end) {
      const bool joins = is_one_of(text_.word(end), {"and", "or"});
      if (joins && !(end + 1 < clause && text_[end + 1].capital && !is_known(end + 1))) break;
      ++end;
    }
    return end;
  }

  // Words that mean something else: a genre, a tone, a rating, who watches.
  bool is_known(std::size_t at) const {
    return genres_.match(text_, at).words > 0 || text_.match(at, kLighterCues) > 0 ||
           text_.match(at, kDarkerCues) > 0 || text_.match(at, kPopularCues) > 0 ||
           is_one_of(text_.word(at), kNotNames) || titles_.named(text_, at).words > 0;
  }

  bool starts_with_number(std::size_t at) const {
    const std::string_view word = text_.word(at);
    return is_number(word) || (!word.empty() && '0' <= word[0] && word[0] <= '9');
  }

  // "French", "in Korean".
  std::size_t language(std::size_t at) const {
    const std::size_t place = at + (is_one_of(text_.word(at), {"in", "from"}) ? 1 : 0);
    if (place >= text_.size() || text_[place].used) return at;
    return is_one_of(text_.word(place), kLanguages) ? place + 1 : at;
  }

  // "90 minutes".
  std::size_t length(std::size_t at) const {
    return is_number(text_.word(at)) && is_one_of(text_.word(at + 1), kUnits) ? at + 2 : at;
  }

  // "Hitchcock" before "movies"; where a sentence begins, "Tom Hanks".
  std::size_t name(std::size_t at) const {
    if (all_capital_) return at;
    std::size_t end = at;
    while (end < text_.size() && text_[end].capital && !text_[end].used && !is_small(text_, end) &&
           !is_known(end) && text_.match(end, kAskCues) == 0 &&
           (end == at || text_[end].between.empty())) {
      ++end;
    }
    const bool begins = at == 0 || text_[at].between.find_first_of(".?!") != std::string::npos;
    return end > at + (begins ? 1 : 0) && is_one_of(text_.word(end), kNames) ? end : at;
  }

  Utterance& text_;
  const TitleFinder& titles_;
  const GenreWords& genres_;
  bool all_capital_ = true;
  std::vector<std::string> said_;
};

}  // namespace

std::vector<std::string> take_unsupported(Utterance& text, const TitleFinder& titles,
                                          const GenreWords& genres) {
  return UnsupportedReader(text, titles, genres).read();
}

}  // namespace tusk::chat
