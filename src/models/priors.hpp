// The priors by which a model folds in users and items.
#pragma once

#include <memory>

#include <tusk/model.hpp>

#include "model/factor_prior.hpp"

namespace tusk {

// Those of the model's state, or estimated from it where a file of an earlier version has none; of
// a model without factors, its dampings.
std::shared_ptr<const FactorPriors> priors_of(const Model& model);

}  // namespace tusk
