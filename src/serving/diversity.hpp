// Lists whose items are unlike each other.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <tusk/recommend.hpp>

#include "backend/backend.hpp"

namespace tusk {

// Chooses by maximal marginal relevance (Carbonell and Goldstein: "The Use of MMR", 1998): one
// after another, the item with the highest
//   (1 - share) relevance - share * highest similarity to an item before it,
// where relevance is the score between the lowest (0) and the highest (1) of the list. Similarity
// is Predictor::similarities(); of models that compare no items, the share of common genres.
class Diversity {
 public:
  // All are borrowed. Throws ParameterError for a share that is not 0 to 1, and UsageError for a
  // model that compares no items and whose items have no genres.
  Diversity(Backend& backend, const Model& model, const Predictor& predictor, float share);

  // At most k items of a list that is best first.
  std::vector<Recommendation> choose(std::vector<Recommendation> list, std::size_t k) const;

 private:
  std::vector<float> similarities(Index item, std::span<const Index> others) const;

  Backend& backend_;
  const Predictor& predictor_;
  float share_;
  std::vector<std::vector<std::size_t>> genres_;  // of each item, ascending; if these are compared
};

}  // namespace tusk
