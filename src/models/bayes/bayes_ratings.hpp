// Ratings as Gibbs sampling takes them.
#pragma once

#include <cstdint>
#include <vector>

#include "models/algorithm.hpp"

namespace tusk {

// The ratings of a part less their mean, over their spread, with one empty row and column more:
// somebody and something without ratings.
SparseMatrixOf standardized(const FitContext& context, const LabelSet& part, float mean,
                            float spread);

// The time of each of them. Throws InputError where none has one.
std::vector<std::int64_t> times_of_part(const FitContext& context, const LabelSet& part);

// A row of ones for what each row has, at length 1.
SparseMatrixOf links_of(const CsrView& ratings);

// By row, 1 or 0.
std::vector<char> rows_with_ratings(const CsrView& ratings);

}  // namespace tusk
