// The priors of a model that was trained on a part of a data set.
#pragma once

#include <memory>
#include <span>

#include <tusk/dataset.hpp>

#include "backend/backend.hpp"
#include "model/factor_prior.hpp"

namespace tusk {

// Null if it is interrupted: the model is as good, and they are estimated when they are needed.
std::shared_ptr<const FactorPriors> trained_priors(Backend& backend, const MfState& state,
                                                   const Dataset& data,
                                                   std::span<const Label> label,
                                                   const LabelSet& part);

}  // namespace tusk
