#include "chat/numbers.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <tusk/chat_request.hpp>

#include "catalogue/title_text.hpp"
#include "support/text.hpp"

namespace tusk::chat {
namespace {

// Years from `from` to `to`, named by `words` words.
struct Period {
  int from = 0;
  int to = 0;
  std::size_t words = 0;
};

constexpr std::array<std::string_view, 10> kDecades = {
    "noughties", "tens",    "twenties",  "thirties", "forties",
    "fifties",   "sixties", "seventies", "eighties", "nineties"};
constexpr int kCentury = 100;
constexpr int kDecade = 10;

// "90s", "1990s", "nineties"; 0: no decade.
int decade_of(std::string_view word) {
  for (std::size_t d = 0; d < kDecades.size(); ++d) {
    if (word == kDecades[d]) return (d < 2 ? 2000 : 1900) + static_cast<int>(d) * kDecade;
  }
  if (word == "aughts") return 2000;
  if (!word.ends_with("0s") || (word.size() != 3 && word.size() != 5)) return 0;
  const int number = parse_int(word.substr(0, word.size() - 1)).value_or(-1);
  if (word.size() == 5) return is_year(word.substr(0, 4)) ? number : 0;
  return number < 0 ? 0 : number < 2 * kDecade ? 2000 + number : 1900 + number;
}

Period period_at(const Utterance& text, std::size_t at) {
  std::size_t place = at;
  if (is_one_of(text.word(place), {"the", "year"})) ++place;
  if (is_one_of(text.word(place), {"year"})) ++place;
  const std::string_view part = text.word(place);
  const bool has_part = is_one_of(part, {"early", "mid", "late"});
  if (has_part) ++place;
  if (place >= text.size() || text[place].used) return {};
  if (const int decade = decade_of(text.word(place)); decade != 0) {
    const std::size_t words = place + 1 - at;
    if (part == "early") return {decade, decade + 3, words};
    if (part == "mid") return {decade + 4, decade + 6, words};
    if (part == "late") return {decade + 7, decade + 9, words};
    return {decade, decade + 9, words};
  }
  if (!has_part && is_year(text.word(place)) && '0' <= text.word(place)[0] &&
      text.word(place)[0] <= '9') {
    const int year = parse_int(text.word(place)).value_or(0);
    return {year, year, place + 1 - at};
  }
  return {};
}

enum class Relation { in, before, after, since, until };

struct RelationPhrase {
  Relation relation;
  std::string_view phrase;
};

// In front of years.
constexpr std::array kInFront = {
    RelationPhrase{Relation::until, "no/not later/newer than"},
    RelationPhrase{Relation::until, "until/till/til/through/ending"},
    RelationPhrase{Relation::until, "up to"},
    RelationPhrase{Relation::until, "not after"},
    RelationPhrase{Relation::until, "at latest"},
    RelationPhrase{Relation::since, "no/not earlier/older than"},
    RelationPhrase{Relation::since, "since/starting"},
    RelationPhrase{Relation::since, "starting/beginning from/in"},
    RelationPhrase{Relation::since, "not before"},
    RelationPhrase{Relation::since, "from at least"},
    RelationPhrase{Relation::since, "as of"},
    RelationPhrase{Relation::before, "before/pre"},
    RelationPhrase{Relation::before, "older/earlier than"},
    RelationPhrase{Relation::before, "prior to"},
    RelationPhrase{Relation::after, "after/post/past"},
    RelationPhrase{Relation::after, "newer/later than"},
    RelationPhrase{Relation::after, "more recent than"},
};
// Behind them.
constexpr std::array kBehind = {
    RelationPhrase{Relation::since, "or/and later/newer/after"},
    RelationPhrase{Relation::since, "or more recent"},
    RelationPhrase{Relation::since, "onwards/onward"},
    RelationPhrase{Relation::since, "and? on"},
    RelationPhrase{Relation::since, "and up"},
    RelationPhrase{Relation::until, "or/and earlier/older/before"},
};

bool is_negated(const Utterance& text, std::size_t at) {
  constexpr std::array<std::string_view, 4> kNegations = {
      "nothing/not/no/none/never", "nothing/not from/made/released", "no films/movies from/made?",
      "not anything"};
  return text.match_before(at, kNegations) > 0;
}

Years years_of(Relation relation, const Period& period) {
  switch (relation) {
    case Relation::before:
      return {std::nullopt, period.from - 1};
    case Relation::after:
      return {period.to + 1, std::nullopt};
    case Relation::since:
      return {period.from, std::nullopt};
    case Relation::until:
      return {std::nullopt, period.to};
    case Relation::in:
      break;
  }
  return {period.from, period.to};
}

Relation opposite(Relation relation) {
  switch (relation) {
    case Relation::before:
      return Relation::since;
    case Relation::after:
      return Relation::until;
    case Relation::since:
      return Relation::before;
    case Relation::until:
      return Relation::after;
    case Relation::in:
      break;
  }
  return Relation::in;
}

// What stands in front of years or behind them; uses it. The longest phrase counts.
Relation take_relation(Utterance& text, std::size_t first, std::size_t last) {
  std::size_t most = 0;
  Relation relation = Relation::in;
  for (const auto& [of, phrase] : kInFront) {
    const std::size_t words = text.match_before(first, {&phrase, 1});
    if (words > most) {
      most = words;
      relation = of;
    }
  }
  if (most > 0) {
    const bool negated = is_negated(text, first - most);
    text.use(first - most, most);
    return negated ? opposite(relation) : relation;
  }
  for (const auto& [of, phrase] : kBehind) {
    const std::size_t words = text.match(last, {&phrase, 1});
    if (words > most) {
      most = words;
      relation = of;
    }
  }
  text.use(last, most);
  return relation;
}

// The years that end a range that begins with `begin`: "to 1995", "-1995", "and the eighties".
Period end_of_range(const Utterance& text, std::size_t at, const Period& begin, bool between) {
  const bool dash = at < text.size() && !text[at].used &&
                    is_one_of(text[at].between, {"-", "\xe2\x80\x93", "\xe2\x80\x94"});
  const bool word = is_one_of(text.word(at), {"to", "until", "till", "through"}) ||
                    (between && text.word(at) == "and");
  const bool joins = begin.to > begin.from && is_one_of(text.word(at), {"and", "or"});
  if (!dash && !word && !joins) return {};
  Period end = period_at(text, at + (dash ? 0 : 1));
  if (joins && !word && end.to == end.from) return {};  // decades alone
  if (end.words > 0 && !dash) ++end.words;
  return end;
}

bool is_digits(std::string_view word) {
  return !word.empty() &&
         std::all_of(word.begin(), word.end(), [](char c) { return '0' <= c && c <= '9'; });
}

// A number in digits or words, without Roman numerals; 0: none.
int count_of(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, int>, 6> kTens = {{{"thirty", 30},
                                                                      {"forty", 40},
                                                                      {"fifty", 50},
                                                                      {"hundred", 100},
                                                                      {"dozen", 12},
                                                                      {"couple", 2}}};
  for (const auto& [name, number] : kTens) {
    if (word == name) return number;
  }
  if (is_digits(word)) return std::min(parse_int(word).value_or(kMostAskedItems), kMostAskedItems);
  return word.size() < 3 ? 0 : std::max(number_of_word(word), 0);
}

// "-3", but not "sci-fi-3" or "1990-3".
bool is_negative(const Utterance& text, std::size_t at) {
  if (!text[at].between.ends_with('-')) return false;
  if (at == 0) return true;
  std::string_view before = text.text(at - 1, at + 1);
  before.remove_suffix(text[at].end - text[at].begin);
  return before.ends_with(" -");
}

}  // namespace

bool is_number(std::string_view word) { return count_of(word) > 0; }

Years take_years(Utterance& text) {
  Years years;
  const auto narrow = [&](const Years& more) {
    if (more.from) years.from = more.from;
    if (more.to) years.to = more.to;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at].used) continue;
    Period period = period_at(text, at);
    if (period.words == 0) continue;
    const std::size_t last = at + period.words;
    const bool between = at > 0 && text.word(at - 1) == "between";
    const Period end = end_of_range(text, last, period, between);
    if (end.words > 0) {
      narrow({std::min(period.from, end.from), std::max(period.to, end.to)});
      text.use(at, period.words + end.words);
      at = last + end.words - 1;
      continue;
    }
    const Relation relation = take_relation(text, at, last);
    const bool not_these = relation == Relation::in && is_negated(text, at);
    if (!not_these) narrow(years_of(relation, period));
    text.use(at, period.words);
    at = last - 1;
  }
  return years;
}

