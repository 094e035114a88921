#include "serve/diversity.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

#include <tusk/error.hpp>

#include "model/score.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

float cosine_of_factors(const MfState& state, Index a, Index b) {
  const auto factors = static_cast<std::size_t>(state.factors);
  const auto of = [&](Index item) {
    return state.item_factors.data() + static_cast<std::size_t>(item) * factors;
  };
  const auto product = [&](Index x, Index y) {
    return static_cast<double>(dot(of(x), of(y), state.factors));
  };
  const double lengths = std::sqrt(product(a, a)) * std::sqrt(product(b, b));
  return lengths > 0 ? static_cast<float>(product(a, b) / lengths) : 0;
}

// The genres that both have over those that either has.
float shared_genres(const Catalogue& catalogue, Index a, Index b) {
  const auto names = [&](Index item) {
    auto all = split_text(catalogue.genres[static_cast<std::size_t>(item)], "|");
    std::erase(all, std::string_view());
    std::sort(all.begin(), all.end());
    return all;
  };
  const auto of_a = names(a);
  const auto of_b = names(b);
  std::vector<std::string_view> both;
  std::set_intersection(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(),
                        std::back_inserter(both));
  const std::size_t either = of_a.size() + of_b.size() - both.size();
  return either > 0 ? static_cast<float>(both.size()) / static_cast<float>(either) : 0;
}

float similarity(const Model& model, Index a, Index b) {
  const MfState& state = model.state();
  return state.factors > 0 ? cosine_of_factors(state, a, b) : shared_genres(model.catalogue, a, b);
}

}  // namespace

void check_diversity(const Model& model) {
  if (model.state().factors > 0) return;
  for (std::size_t item = 0; item < model.catalogue.genres.size(); ++item) {
    if (!model.catalogue.genres[item].empty()) return;
  }
  throw UsageError("diversity needs a model with factors, or items with genres, to compare");
}

std::vector<Recommendation> diverse(const Model& model, std::vector<Recommendation> list,
                                    float diversity, std::size_t k) {
  std::vector<Recommendation> chosen;
  if (list.empty()) return chosen;
  const float lowest = list.back().score;
  const float range = list.front().score - lowest;
  std::vector<float> nearest(list.size(), -std::numeric_limits<float>::infinity());
  std::vector<bool> taken(list.size(), false);
  const std::size_t length = std::min(k, list.size());
  while (chosen.size() < length) {
    std::size_t best = list.size();
    float highest = 0;
    for (std::size_t place = 0; place < list.size(); ++place) {
      if (taken[place]) continue;
      const float relevance = range > 0 ? (list[place].score - lowest) / range : 1;
      const float alike = chosen.empty() ? 0 : nearest[place];
      const float value = (1 - diversity) * relevance - diversity * alike;
      if (best == list.size() || value > highest) {
        best = place;
        highest = value;
      }
    }
    taken[best] = true;
    const Index item = list[best].item;
    chosen.push_back(std::move(list[best]));
    for (std::size_t place = 0; place < list.size(); ++place) {
      if (taken[place]) continue;
      nearest[place] = std::max(nearest[place], similarity(model, list[place].item, item));
    }
  }
  return chosen;
}

}  // namespace tusk
