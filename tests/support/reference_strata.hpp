// Deterministic training on a GPU, one rating after another in double precision.
#pragma once

#include <cstdint>

#include "backend/backend.hpp"
#include "cuda/strata_ratings.hpp"
#include "tests/support/reference_sgd.hpp"

namespace tusk::test {

// An epoch of those ratings whose label is in `train`, or of all without labels, in the order that
// the GPU keeps: its blocks of a round share no user and no item, so that one after another they
// give what they give side by side. Returns the sum of the squared errors before each update.
double train_strata(ReferenceModel& model, const MfParams& params, const StrataRatings& ratings,
                    const LabelSet& train, std::uint64_t epoch);

}  // namespace tusk::test
