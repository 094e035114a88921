#include "serve/candidates.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>

#include "support/suggest.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

namespace tusk {
namespace {

bool has_genre(std::string_view genres, const std::string& folded_genre) {
  const auto names = split_text(genres, "|");
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return folded(name) == folded_genre; });
}

// The genres that there are, the nearest to `genre` first.
std::string genres_text(const std::string& genre, const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 20;
  if (names.empty()) return "none of its items has a genre";
  std::vector<std::string> shown = nearest_first(genre, names);
  shown.resize(std::min(shown.size(), kMost));
  for (std::string& name : shown) name = short_text(name);
  return fmt::format("there {} {}{}", shown.size() == 1 ? "is" : "are", fmt::join(shown, ", "),
                     names.size() > kMost ? fmt::format(" and {} more", names.size() - kMost) : "");
}

}  // namespace

std::vector<std::string> genre_names(const Catalogue& catalogue) {
  std::set<std::string, std::less<>> names;
  for (std::size_t i = 0; i < catalogue.genres.size(); ++i) {
    for (const auto name : split_text(catalogue.genres[i], "|")) {
      if (!name.empty() && !names.contains(name)) names.emplace(name);
    }
  }
  return {names.begin(), names.end()};
}

std::vector<Index> find_candidates(const Model& model, const CandidateFilter& filter) {
  const auto items = static_cast<std::size_t>(model.state().items);
  const std::vector<std::int64_t> ratings = model.ratings_of_items();
  std::vector<bool> listed(items, !filter.items.has_value());
  if (filter.items) {
    for (const Index item : *filter.items) {
      if (item < 0 || static_cast<std::size_t>(item) >= listed.size()) {
        throw UsageError(fmt::format("there is no item number {}; they go from 0 to {}", item,
                                     listed.size() - 1));
      }
      listed[static_cast<std::size_t>(item)] = true;
    }
  }
  const std::string genre = folded(filter.genre);
  const std::vector<std::string> genres = genre_names(model.catalogue);
  if (!genre.empty() && std::none_of(genres.begin(), genres.end(), [&](const std::string& name) {
        return folded(name) == genre;
      })) {
    throw UsageError(fmt::format("the model has no item of genre {}; {}", in_quotes(filter.genre),
                                 genres_text(filter.genre, genres)));
  }
  std::vector<Index> candidates;
  for (std::size_t i = 0; i < items; ++i) {
    const auto item = static_cast<Index>(i);
    if (!listed[i] || !model.knows_item(item) || ratings[i] < filter.min_ratings) continue;
    if (!genre.empty() && !has_genre(model.catalogue.genres[i], genre)) continue;
    candidates.push_back(item);
  }
  std::stable_sort(candidates.begin(), candidates.end(), [&](Index a, Index b) {
    return ratings[static_cast<std::size_t>(a)] > ratings[static_cast<std::size_t>(b)];
  });
  return candidates;
}

void append_unseen(std::span<const Index> candidates, const CsrView& exclude, Index user,
                   std::vector<Index>& items) {
  const auto seen = exclude.offset.empty() ? std::span<const Index>() : exclude.row(user);
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(items),
               [&](Index item) { return !std::binary_search(seen.begin(), seen.end(), item); });
}

}  // namespace tusk
