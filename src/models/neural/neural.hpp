// A neural network over embeddings of users and items: CollabFNet, GMF, NeuMF by options.
#pragma once

#include <vector>

#include "backend/neural_session.hpp"
#include "models/algorithm.hpp"

namespace tusk {

const Algorithm& neural_algorithm();

// Its hyper-parameters. Defined in neural_parameters.cpp, as what follows.
std::vector<Parameter> neural_parameters();

// The numbers that training takes. Throws ParameterError for a text of hidden layers that is none.
NeuralParams neural_params(const NeuralOptions& options, std::uint64_t seed);

}  // namespace tusk
