// What every device arranges before it trains neural networks.
#pragma once

#include <vector>

#include <tusk/types.hpp>

#include "backend/neural_session.hpp"

namespace tusk {

struct NeuralRating {
  Index user = 0;
  Index item = 0;
  float rating = 0;
};

// The ratings of models that train and validate on the same ones.
struct NeuralPart {
  std::vector<NeuralRating> train;  // in the order of the data
  std::vector<NeuralRating> validate;
  std::vector<bool> user_trained;
  std::vector<bool> item_trained;
};

bool same_ratings(const NeuralFit& a, const NeuralFit& b);

NeuralPart gather_part(const NeuralProblem& problem, const NeuralFit& fit);

// The network's weights as training starts, [shape.size()].
std::vector<float> initial_network(const NetworkShape& shape, std::uint64_t seed);

}  // namespace tusk
