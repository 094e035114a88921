// The models without factors: the mean of the ratings, and damped user and item means.
#pragma once

#include <span>

#include <tusk/train.hpp>

namespace tusk {

// The mean of the ratings whose label is in `part`; InputError if there is none.
float mean_rating(const Dataset& data, std::span<const Label> label, const LabelSet& part);

MfState fit_mean(const Dataset& data, float mean);

MfState fit_bias(const Dataset& data, std::span<const Label> label, const LabelSet& part,
                 float mean, const BiasParams& params);

}  // namespace tusk
