#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tusk/similar.hpp>

#include "support/edit_distance.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

namespace tusk {
namespace {

// Articles that MovieLens and libraries put behind a title, as folded() leaves them.
constexpr std::array<std::string_view, 14> kArticles = {
    "the", "a", "an", "le", "la", "les", "l'", "il", "el", "los", "der", "die", "das", "une"};

// A title, folded, taken apart: "Amelie (Fabuleux destin, Le) (2001)", "Matrix, The (1999)".
struct Forms {
  std::string full;                // with everything
  std::string year;                // " (1999)" or nothing
  std::string name;                // without the year, the article in front: "the matrix"
  std::vector<std::string> loose;  // also without article or what is in parentheses: "matrix"
};

constexpr std::size_t kYear = 7;  // the length of " (1999)"

bool is_year(std::string_view text) {
  return text.starts_with(" (") && text.ends_with(')') &&
         std::all_of(text.begin() + 2, text.end() - 1, [](char c) { return '0' <= c && c <= '9'; });
}

// "matrix, the" as "the matrix", and "matrix" if asked for the bare name.
std::string move_article(const std::string& name, bool bare) {
  const auto comma = name.rfind(", ");
  if (comma == std::string::npos) return name;
  const std::string article = name.substr(comma + 2);
  if (std::find(kArticles.begin(), kArticles.end(), article) == kArticles.end()) return name;
  const std::string rest = name.substr(0, comma);
  return bare ? rest : article + (article.ends_with('\'') ? "" : " ") + rest;
}

Forms forms_of(std::string_view title) {
  Forms forms;
  forms.full = folded(trimmed(title));
  std::string name = forms.full;
  if (name.size() > kYear && is_year(std::string_view(name).substr(name.size() - kYear))) {
    forms.year = name.substr(name.size() - kYear);
    name.resize(name.size() - kYear);
  }
  forms.name = move_article(name, false);
  const std::string first = name.substr(0, name.find(" ("));
  forms.loose = {move_article(name, true), move_article(first, false), move_article(first, true)};
  return forms;
}

// How much must be left out to find the text in the title: 0 nothing, 1 the year, 2 more; nothing
// if it is not that title. Who names another year does not mean it.
std::optional<std::size_t> looseness(const Forms& wanted, const Forms& title) {
  if (wanted.full == title.full) return 0;
  if (!wanted.year.empty() && wanted.year != title.year) return std::nullopt;
  if (wanted.name == title.name) return 1;
  const auto& loose = title.loose;
  const bool found = std::find(loose.begin(), loose.end(), wanted.name) != loose.end();
  return found ? std::optional<std::size_t>(2) : std::nullopt;
}

std::size_t distance(const Forms& wanted, const Forms& title) {
  std::size_t least = edit_distance(wanted.name, title.name);
  for (const std::string& loose : title.loose) {
    least = std::min(least, edit_distance(wanted.name, loose));
  }
  return least;
}

// The smaller the nearer: titles that contain the text come first.
struct Near {
  bool apart;
  std::size_t distance;
  Index item;
  auto operator<=>(const Near&) const = default;
};

}  // namespace

TitleSearch find_title(const Catalogue& catalogue, std::string_view title, std::size_t most_near) {
  const Forms wanted = forms_of(title);
  TitleSearch search;
  if (wanted.full.empty()) return search;
  std::array<std::vector<Index>, 3> matches;  // by looseness
  std::vector<Near> near;
  for (std::size_t i = 0; i < catalogue.title.size(); ++i) {
    const Forms forms = forms_of(catalogue.title[i]);
    const auto item = static_cast<Index>(i);
    if (const auto left_out = looseness(wanted, forms)) matches[*left_out].push_back(item);
    const bool contains =
        wanted.name.size() >= 3 && forms.name.find(wanted.name) != std::string::npos;
    const std::size_t edits = distance(wanted, forms);
    if (contains || edits <= near_distance(wanted.name)) near.push_back({!contains, edits, item});
  }
  for (std::vector<Index>& items : matches) {
    if (!items.empty()) return {std::move(items), {}};
  }
  std::sort(near.begin(), near.end());
  for (const Near& candidate : near) {
    // Of titles that only resemble the text, those that hardly do are no help beside better ones.
    const bool far =
        candidate.apart && (!near.front().apart || candidate.distance > near.front().distance + 1);
    if (!far && search.near.size() < most_near) search.near.push_back(candidate.item);
  }
  return search;
}

}  // namespace tusk
