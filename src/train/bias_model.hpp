// The models without factors: the mean of the ratings, and damped user and item means.
#pragma once

#include <span>

#include <tusk/train.hpp>

namespace tusk {

MfState fit_mean(const Dataset& data, float mean);

MfState fit_bias(const Dataset& data, std::span<const Label> label, const LabelSet& part,
                 float mean, const BiasOptions& options);

// The first step of fit_bias: item biases, with all user biases 0.
MfState fit_popular(const Dataset& data, std::span<const Label> label, const LabelSet& part,
                    float mean, float item_damping);

}  // namespace tusk