std::optional<int> take_count(Utterance& text) {
  constexpr std::array<std::string_view, 3> kNotItems = {"years", "year", "people"};
  constexpr std::array<std::string_view, 4> kOnlyOne = {"just", "only", "exactly", "me"};
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at].used) continue;
    const std::string_view before = at > 0 ? text.word(at - 1) : std::string_view();
    const std::string_view next = text.word(at + 1);
    int count = count_of(text.word(at));
    std::size_t words = 1;
    if (text.has(at, "half a dozen")) {
      count = 6;
      words = 3;
    } else if (text.word(at) == "few" && (before == "a" || before == "next")) {
      count = 3;
    } else if (is_one_of(text.word(at), {"handful", "pair"}) && before == "a") {
      count = text.word(at) == "pair" ? 2 : 5;
    } else if (count == 1 && !is_digits(text.word(at)) && !is_one_of(before, kOnlyOne)) {
      continue;  // "the first one", "which one"
    }
    const bool none = count == 0 && text.word(at) == "0";
    if ((count < 1 && !none) || is_one_of(next, kNotItems) ||
        is_one_of(before, {"number", "part", "no"})) {
      continue;
    }
    const bool negative = is_negative(text, at);
    text.use(at, words);
    return negative ? 0 : count;
  }
  return std::nullopt;
}

