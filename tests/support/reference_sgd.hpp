// Matrix factorization as it is defined, rating by rating in double precision.
#pragma once

#include <vector>

#include "backend/backend.hpp"

namespace tusk::test {

// Parameters with steps so large, and so different from each other, that a wrong one shows.
MfParams coarse_params(int factors);

struct ReferenceModel {
  int factors = 0;
  double mean = 0;
  std::vector<double> user_factors;
  std::vector<double> item_factors;
  std::vector<double> user_bias;
  std::vector<double> item_bias;

  double predict(Index user, Index item) const;
  // Returns the error before the update.
  double update(const MfParams& params, Index user, Index item, double rating);
};

ReferenceModel reference_of(const MfState& state);

// The largest difference between any two parameters.
double largest_difference(const ReferenceModel& reference, const MfState& state);

}  // namespace tusk::test
