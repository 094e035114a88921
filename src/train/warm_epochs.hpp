// Further epochs of a model with factors.
#pragma once

#include <map>
#include <string>

#include "backend/backend.hpp"

namespace tusk {

// Passes of stochastic gradient descent over the ratings, users x items, one after another in an
// order drawn anew for each pass, with the rates of the model's metadata. Throws FormatError if
// these have none, and DivergedError.
void warm_epochs(Backend& backend, MfState& state, const CsrView& ratings,
                 const std::map<std::string, std::string>& metadata, RatingScale scale, int epochs);

}  // namespace tusk