Stars stars_at(const Utterance& text, std::size_t at) {
  const std::string_view word = text.word(at);
  const auto decimal = parse_double(word);
  const int whole = count_of(word);
  if ((!decimal && whole < 1) || at >= text.size() || text[at].used) return {};
  const double value = decimal ? *decimal : whole;
  double most = static_cast<double>(kMostStars);
  std::size_t words = 0;
  const auto most_at = [&](std::size_t place) {
    const int number = count_of(text.word(place));
    return number >= 1 ? static_cast<double>(number) : 0;
  };
  if (at + 1 < text.size() && text[at + 1].between == "/" && most_at(at + 1) > 0) {
    most = most_at(at + 1);
    words = 2;
  } else if (text.has(at + 1, "out of") && most_at(at + 3) > 0) {
    most = most_at(at + 3);
    words = 4;
  } else if (is_one_of(text.word(at + 1), {"star", "stars", "points"})) {
    words = 2;
    if (text.has(at + 2, "out of") && most_at(at + 4) > 0) {
      most = most_at(at + 4);
      words = 5;
    } else if (value > most) {
      most = 10;
    }
  }
  if (words == 0 || !(value >= 0 && value <= most)) return {};
  return {static_cast<float>(value / most) * kMostStars, words};
}

Stars number_at(const Utterance& text, std::size_t at) {
  if (const Stars stars = stars_at(text, at); stars.words > 0) return stars;
  const auto decimal = parse_double(text.word(at));
  const int whole = count_of(text.word(at));
  if ((!decimal && whole < 1) || at >= text.size() || text[at].used) return {};
  const double value = decimal ? *decimal : whole;
  if (!(value >= 0 && value <= static_cast<double>(kMostStars))) return {};
  return {static_cast<float>(value), 1};
}

Ordinal ordinal_at(const Utterance& text, std::size_t at, std::size_t of) {
  constexpr std::array<std::string_view, 10> kWords = {"first", "second", "third",   "fourth",
                                                       "fifth", "sixth",  "seventh", "eighth",
                                                       "ninth", "tenth"};
  constexpr std::array<std::string_view, 10> kShort = {"1st", "2nd", "3rd", "4th", "5th",
                                                       "6th", "7th", "8th", "9th", "10th"};
  std::size_t place = at;
  std::size_t which = of;
  const bool article = text.word(place) == "the";
  if (article) ++place;
  if (text.word(place) == "number") {
    const int number = count_of(text.word(place + 1));
    if (number < 1) return {};
    which = static_cast<std::size_t>(number) - 1;
    ++place;
  } else if (text.word(place) == "last" && article) {
    which = of - 1;
  } else {
    for (std::size_t n = 0; n < kWords.size(); ++n) {
      if (text.word(place) == kWords[n] || text.word(place) == kShort[n]) which = n;
    }
  }
  if (which >= of) return {};
  ++place;
  if (is_one_of(text.word(place), {"one", "film", "movie", "title", "item"})) ++place;
  return {which, place - at};
}

}  // namespace tusk::chat
