// The priors of a model that was trained on a part of a data set.
#pragma once

#include <memory>
#include <span>

#include <tusk/dataset.hpp>

#include "model/factor_prior.hpp"

namespace tusk {

std::shared_ptr<const FactorPriors> trained_priors(const MfState& state, const Dataset& data,
                                                   std::span<const Label> label,
                                                   const LabelSet& part);

}  // namespace tusk
