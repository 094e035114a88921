#include "lists/candidates.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>

#include "catalogue/genres.hpp"
#include "support/suggest.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

namespace tusk {
namespace {

// Whether the item has one of the genres, which are folded.
bool has_one(std::string_view genres, const std::vector<std::string>& wanted) {
  bool found = false;
  each_genre(genres, [&](std::string_view name) {
    found = found || std::find(wanted.begin(), wanted.end(), folded(name)) != wanted.end();
  });
  return found;
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

std::vector<std::string> all_folded(const std::vector<std::string>& texts) {
  std::vector<std::string> all;
  for (const std::string& text : texts) all.push_back(folded(text));
  return all;
}

// Throws UsageError for a genre that no item has.
void check_genres(const Catalogue& catalogue, const std::vector<std::string>& wanted) {
  if (wanted.empty()) return;
  const std::vector<std::string> genres = genre_names(catalogue);
  const std::vector<std::string> known = all_folded(genres);
  for (const std::string& genre : wanted) {
    if (std::find(known.begin(), known.end(), folded(genre)) != known.end()) continue;
    throw UsageError(fmt::format("the model has no item of genre {}; {}", in_quotes(genre),
                                 genres_text(genre, genres)));
  }
}

// Throws UsageError for years where no item has one.
void check_years(const Catalogue& catalogue, const CandidateFilter& filter) {
  if (!filter.from_year && !filter.to_year) return;
  for (std::size_t i = 0; i < catalogue.title.size(); ++i) {
    if (item_year(catalogue, static_cast<Index>(i)) != 0) return;
  }
  throw UsageError("the model has no item of these years; none of its items has a year");
}

// What the filter says of genres and years.
class CatalogueFilter {
 public:
  CatalogueFilter(const Catalogue& catalogue, const CandidateFilter& filter)
      : catalogue_(catalogue),
        filter_(filter),
        wanted_(all_folded(filter.genres)),
        unwanted_(all_folded(filter.excluded_genres)) {}

  bool passes(std::size_t item) const {
    if (!wanted_.empty() && !has_one(catalogue_.genres[item], wanted_)) return false;
    if (!unwanted_.empty() && has_one(catalogue_.genres[item], unwanted_)) return false;
    if (!filter_.from_year && !filter_.to_year) return true;
    const int year = item_year(catalogue_, static_cast<Index>(item));
    return year != 0 && (!filter_.from_year || year >= *filter_.from_year) &&
           (!filter_.to_year || year <= *filter_.to_year);
  }

 private:
  const Catalogue& catalogue_;
  const CandidateFilter& filter_;
  std::vector<std::string> wanted_;
  std::vector<std::string> unwanted_;
};

}  // namespace

std::vector<std::string> genre_names(const Catalogue& catalogue) {
  std::set<std::string, std::less<>> names;
  for (std::size_t i = 0; i < catalogue.genres.size(); ++i) {
    each_genre(catalogue.genres[i], [&](std::string_view name) {
      if (!names.contains(name)) names.emplace(name);
    });
  }
  return {names.begin(), names.end()};
}

std::vector<Index> find_candidates(const Model& model, const CandidateFilter& filter) {
  const auto items = static_cast<std::size_t>(model.state().items);
  const std::vector<std::int64_t> ratings = model.ratings_of_items();
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
  for (const auto* wanted : {&filter.genres, &filter.excluded_genres}) {
    check_genres(model.catalogue, *wanted);
  }
  check_years(model.catalogue, filter);
  // What is known of an item beside ratings is enough for content.
  const bool needs_ratings = !model.algorithm().capabilities.uses_content;
  const std::int64_t least = std::max<std::int64_t>(filter.min_ratings, needs_ratings ? 1 : 0);
  const CatalogueFilter catalogue(model.catalogue, filter);
  std::vector<Index> candidates;
  for (std::size_t i = 0; i < items; ++i) {
    const auto item = static_cast<Index>(i);
    if (!listed[i] || ratings[i] < least) continue;
    if (catalogue.passes(i)) candidates.push_back(item);
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
