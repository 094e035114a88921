#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tusk/data_match.hpp>

#include "support/text.hpp"
#include "support/unicode.hpp"

namespace tusk {
namespace {

constexpr Index kMostTitles = 1000;  // that are compared
// With fewer, a difference shows nothing.
constexpr std::int64_t kFewestTitles = 3;
constexpr std::int64_t kFewestToCompare = 10;
// Other users' ratings of 1 to 5 are equal by chance in a third of the cases.
constexpr double kSameTitles = 0.5;
constexpr double kSameRatings = 0.6;

bool differs(std::int64_t same, std::int64_t of, std::int64_t fewest, double enough) {
  return of >= fewest && static_cast<double>(same) < enough * static_cast<double>(of);
}

void compare_titles(const Model& model, const Dataset& data, DataMatch& match) {
  const auto lacks_titles = [](const Catalogue& catalogue, const IdMap& items) {
    return std::cmp_not_equal(catalogue.title.size(), items.size());
  };
  if (lacks_titles(model.catalogue, model.items) || lacks_titles(data.catalogue, data.items))
    return;
  const Index step = std::max<Index>(1, model.items.size() / kMostTitles);
  for (Index item = 0; item < model.items.size(); item += step) {
    const std::string_view own = model.catalogue.title[static_cast<std::size_t>(item)];
    if (own.empty()) continue;
    const std::string id = model.items.id(item);
    const auto place = data.items.find(id);
    if (!place) continue;
    const std::string_view other = data.catalogue.title[static_cast<std::size_t>(*place)];
    if (other.empty()) continue;
    ++match.titled;
    if (folded(trimmed(own)) == folded(trimmed(other))) {
      ++match.same_titles;
    } else if (match.different_title.empty()) {
      match.different_title = fmt::format("item {} is {} in the model and {} in the data",
                                          short_text(id), in_quotes(own), in_quotes(other));
    }
  }
}

void compare_ratings(const Model& model, const Dataset& data, DataMatch& match) {
  const CsrView ratings = data.ratings();
  for (const SampledRating& sampled : model.rating_sample) {
    const auto user = data.users.find(model.users.id(sampled.user));
    const auto item = data.items.find(model.items.id(sampled.item));
    if (!user || !item) continue;
    const auto row = ratings.row(*user);
    const auto found = std::lower_bound(row.begin(), row.end(), *item);
    if (found == row.end() || *found != *item) continue;
    const auto place = ratings.offset[static_cast<std::size_t>(*user)] + (found - row.begin());
    ++match.rated;
    if (ratings.value[static_cast<std::size_t>(place)] == sampled.rating) ++match.same_ratings;
  }
}

}  // namespace

bool DataMatch::other_items() const {
  return !same && differs(same_titles, titled, kFewestTitles, kSameTitles);
}

bool DataMatch::other_users() const {
  return !same && differs(same_ratings, rated, kFewestToCompare, kSameRatings);
}

std::string DataMatch::other_data_text() const {
  const auto of_them = [](std::int64_t same_ones, const char* one, const char* several) {
    return same_ones == 1 ? fmt::format("1 {}", one) : fmt::format("{} {}", same_ones, several);
  };
  if (other_items()) {
    return fmt::format("of {} with an id and a title in both, {} the same title ({})",
                       count_text(titled, "item"), of_them(same_titles, "has", "have"),
                       different_title);
  }
  if (!other_users()) return "";
  return fmt::format(
      "of {} that have a user's and an item's id in both, {} equal: the users or items are others, "
      "or the ratings have another scale",
      count_text(rated, "sampled training rating"), of_them(same_ratings, "is", "are"));
}

DataMatch match_data(const Model& model, const Dataset& data) {
  DataMatch match;
  const auto hash = model.metadata.find("ratings_hash");
  match.same = hash != model.metadata.end() && hash->second == dataset_hash(data);
  compare_titles(model, data, match);
  compare_ratings(model, data, match);
  return match;
}

}  // namespace tusk
