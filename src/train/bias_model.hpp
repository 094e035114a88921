// The models without factors: the mean of the ratings, and damped user and item means.
#pragma once

#include <span>

#include <tusk/train.hpp>

namespace tusk {

MfState fit_mean(const Dataset& data, float mean);

MfState fit_bias(const Dataset& data, std::span<const Label> label, const LabelSet& part,
                 float mean, const BiasParams& params);

}  // namespace tusk
