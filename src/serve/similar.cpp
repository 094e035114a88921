#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>
#include <tusk/id_table.hpp>
#include <tusk/models.hpp>
#include <tusk/recommend.hpp>
#include <tusk/similar.hpp>

#include "catalogue/item_features.hpp"
#include "data/id_forms.hpp"
#include "model/score.hpp"
#include "models/content/content_parameters.hpp"
#include "serve/candidates.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

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

// Of every item, where it is comparable: by position the similarity, or nothing.
using Similarities = std::vector<std::optional<double>>;

Similarities by_neighbours(Device& device, const Model& model, Index item) {
  const TopK found = model.open(device)->nearest_items({&item, 1}, model.state().items).value();
  Similarities similarity(static_cast<std::size_t>(model.state().items));
  for (std::size_t r = 0; r < found.index.size() && found.index[r] != kNone; ++r) {
    similarity[static_cast<std::size_t>(found.index[r])] = static_cast<double>(found.score[r]);
  }
  return similarity;
}

Similarities by_factors(const Model& model, Index item) {
  const MfState& state = model.state();
  const auto own = unit_vector(factors_of(state, item), state.factors);
  if (own.empty()) throw InputError("the item's factors are all 0, so it is like nothing");
  Similarities similarity;
  for (Index other = 0; other < state.items; ++other) {
    const auto unit = unit_vector(factors_of(state, other), state.factors);
    std::optional<double>& cosine = similarity.emplace_back();
    if (unit.empty()) continue;
    cosine = std::clamp(dot(own.data(), unit.data(), state.factors), -1.0f, 1.0f);
  }
  return similarity;
}

void check(const Model& model, Index item, int k, const SimilarOptions& options) {
  if (k < 1 || k > kMostSimilar) {
    throw UsageError(
        fmt::format("{} similar items asked for; it must be 1 to {}", k, kMostSimilar));
  }
  if (!(options.content >= 0 && options.content <= 1)) {
    throw UsageError(fmt::format("the share of content is {}; it must be 0 to 1", options.content));
  }
  if (!(options.support >= 0)) {
    throw UsageError(fmt::format("the support is {}; it must be 0 or more", options.support));
  }
  const auto genres = genre_names(model.catalogue);
  const auto is_genre = [&](const std::string& name) {
    return folded(name) == folded(options.genre);
  };
  if (!options.genre.empty() && std::none_of(genres.begin(), genres.end(), is_genre)) {
    throw UsageError(fmt::format("the model has no item of genre {}", in_quotes(options.genre)));
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
}

// Adds the cosine of what is known of the items, with its share.
void add_content(const Model& model, Index item, double share, Similarities& similarity) {
  const ContentOptions usual;
  const FeatureSpace space =
      FeatureSpace::learn(model.catalogue, field_weights(usual), word_options(usual));
  const SparseMatrixOf vectors = space.vectors_of(model.catalogue);
  const auto cosine = products_with_row(vectors.view(), item);
  for (std::size_t i = 0; i < similarity.size(); ++i) {
    similarity[i] = (1 - share) * similarity[i].value_or(0) + share * cosine[i];
  }
}

}  // namespace

SimilarOptions usual_similar_options(const Model& model) {
  SimilarOptions options;
  const bool has_content = model.algorithm().capabilities.uses_content;
  if (!has_content && !genre_names(model.catalogue).empty()) options.content = 0.5f;
  std::int64_t known = 0;
  for (Index item = 0; item < model.state().items; ++item) known += model.knows_item(item) ? 1 : 0;
  if (known > 0) {
    options.support = static_cast<float>(2 * std::ssize(model.seen().item) / known);
  }
  return options;
}

std::vector<SimilarItem> similar_items(Device& device, const Model& model, Index item, int k,
                                       const SimilarOptions& options) {
  check(model, item, k, options);
  Similarities similarity =
      model.state().factors > 0 ? by_factors(model, item) : by_neighbours(device, model, item);
  const auto share = static_cast<double>(options.content);
  if (share > 0) add_content(model, item, share, similarity);
  const std::vector<std::int64_t> ratings = model.ratings_of_items();
  std::vector<SimilarItem> similar;
  // Candidates come with more ratings first, which a stable sort keeps.
  CandidateFilter filter;
  filter.min_ratings = options.min_ratings;
  if (!options.genre.empty()) filter.genres = {options.genre};
  for (const Index other : find_candidates(model, filter)) {
    const auto& own = similarity[static_cast<std::size_t>(other)];
    if (other == item || !own) continue;
    const auto n = static_cast<double>(ratings[static_cast<std::size_t>(other)]);
    similar.push_back(
        {other, static_cast<float>(*own * n / (n + static_cast<double>(options.support)))});
  }
  std::stable_sort(similar.begin(), similar.end(), [](const SimilarItem& a, const SimilarItem& b) {
    return a.similarity > b.similarity;
  });
  similar.resize(std::min(similar.size(), static_cast<std::size_t>(k)));
  return similar;
}

std::vector<SimilarItem> similar_items(Device& device, const Model& model, std::string_view item_id,
                                       int k, const SimilarOptions& options) {
  const auto item = model.items.find(item_id);
  if (!item) {
    throw InputError(fmt::format("item {} is not in this model{}", short_text(item_id),
                                 known_ids_text(model.items, item_id)));
  }
  return similar_items(device, model, *item, k, options);
}

}  // namespace tusk
