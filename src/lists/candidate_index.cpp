#include <algorithm>
#include <numeric>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/candidate_index.hpp>
#include <tusk/error.hpp>

#include "catalogue/genres.hpp"
#include "support/suggest.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

namespace tusk {
namespace {

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

CandidateIndex::CandidateIndex(const Model& model)
    : model_(model),
      ratings_(model.ratings_of_items()),
      order_(ratings_.size()),
      genres_(genre_names(model.catalogue)),
      offset_(1, 0),
      year_(ratings_.size(), 0) {
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(), [&](Index a, Index b) {
    return ratings_[static_cast<std::size_t>(a)] > ratings_[static_cast<std::size_t>(b)];
  });
  std::unordered_map<std::string_view, std::uint32_t> place;
  for (const std::string& name : genres_) {
    place.emplace(name, static_cast<std::uint32_t>(place.size()));
    folded_.push_back(folded(name));
  }
  const Catalogue& catalogue = model.catalogue;
  for (std::size_t i = 0; i < ratings_.size(); ++i) {
    if (i < catalogue.genres.size()) {
      each_genre(catalogue.genres[i],
                 [&](std::string_view name) { genre_.push_back(place.at(name)); });
    }
    offset_.push_back(std::ssize(genre_));
    year_[i] = item_year(catalogue, static_cast<Index>(i));
    if (year_[i] == 0) continue;
    first_year_ = first_year_ == 0 ? year_[i] : std::min(first_year_, year_[i]);
    last_year_ = std::max(last_year_, year_[i]);
  }
}

bool CandidateIndex::has_genre(std::string_view name) const {
  return std::find(folded_.begin(), folded_.end(), folded(name)) != folded_.end();
}

std::string CandidateIndex::unknown_genre_text(const std::string& name) const {
  return fmt::format("the model has no item of genre {}; {}", in_quotes(name),
                     genres_text(name, genres_));
}

CandidateIndex::Marks CandidateIndex::marked_genres(const std::vector<std::string>& names) const {
  Marks marks(genres_.size(), false);
  for (const std::string& name : names) {
    const std::string wanted = folded(name);
    bool found = false;
    for (std::size_t g = 0; g < genres_.size(); ++g) {
      if (folded_[g] != wanted) continue;
      marks[g] = true;
      found = true;
    }
    if (found) continue;
    throw UsageError(unknown_genre_text(name));
  }
  return marks;
}

bool CandidateIndex::has_one(std::size_t item, const Marks& genres) const {
  for (auto at = offset_[item]; at < offset_[item + 1]; ++at) {
    if (genres[genre_[static_cast<std::size_t>(at)]]) return true;
  }
  return false;
}

std::vector<Index> CandidateIndex::find(const CandidateFilter& filter) const {
  const std::size_t items = ratings_.size();
  std::vector<bool> listed(items, !filter.items.has_value());
  const auto mark = [&](const std::vector<Index>& some, bool as) {
    for (const Index item : some) {
      if (item < 0 || static_cast<std::size_t>(item) >= items) {
        throw UsageError(fmt::format("there is no item number {}; they go from 0 to {}", item,
                                     std::ssize(listed) - 1));
      }
      listed[static_cast<std::size_t>(item)] = as;
    }
  };
  if (filter.items) mark(*filter.items, true);
  mark(filter.excluded_items, false);
  const Marks wanted = marked_genres(filter.genres);
  const Marks unwanted = marked_genres(filter.excluded_genres);
  const bool by_year = filter.from_year.has_value() || filter.to_year.has_value();
  if (by_year && last_year_ == 0) {
    throw UsageError("the model has no item of these years; none of its items has a year");
  }
  // What is known of an item beside ratings is enough for content.
  const bool needs_ratings = !model_.algorithm().capabilities.uses_content;
  const std::int64_t least = std::max<std::int64_t>(filter.min_ratings, needs_ratings ? 1 : 0);
  std::vector<Index> candidates;
  for (const Index item : order_) {
    const auto i = static_cast<std::size_t>(item);
    if (ratings_[i] < least) break;  // the others have fewer
    if (!listed[i]) continue;
    if (!filter.genres.empty() && !has_one(i, wanted)) continue;
    if (!filter.excluded_genres.empty() && has_one(i, unwanted)) continue;
    if (by_year && (year_[i] == 0 || (filter.from_year && year_[i] < *filter.from_year) ||
                    (filter.to_year && year_[i] > *filter.to_year))) {
      continue;
    }
    candidates.push_back(item);
  }
  return candidates;
}

}  // namespace tusk
