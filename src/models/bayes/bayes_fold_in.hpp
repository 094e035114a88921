// New users of a model that keeps draws.
#pragma once

#include <vector>

#include "models/bayes/bayes_draws.hpp"
#include "models/rated_items.hpp"

namespace tusk {

// A row of draws, as BayesDraws has them: the user's vector drawn, for each draw of all else, from
// its distribution given the user's ratings. Every second draw has the noise of the one before with
// the other sign, so that the noise hardly changes their mean. It depends on the ratings alone.
// Throws FormatError if the draws give no finite numbers.
std::vector<float> fold_user(const BayesDraws& draws, const RatedItems& rated);

}  // namespace tusk
