#include "serving/diversity.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/parameters.hpp>

#include "catalogue/genres.hpp"

namespace tusk {
namespace {

// The genres of each item as places in genre_names(), ascending.
std::vector<std::vector<std::size_t>> genres_of_items(const Catalogue& catalogue) {
  const std::vector<std::string> names = genre_names(catalogue);
  if (names.empty()) {
    throw UsageError("diversity needs a model that compares items, or items with genres");
  }
  std::vector<std::vector<std::size_t>> genres(catalogue.genres.size());
  for (std::size_t item = 0; item < genres.size(); ++item) {
    each_genre(catalogue.genres[item], [&](std::string_view name) {
      const auto found = std::lower_bound(names.begin(), names.end(), name);
      genres[item].push_back(static_cast<std::size_t>(found - names.begin()));
    });
    std::sort(genres[item].begin(), genres[item].end());
  }
  return genres;
}

// The genres that both have over those that either has.
float shared(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
  std::vector<std::size_t> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  const std::size_t either = a.size() + b.size() - both.size();
  return either > 0 ? static_cast<float>(both.size()) / static_cast<float>(either) : 0;
}

}  // namespace

Diversity::Diversity(Backend& backend, const Model& model, const Predictor& predictor, float share)
    : backend_(backend), predictor_(predictor), share_(share) {
  if (!(share >= 0 && share <= 1)) {
    throw ParameterError("diversity", fmt::format("{}", share), "from 0 to 1");
  }
  if (share > 0 && !model.algorithm().capabilities.compares_items) {
    genres_ = genres_of_items(model.catalogue);
  }
}

std::vector<float> Diversity::similarities(Index item, std::span<const Index> others) const {
  if (genres_.empty()) return predictor_.similarities(item, others).value();
  std::vector<float> similarity;
  for (const Index other : others) {
    similarity.push_back(
        shared(genres_[static_cast<std::size_t>(item)], genres_[static_cast<std::size_t>(other)]));
  }
  return similarity;
}

std::vector<Recommendation> Diversity::choose(std::vector<Recommendation> list,
                                              std::size_t k) const {
  std::vector<Recommendation> chosen;
  if (list.empty()) return chosen;
  const float lowest = list.back().score;
  const float range = list.front().score - lowest;
  std::vector<std::size_t> left(list.size());  // places in the list, in its order
  std::iota(left.begin(), left.end(), std::size_t{0});
  std::vector<float> nearest(list.size(), 0);  // the highest similarity to what is chosen
  while (chosen.size() < k && !left.empty()) {
    backend_.check_stop();
    const auto value = [&](std::size_t place) {
      const float relevance = range > 0 ? (list[place].score - lowest) / range : 1;
      return (1 - share_) * relevance - share_ * nearest[place];
    };
    const auto best = std::max_element(left.begin(), left.end(), [&](std::size_t a, std::size_t b) {
      return value(a) < value(b);
    });
    const std::size_t place = *best;
    left.erase(best);
    std::vector<Index> others;
    for (const std::size_t other : left) others.push_back(list[other].item);
    const std::vector<float> similarity = similarities(list[place].item, others);
    for (std::size_t n = 0; n < left.size(); ++n) {
      float& highest = nearest[left[n]];
      highest = chosen.empty() ? similarity[n] : std::max(highest, similarity[n]);
    }
    chosen.push_back(std::move(list[place]));
  }
  return chosen;
}

}  // namespace tusk
