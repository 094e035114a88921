// Biased matrix factorization.
#pragma once

#include <tusk/models.hpp>

#include "models/algorithm.hpp"
#include "train/epoch_stepper.hpp"

namespace tusk {

const Algorithm& mf_algorithm();

// Its hyper-parameters. Defined in mf_parameters.cpp.
std::vector<Parameter> mf_parameters();

// The numbers that training takes, for ratings of this standard deviation.
MfParams mf_params(const MfOptions& options, float spread, std::uint64_t seed = 1);

// Throws ParameterError for numbers with which training makes no sense.
void check_params(const MfParams& params);

// How a model with these numbers is trained.
ModelPlan plan_of(const MfOptions& options, const MfParams& params);

}  // namespace tusk
