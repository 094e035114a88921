#include "catalogue/title_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <utf8proc.h>

#include "support/text.hpp"
#include "support/title_year.hpp"
#include "support/unicode.hpp"

namespace tusk {
namespace {

// Articles that catalogues put behind a title, folded.
constexpr std::array<std::string_view, 20> kArticles = {
    "the", "a",  "an",  "le", "la",  "les", "l'",  "un",  "une", "il",
    "i",   "lo", "gli", "el", "los", "las", "der", "die", "das", "den"};
// Those that are left out where they stand in front, too. Of other languages they may be a word of
// this one: "Die Hard".
constexpr std::array<std::string_view, 3> kLeadingArticles = {"the", "a", "an"};

template <class Words>
bool contains(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_fraction(char32_t c) { return (0xBC <= c && c <= 0xBE) || (0x2150 <= c && c <= 0x215F); }
bool is_apostrophe(char32_t c) {
  return c == '\'' || c == '`' || c == 0x2019 || c == 0x2018 || c == 0x2BC || c == 0xB4;
}

bool is_word_character(char32_t c) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return is_letter_or_number(c) || category == UTF8PROC_CATEGORY_MC ||
         category == UTF8PROC_CATEGORY_MN;
}

// "8½" as "8 ½", which becomes "8 1/2"; apostrophes of all kinds as one.
std::string prepared(std::string_view text) {
  std::string plain;
  each_character(text, [&](char32_t c, std::string_view bytes) {
    if (c == kNoCharacter) return;
    if (is_fraction(c)) plain += ' ';
    plain += is_apostrophe(c) ? "'" : bytes;
  });
  return plain;
}

std::string comparable(std::string_view text) {
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return ascii ? lower_case(text) : folded(prepared(text));
}

// Words and compounds of a folded text. Apostrophes are left out, letters with dots between them
// ("E.T.", "M*A*S*H") are one word.
void split_words(std::string_view text, TitleName& name) {
  std::string word;
  bool spaced = true;        // whether a space stood before the present word
  bool abbreviates = false;  // whether only a dot did
  std::string compound;      // of the words since the last space
  std::size_t parts = 0;
  std::size_t last_length = 0;  // in characters, of the last word if it is an abbreviation's
  std::size_t length = 0;
  const auto end_compound = [&] {
    if (parts > 1) name.compounds.push_back(compound);
    compound.clear();
    parts = 0;
  };
  const auto end_word = [&] {
    if (word.empty()) return;
    if (spaced) end_compound();
    const bool letter = length == 1 && !('0' <= word[0] && word[0] <= '9');
    if (letter && abbreviates && last_length == 1) {
      name.words.back() += word;
    } else {
      name.words.push_back(word);
      ++parts;
    }
    compound += word;
    last_length = letter ? 1 : 0;
    word.clear();
    length = 0;
    spaced = abbreviates = false;
  };
  each_character(text, [&](char32_t c, std::string_view bytes) {
    if (c == '\'' || c == kNoCharacter) return;
    if (is_word_character(c)) {
      word += bytes;
      ++length;
      return;
    }
    const bool ended = !word.empty();
    end_word();
    if (c == '&') {
      spaced = true;
      word = "and";
      length = 3;
      end_word();
      spaced = true;
    } else if (c == ' ' || c == ':' || c == ',' || c == 0x2044 || c == '/') {
      spaced = true;
      abbreviates = false;
    } else {
      abbreviates = ended && (c == '.' || c == '*');
    }
  });
  end_word();
  end_compound();
}

// A name with the article that stands behind it, "matrix, the", in front.
TitleName read_name(std::string_view text, bool alternative) {
  TitleName name;
  name.alternative = alternative;
  text = trimmed(text);
  if (const auto comma = text.rfind(", "); comma != std::string_view::npos && comma > 0) {
    const std::string_view article = text.substr(comma + 2);
    if (contains(kArticles, article)) {
      const bool elided = article.ends_with('\'');  // "l'avventura" is one word
      split_words(fmt::format("{}{}{}", article, elided ? "" : " ", text.substr(0, comma)), name);
      // Before punctuation alone, "!, the", the article is the name.
      name.article = elided || name.words.size() < 2 ? 0 : 1;
      return name;
    }
  }
  split_words(text, name);
  if (name.words.size() > 1 && contains(kLeadingArticles, name.words.front())) name.article = 1;
  return name;
}

// "a.k.a. se7en" as "se7en".
std::string_view without_aka(std::string_view text) {
  for (const std::string_view aka : {"a.k.a. ", "aka ", "a.k.a "}) {
    if (text.starts_with(aka)) return text.substr(aka.size());
  }
  return text;
}

void add_name(TitleText& title, std::string_view text, bool alternative) {
  TitleName name = read_name(text, alternative);
  if (name.words.empty()) return;
  title.names.push_back(std::move(name));
  // Without the article that is a part of its first word.
  if (!trimmed(text).ends_with(", l'")) return;
  TitleName bare;
  bare.alternative = true;
  split_words(text.substr(0, text.rfind(',')), bare);
  if (!bare.words.empty()) title.names.push_back(std::move(bare));
}

}  // namespace

std::string TitleName::joined() const {
  std::string joined;
  for (std::size_t w = article; w < words.size(); ++w) joined += words[w];
  return joined;
}

bool is_year(std::string_view word) {
  constexpr std::size_t kDigits = 4;
  return word.size() == kDigits && "1870" <= word && word <= "2100" && number_of_word(word) > 0;
}

TitleText parse_title(std::string_view title) {
  const std::string text = comparable(title);
  std::string_view rest = text;
  TitleText parsed;
  parsed.year = take_year(rest);
  const auto open = std::min(rest.find(" ("), rest.size());
  add_name(parsed, rest.substr(0, open), false);
  rest.remove_prefix(open);
  while (rest.starts_with(" (")) {
    const auto close = std::min(rest.find(')'), rest.size());
    add_name(parsed, without_aka(rest.substr(2, close - 2)), true);
    rest.remove_prefix(std::min(close + 1, rest.size()));
    const auto next = std::min(rest.find(" ("), rest.size());
    rest.remove_prefix(next);
  }
  if (parsed.names.empty()) {  // "$ (1971)": all that there is counts
    std::string_view all = text;
    take_year(all);
    if (!all.empty()) parsed.names.emplace_back().words.emplace_back(all);
  }
  return parsed;
}

int number_of_word(std::string_view word) {
  constexpr std::array<std::string_view, 21> kWords = {
      "zero",     "one",     "two",     "three",     "four",     "five",     "six",
      "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
      "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"};
  if (word.empty() || word.size() > 9) return -1;
  int number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error == std::errc{} && end == word.data() + word.size()) return number;
  if (const auto found = std::find(kWords.begin(), kWords.end(), word); found != kWords.end()) {
    return static_cast<int>(found - kWords.begin());
  }
  // Roman numerals of i, v and x that are written as they should be: i to xxxix.
  constexpr std::array<std::string_view, 9> kUnits = {"i",  "ii",  "iii",  "iv", "v",
                                                      "vi", "vii", "viii", "ix"};
  int tens = 0;
  while (tens < 3 && word.starts_with('x')) {
    word.remove_prefix(1);
    ++tens;
  }
  if (word.empty()) return 10 * tens;
  const auto unit = std::find(kUnits.begin(), kUnits.end(), word);
  if (unit == kUnits.end()) return -1;
  return 10 * tens + 1 + static_cast<int>(unit - kUnits.begin());
}

}  // namespace tusk
