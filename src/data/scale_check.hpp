// Ratings that join a model.
#pragma once

#include <tusk/dataset.hpp>

namespace tusk {

// Throws InputError, with the user and the item, for a rating off the scale of a model.
void check_on_scale(const Dataset& data, RatingScale scale);

}  // namespace tusk
