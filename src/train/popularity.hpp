// What everybody may like, for users of whom nothing is known.
#pragma once

#include <span>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/model.hpp>

#include "train/merged_ratings.hpp"

namespace tusk {

// The two halves of Popularity. Each passes over the ratings by itself, so that both can be made at
// the same time.
std::vector<float> popular_ratings(const Dataset& data, std::span<const Label> label,
                                   const LabelSet& part);
std::vector<float> measure_trend(const Dataset& data, std::span<const Label> label,
                                 const LabelSet& part);

// The trend when new ratings have joined a model, which are taken for later than its own; without
// times, and in a model without a trend, it stays.
std::vector<float> updated_trend(const Model& model, const MergedRatings& merged, bool has_times);

}  // namespace tusk
