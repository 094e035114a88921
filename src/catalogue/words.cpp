#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <libstemmer.h>
#include <utf8proc.h>

#include <tusk/error.hpp>
#include <tusk/text_features.hpp>

#include "catalogue/stop_words.hpp"
#include "support/unicode.hpp"

namespace tusk {
namespace {

constexpr std::array<const char*, kStemmings> kNames = {
    "none",    "danish",    "dutch",      "english",  "finnish", "french",  "german", "hungarian",
    "italian", "norwegian", "portuguese", "romanian", "russian", "spanish", "swedish"};

constexpr char32_t kCapitalSigma = 0x3A3;
constexpr char32_t kSmallSigma = 0x3C3;
constexpr char32_t kFinalSigma = 0x3C2;
constexpr char32_t kCapitalIWithDot = 0x130;
constexpr char32_t kCombiningDot = 0x307;

utf8proc_category_t category(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

// What Python's \w matches: letters, numbers and the underscore; no combining marks.
bool is_word(char32_t c) { return c == '_' || is_letter_or_number(c); }

// Unicode's property Cased: letters with case, and what has the properties Other_Uppercase and
// Other_Lowercase.
bool is_cased(char32_t c) {
  constexpr auto kOthers = std::to_array<std::pair<char32_t, char32_t>>({
      {0xAA, 0xAA},       {0xBA, 0xBA},       {0x2B0, 0x2B8},     {0x2C0, 0x2C1},
      {0x2E0, 0x2E4},     {0x345, 0x345},     {0x37A, 0x37A},     {0x1D2C, 0x1D6A},
      {0x1D78, 0x1D78},   {0x1D9B, 0x1DBF},   {0x2071, 0x2071},   {0x207F, 0x207F},
      {0x2090, 0x209C},   {0x2160, 0x217F},   {0x24B6, 0x24E9},   {0x2C7C, 0x2C7D},
      {0xA69C, 0xA69D},   {0xA770, 0xA770},   {0xA7F8, 0xA7F9},   {0xAB5C, 0xAB5F},
      {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189},
  });
  const auto of = category(c);
  if (of == UTF8PROC_CATEGORY_LU || of == UTF8PROC_CATEGORY_LL || of == UTF8PROC_CATEGORY_LT) {
    return true;
  }
  return std::any_of(kOthers.begin(), kOthers.end(),
                     [&](const auto& range) { return range.first <= c && c <= range.second; });
}

bool is_case_ignorable(char32_t c) {
  switch (category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
      return true;
    default:
      return c == '\'' || c == '.' || c == ':' || c == 0xB7 || c == 0x2019;
  }
}

std::u32string characters_of(std::string_view text) {
  std::u32string characters;
  each_character(text, [&](char32_t c, std::string_view) {
    // Bytes that are not UTF-8 separate words.
    characters += c == kNoCharacter ? U' ' : c;
  });
  return characters;
}

// Whether the sigma at `at` ends a word (Unicode 3.13, Final_Sigma).
bool is_final(const std::u32string& text, std::size_t at) {
  std::size_t before = at;
  while (before > 0 && is_case_ignorable(text[before - 1])) --before;
  if (before == 0 || !is_cased(text[before - 1])) return false;
  std::size_t after = at + 1;
  while (after < text.size() && is_case_ignorable(text[after])) ++after;
  return after == text.size() || !is_cased(text[after]);
}

// As Python's str.lower().
std::u32string lowered(const std::u32string& text) {
  std::u32string lower;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == kCapitalSigma) {
      lower += is_final(text, at) ? kFinalSigma : kSmallSigma;
    } else if (text[at] == kCapitalIWithDot) {
      lower += {U'i', kCombiningDot};
    } else {
      lower += static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(text[at])));
    }
  }
  return lower;
}

std::string encoded(std::u32string_view text) {
  std::string bytes;
  for (const char32_t c : text) {
    std::array<utf8proc_uint8_t, 4> buffer{};
    const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), buffer.data());
    bytes.append(reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(length));
  }
  return bytes;
}

class Stemmer {
 public:
  explicit Stemmer(Stemming stemming) {
    if (stemming == Stemming::none) return;
    stemmer_.reset(sb_stemmer_new(kNames[static_cast<std::size_t>(stemming)], "UTF_8"));
    if (!stemmer_) throw Error("libstemmer does not have the language");
  }

  std::string stem(std::string word) const {
    if (!stemmer_) return word;
    const auto* const bytes = reinterpret_cast<const sb_symbol*>(word.data());
    const sb_symbol* const stem =
        sb_stemmer_stem(stemmer_.get(), bytes, static_cast<int>(word.size()));
    if (stem == nullptr) throw std::bad_alloc();
    return {reinterpret_cast<const char*>(stem),
            static_cast<std::size_t>(sb_stemmer_length(stemmer_.get()))};
  }

 private:
  struct Delete {
    void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
  };
  std::unique_ptr<sb_stemmer, Delete> stemmer_;
};

}  // namespace

std::string_view to_string(Stemming stemming) { return kNames[static_cast<std::size_t>(stemming)]; }

std::vector<std::string> words_of(std::string_view text, const WordOptions& options) {
  const std::u32string lower = lowered(characters_of(text));
  const Stemmer stemmer(options.stemming);
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < lower.size();) {
    std::size_t end = begin;
    while (end < lower.size() && is_word(lower[end])) ++end;
    if (end - begin >= 2) {
      std::string word = encoded(std::u32string_view(lower).substr(begin, end - begin));
      if (!options.stop_words || !is_stop_word(word))
        words.push_back(stemmer.stem(std::move(word)));
    }
    begin = end + 1;
  }
  return words;
}

}  // namespace tusk
