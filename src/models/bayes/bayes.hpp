// Bayesian matrix factorization by Gibbs sampling: src/backend/bayes_session.hpp.
#pragma once

#include <vector>

#include <tusk/models.hpp>

#include "models/algorithm.hpp"

namespace tusk {

const Algorithm& bayes_algorithm();

// Its hyper-parameters. Defined in bayes_parameters.cpp.
std::vector<Parameter> bayes_parameters();

// Samples the posterior of the ratings whose label is in `part`.
MfMemory plan_bayes_fit(const FitContext& context, const TrainOptions& options,
                        const LabelSet& part);
FitResult fit_bayes(const FitContext& context, const TrainOptions& options, const LabelSet& part,
                    std::size_t model);

}  // namespace tusk
