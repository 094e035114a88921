// New ratings in a state of factors and biases, without training it again.
#pragma once

#include "backend/backend.hpp"
#include "model/factor_prior.hpp"
#include "train/merged_ratings.hpp"

namespace tusk {

// The state under the merged ids: users with new ratings are folded in by the items that were
// known, then new items by all users, then these users by all items. Without factors, known items
// are folded in, too: biases alone are cheap and gain by every rating. The state and the priors are
// those of the model before.
MfState fold_ratings(Backend& backend, const MfState& state, const FactorPriors& priors,
                     const MergedRatings& merged);

}  // namespace tusk
