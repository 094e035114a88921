// The models without factors: the mean of the ratings, and damped user and item means.
#pragma once

#include <span>

#include <tusk/train.hpp>

namespace tusk {

MfState fit_mean(const Dataset& data, float mean);

MfState fit_bias(const Dataset& data, std::span<const Label> label, const LabelSet& part,
                 float mean, const BiasOptions& options);

// By item, how many users have a rating of it.
std::vector<float> user_counts(const Dataset& data, std::span<const Label> label,
                               const LabelSet& part);
std::vector<float> user_counts(const CsrView& ratings);  // users x items

// An item's bias is its number of users, the mean and all else are 0: what is popular where ratings
// are weights, whose means tell how much each user takes of an item and not how many take it.
MfState fit_counts(Index users, std::vector<float> user_counts);

// The first step of fit_bias: item biases, with all user biases 0; of weights, fit_counts().
MfState fit_popular(const Dataset& data, std::span<const Label> label, const LabelSet& part,
                    float mean, float item_damping);

}  // namespace tusk
