#include "models/bayes/bayes_checkpoint.hpp"

#include <cmath>
#include <vector>

#include <tusk/error.hpp>

namespace tusk {
namespace {

double precision_of(const TrainingState& state, const std::string& name) {
  const std::vector<double> numbers = state.doubles(name);
  if (numbers.size() != 1 || !(numbers[0] > 0) || !std::isfinite(numbers[0])) {
    throw FormatError("the checkpoint has a precision that is none");
  }
  return numbers[0];
}

void put_side(const std::string& prefix, const BayesChainSide& side, TrainingState& state) {
  state.numbers[prefix + "vectors"] = side.vectors;
  state.put(prefix + "link_precision", {{side.link_precision}});
  state.numbers[prefix + "linked"] = side.linked;
  state.put(prefix + "link_scatter", side.link_scatter);
  state.numbers[prefix + "group_biases"] = side.groups.bias;
  state.put(prefix + "group_precision", {{side.groups.precision}});
}

BayesChainSide side_of(const std::string& prefix, const BayesSideSizes& sizes,
                       const TrainingState& state) {
  BayesChainSide side;
  side.vectors = state.numbers_of(prefix + "vectors", sizes.numbers);
  side.link_precision = precision_of(state, prefix + "link_precision");
  side.linked = state.numbers_of(prefix + "linked", sizes.linked ? sizes.numbers : 0);
  side.link_scatter = state.doubles(prefix + "link_scatter");
  if (side.link_scatter.size() != (sizes.linked ? sizes.width * sizes.width : 0)) {
    throw FormatError("the checkpoint is of other links");
  }
  side.groups.bias = state.numbers_of(prefix + "group_biases", sizes.groups);
  if (sizes.grouped) side.groups.precision = precision_of(state, prefix + "group_precision");
  return side;
}

}  // namespace

void put_chain(const std::string& prefix, const BayesChain& chain, TrainingState& state) {
  state.put(prefix + "alpha", {{chain.alpha}});
  put_side(prefix + "users.", chain.users, state);
  put_side(prefix + "items.", chain.items, state);
}

BayesChain chain_of(const std::string& prefix, const BayesSideSizes& users,
                    const BayesSideSizes& items, const TrainingState& state) {
  return {precision_of(state, prefix + "alpha"), side_of(prefix + "users.", users, state),
          side_of(prefix + "items.", items, state)};
}

}  // namespace tusk
