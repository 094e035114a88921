// What models that make lists learn from: which items each user chose, and how much each choice
// counts.
#pragma once

#include <span>

#include <tusk/dataset.hpp>
#include <tusk/models.hpp>

namespace tusk {

// The weight of a rating, one formula for users who are trained and those who are folded in:
//   w(rating) = s(rating) if rating >= relevance, else low_weight s(rating)
// where s is 1 for ratings and as Weighting says for weights. Without a given relevance all weights
// of implicit data count in full.
class InteractionWeight {
 public:
  // `of_weights`: as Model::of_weights(). Throws ParameterError for a weighting of ratings.
  InteractionWeight(const InteractionOptions& options, RatingScale scale, bool of_weights);

  float operator()(float rating) const;

 private:
  float relevance_;
  float low_weight_;
  Weighting weighting_;
};

// The same matrix with weights in place of ratings; without entries whose weight is 0.
SparseMatrixOf weighted(const CsrView& ratings, const InteractionWeight& weight);

// The weights of the ratings whose label is in `part`, users x items. Throws InputError if all are
// 0, and ParameterError as InteractionWeight does and for a weight above 1e9.
SparseMatrixOf interactions_of_part(const Dataset& data, std::span<const Label> label,
                                    const LabelSet& part, const InteractionOptions& options);

// Throws ParameterError, which says that these weights, counted linearly, are too large to train
// on.
[[noreturn]] void refuse_weights(std::span<const float> weights);

}  // namespace tusk
