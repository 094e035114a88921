#include <algorithm>
#include <mutex>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include <tusk/candidate_index.hpp>
#include <tusk/error.hpp>
#include <tusk/id_table.hpp>
#include <tusk/recommend.hpp>
#include <tusk/similar.hpp>

#include "data/id_forms.hpp"
#include "lists/best_places.hpp"
#include "model/row_products.hpp"
#include "serving/catalogue_vectors.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// Of every item, where it is comparable: by position the similarity, or nothing.
using Similarities = std::vector<std::optional<double>>;

Similarities by_neighbours(const Predictor& predictor, Index items, Index item) {
  const TopK found = predictor.nearest_items({&item, 1}, items).value();
  Similarities similarity(static_cast<std::size_t>(items));
  for (std::size_t r = 0; r < found.index.size() && found.index[r] != kNone; ++r) {
    similarity[static_cast<std::size_t>(found.index[r])] = static_cast<double>(found.score[r]);
  }
  return similarity;
}

// Whether any of the item's factors is other than 0.
bool has_factors(const MfState& state, Index item) {
  const auto factors = static_cast<std::size_t>(state.factors);
  const auto own =
      std::span(state.item_factors).subspan(static_cast<std::size_t>(item) * factors, factors);
  return std::any_of(own.begin(), own.end(), [](float value) { return value != 0; });
}

Similarities by_factors(const Predictor& predictor, const MfState& state, Index item) {
  if (!has_factors(state, item)) {
    throw InputError("the item's factors are all 0; it cannot be compared");
  }
  std::vector<Index> all(static_cast<std::size_t>(state.items));
  std::iota(all.begin(), all.end(), 0);
  const auto cosine = predictor.similarities(item, all).value();
  Similarities similarity(all.size());
  for (const Index other : all) {
    const auto o = static_cast<std::size_t>(other);
    if (has_factors(state, other)) similarity[o] = static_cast<double>(cosine[o]);
  }
  return similarity;
}

void check_compares(const Model& model) {
  if (model.algorithm().capabilities.compares_items) return;
  std::vector<std::string> models;
  for (const AlgorithmInfo* other : algorithms()) {
    if (other->capabilities.compares_items) models.push_back(other->name);
  }
  throw UsageError(
      fmt::format("a model of kind {} has neither factors nor neighbours of items to compare "
                  "them by; {} have",
                  model.algorithm().name, list_text(models)));
}

std::unique_ptr<const Predictor> open_comparing(Device& device, const Model& model) {
  check_compares(model);
  return model.open(device);
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
  const bool needs_ratings = !model.algorithm().capabilities.uses_content;
  if (item == kNone || (needs_ratings && !model.knows_item(item))) {
    throw InputError("the item has no training ratings in this model, so nothing is known of it");
  }
}

// Adds the cosine of the items' vectors, with its share.
void add_content(const CsrView& vectors, Index item, double share, Similarities& similarity) {
  const auto cosine = products_with_row(vectors, item);
  for (std::size_t i = 0; i < similarity.size(); ++i) {
    similarity[i] = (1 - share) * similarity[i].value_or(0) + share * cosine[i];
  }
}

}  // namespace

SimilarOptions usual_similar_options(const Model& model) {
  SimilarOptions options;
  const Capabilities& can = model.algorithm().capabilities;
  const bool is_content = can.uses_content && !can.has_parts;
  if (!is_content && !genre_names(model.catalogue).empty()) options.content = 0.5f;
  std::int64_t known = 0;
  for (Index item = 0; item < model.state().items; ++item) known += model.knows_item(item) ? 1 : 0;
  if (known > 0) {
    options.support = static_cast<float>(2 * std::ssize(model.seen().item) / known);
  }
  return options;
}

// What is opened or computed when it is first needed.
struct SimilarItems::Lazy {
  std::once_flag vectors_once;
  std::optional<CatalogueVectors> vectors;
};

SimilarItems::SimilarItems(Device& device, const Model& model)
    : model_(model),
      own_predictor_(open_comparing(device, model)),
      own_candidates_(std::make_unique<const CandidateIndex>(model)),
      predictor_(*own_predictor_),
      candidates_(*own_candidates_),
      lazy_(std::make_unique<Lazy>()) {}

SimilarItems::SimilarItems(const Predictor& predictor, const Model& model,
                           const CandidateIndex& candidates)
    : model_(model),
      predictor_(predictor),
      candidates_(candidates),
      lazy_(std::make_unique<Lazy>()) {
  check_compares(model);
}

SimilarItems::~SimilarItems() = default;

std::vector<SimilarItem> SimilarItems::find(Index item, int k,
                                            const SimilarOptions& options) const {
  check(model_, item, k, options);
  const MfState& state = model_.state();
  Similarities similarity = state.factors > 0 ? by_factors(predictor_, state, item)
                                              : by_neighbours(predictor_, state.items, item);
  if (const auto share = static_cast<double>(options.content); share > 0) {
    std::call_once(lazy_->vectors_once, [&] { lazy_->vectors.emplace(model_); });
    add_content(lazy_->vectors->view(), item, share, similarity);
  }
  CandidateFilter filter;
  filter.min_ratings = options.min_ratings;
  if (!options.genre.empty()) filter.genres = {options.genre};
  const std::vector<Index> candidates = candidates_.find(filter);
  const bool none =
      std::all_of(candidates.begin(), candidates.end(), [&](Index other) { return other == item; });
  if (none && (options.min_ratings > 1 || !options.genre.empty())) {
    throw UsageError("no other item meets the conditions");
  }
  const auto ratings = candidates_.ratings();
  std::vector<SimilarItem> similar;
  for (const Index other : candidates) {
    const auto& own = similarity[static_cast<std::size_t>(other)];
    if (other == item || !own) continue;
    const auto n = static_cast<double>(ratings[static_cast<std::size_t>(other)]);
    const double trust = options.support > 0 ? n / (n + static_cast<double>(options.support)) : 1;
    similar.push_back({other, static_cast<float>(*own * trust)});
  }
  // Candidates come with more ratings first, and so do those that are equally similar.
  std::vector<SimilarItem> best;
  for (const std::size_t place :
       best_places(std::span<const SimilarItem>(similar), k, &SimilarItem::similarity)) {
    best.push_back(similar[place]);
  }
  return best;
}

std::vector<SimilarItem> similar_items(Device& device, const Model& model, Index item, int k,
                                       const SimilarOptions& options) {
  return SimilarItems(device, model).find(item, k, options);
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
