// Biased matrix factorization.
#pragma once

#include <tusk/models.hpp>

#include "models/algorithm.hpp"

namespace tusk {

const Algorithm& mf_algorithm();

// Its hyper-parameters. Defined in mf_parameters.cpp.
std::vector<Parameter> mf_parameters();

// The numbers that training takes, for ratings of this standard deviation.
MfParams mf_params(const MfOptions& options, float spread, std::uint64_t seed = 1);

// Throws ParameterError for numbers with which training makes no sense.
void check_params(const MfParams& params);

// The factor on the learning rates in an epoch, from 1.
float schedule_factor(Schedule schedule, double decay, int epoch);

}  // namespace tusk
