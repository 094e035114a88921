// Ratings that join a model.
#pragma once

#include <tusk/dataset.hpp>

namespace tusk {

// Whether ratings may join those that a model was trained on, which are on this scale, or weights.
// Throws InputError for weights among ratings and ratings among weights, and, with the user and the
// item, for a rating off the scale. Weights have no upper end.
void check_on_scale(const Dataset& data, RatingScale scale, bool of_weights);

}  // namespace tusk
