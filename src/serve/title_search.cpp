#include <algorithm>
#include <array>
#include <tuple>

#include <tusk/similar.hpp>

#include "support/edit_distance.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

namespace tusk {
namespace {

// Articles that MovieLens and libraries put behind a title, as folded() leaves them.
constexpr std::array<std::string_view, 14> kArticles = {
    "the", "a", "an", "le", "la", "les", "l'", "il", "el", "los", "der", "die", "das", "une"};

// The ways in which people write one title, folded.
struct Forms {
  std::string full;   // "matrix, the (1999)"
  std::string plain;  // "matrix, the"
  std::string moved;  // "the matrix"
  std::string bare;   // "matrix"
  std::string year;   // " (1999)" or nothing
};

bool is_year(std::string_view text) {
  return text.size() == 7 && text.starts_with(" (") && text.ends_with(')') &&
         std::all_of(text.begin() + 2, text.end() - 1, [](char c) { return '0' <= c && c <= '9'; });
}

Forms forms_of(std::string_view title) {
  Forms forms;
  forms.full = folded(trimmed(title));
  forms.plain = forms.full;
  if (forms.full.size() > 7 &&
      is_year(std::string_view(forms.full).substr(forms.full.size() - 7))) {
    forms.year = forms.full.substr(forms.full.size() - 7);
    forms.plain.resize(forms.full.size() - 7);
  }
  forms.moved = forms.bare = forms.plain;
  const auto comma = forms.plain.rfind(", ");
  if (comma == std::string::npos) return forms;
  const std::string article = forms.plain.substr(comma + 2);
  if (std::find(kArticles.begin(), kArticles.end(), article) == kArticles.end()) return forms;
  forms.bare = forms.plain.substr(0, comma);
  forms.moved = article + (article.ends_with('\'') ? "" : " ") + forms.bare;
  return forms;
}

// Whether who writes `wanted` can mean `title`: with another year nobody does.
bool matches(const Forms& wanted, const Forms& title) {
  return wanted.moved == title.moved && (wanted.year.empty() || wanted.year == title.year);
}

// The smaller the nearer: titles that contain the text come first.
using Nearness = std::tuple<bool, std::size_t, Index>;

}  // namespace

TitleSearch find_title(const Catalogue& catalogue, std::string_view title, std::size_t most_near) {
  const Forms wanted = forms_of(title);
  TitleSearch search;
  if (wanted.full.empty()) return search;
  std::vector<Index> exact;
  std::vector<Nearness> near;
  for (std::size_t i = 0; i < catalogue.title.size(); ++i) {
    const Forms forms = forms_of(catalogue.title[i]);
    if (forms.full.empty()) continue;
    const auto item = static_cast<Index>(i);
    if (forms.full == wanted.full) exact.push_back(item);
    if (matches(wanted, forms)) search.matches.push_back(item);
    if (!search.matches.empty()) continue;
    const bool contains =
        wanted.plain.size() >= 3 && (forms.moved.find(wanted.moved) != std::string::npos ||
                                     forms.plain.find(wanted.plain) != std::string::npos);
    const std::size_t distance =
        std::min(edit_distance(wanted.moved, forms.moved), edit_distance(wanted.moved, forms.bare));
    if (contains || distance <= near_distance(wanted.moved)) {
      near.emplace_back(!contains, distance, item);
    }
  }
  if (!exact.empty()) search.matches = std::move(exact);
  if (!search.matches.empty()) return search;
  std::sort(near.begin(), near.end());
  for (const auto& [apart, distance, item] : near) {
    if (search.near.size() < most_near) search.near.push_back(item);
  }
  return search;
}

}  // namespace tusk
