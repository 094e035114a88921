// Whether chains of Gibbs sampling have forgotten their starts.
#pragma once

#include <vector>

namespace tusk {

// How much wider the distribution of a number is over all chains than within them, about 1 once
// they have forgotten their starts: the split R-hat of Gelman et al.: "Bayesian Data Analysis",
// 3rd edition, section 11.4. Chains are of one length. NaN for chains of fewer than 4 numbers, or
// numbers that do not differ.
double potential_scale_reduction(const std::vector<std::vector<double>>& chains);

}  // namespace tusk
