#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>
#include <tusk/id_table.hpp>
#include <tusk/similar.hpp>

#include "data/id_forms.hpp"
#include "model/score.hpp"
#include "serve/candidates.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

const float* factors_of(const MfState& state, Index item) {
  return &state.item_factors[static_cast<std::size_t>(item) *
                             static_cast<std::size_t>(state.factors)];
}

// Computed with the largest factor as unit, so that no square is lost or overflows.
std::vector<float> unit_vector(const float* factors, int size) {
  std::vector<float> unit(factors, factors + size);
  float largest = 0;
  for (const float value : unit) largest = std::max(largest, std::abs(value));
  if (largest == 0) return {};
  for (float& value : unit) value /= largest;
  const float length = std::sqrt(dot(unit.data(), unit.data(), size));
  for (float& value : unit) value /= length;
  return unit;
}

std::vector<SimilarItem> by_neighbours(Device& device, const Model& model, Index item, int k) {
  const int most = static_cast<int>(std::min<Index>(k, model.state().items));
  const TopK found = model.open(device)->nearest_items({&item, 1}, most).value();
  std::vector<SimilarItem> similar;
  for (std::size_t r = 0; r < found.index.size() && found.index[r] != kNone; ++r) {
    similar.push_back({found.index[r], found.score[r]});
  }
  return similar;
}

std::vector<SimilarItem> by_factors(const Model& model, Index item, int k) {
  const MfState& state = model.state();
  const auto own = unit_vector(factors_of(state, item), state.factors);
  if (own.empty()) throw InputError("the item's factors are all 0, so it is like nothing");
  std::vector<SimilarItem> similar;
  for (Index other = 0; other < state.items; ++other) {
    if (other == item || !model.knows_item(other)) continue;
    const auto unit = unit_vector(factors_of(state, other), state.factors);
    if (unit.empty()) continue;
    const float cosine = dot(own.data(), unit.data(), state.factors);
    similar.push_back({other, std::clamp(cosine, -1.0f, 1.0f)});
  }
  const std::vector<std::int64_t> ratings = model.ratings_of_items();
  const auto better = [&](const SimilarItem& a, const SimilarItem& b) {
    if (a.similarity != b.similarity) return a.similarity > b.similarity;
    const auto of_a = ratings[static_cast<std::size_t>(a.item)];
    const auto of_b = ratings[static_cast<std::size_t>(b.item)];
    return of_a != of_b ? of_a > of_b : a.item < b.item;
  };
  const auto count = std::min(similar.size(), static_cast<std::size_t>(k));
  std::partial_sort(similar.begin(), similar.begin() + static_cast<std::ptrdiff_t>(count),
                    similar.end(), better);
  similar.resize(count);
  return similar;
}

}  // namespace

std::vector<SimilarItem> similar_items(Device& device, const Model& model, Index item, int k) {
  if (k < 1 || k > kMostSimilar) {
    throw UsageError(
        fmt::format("{} similar items asked for; it must be 1 to {}", k, kMostSimilar));
  }
  if (!model.algorithm().capabilities.compares_items) {
    std::vector<std::string> models;
    for (const AlgorithmInfo* other : algorithms()) {
      if (other->capabilities.compares_items) models.push_back(other->name);
    }
    throw UsageError(
        fmt::format("a model of kind {} has neither factors nor neighbours of items to compare "
                    "them by; {} have",
                    model.algorithm().name, fmt::join(models, " and ")));
  }
  if (!model.knows_item(item)) {
    throw InputError("the item has no training ratings in this model, so nothing is known of it");
  }
  return model.state().factors > 0 ? by_factors(model, item, k)
                                   : by_neighbours(device, model, item, k);
}

std::vector<SimilarItem> similar_items(Device& device, const Model& model, std::string_view item_id,
                                       int k) {
  const auto item = model.items.find(item_id);
  if (!item) {
    throw InputError(fmt::format("item {} is not in this model{}", short_text(item_id),
                                 known_ids_text(model.items, item_id)));
  }
  return similar_items(device, model, *item, k);
}

}  // namespace tusk
