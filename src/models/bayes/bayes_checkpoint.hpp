// Chains of Gibbs sampling in a checkpoint.
#pragma once

#include <cstddef>
#include <string>

#include "backend/bayes_session.hpp"
#include "backend/training_state.hpp"

namespace tusk {

// How many numbers the users or the items of a chain have.
struct BayesSideSizes {
  std::size_t width = 0;    // d
  std::size_t numbers = 0;  // of vectors
  bool linked = false;
  bool grouped = false;
  std::size_t groups = 0;
};

void put_chain(const std::string& prefix, const BayesChain& chain, TrainingState& state);
// Throws FormatError if it is of other sizes.
BayesChain chain_of(const std::string& prefix, const BayesSideSizes& users,
                    const BayesSideSizes& items, const TrainingState& state);

}  // namespace tusk
