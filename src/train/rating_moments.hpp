// Mean and spread of a part of the ratings: those whose label is in `part`.
#pragma once

#include <cstdint>
#include <span>

#include <tusk/dataset.hpp>

namespace tusk {

std::int64_t count_ratings(std::span<const Label> label, const LabelSet& part);

// InputError if there is none.
float mean_rating(const Dataset& data, std::span<const Label> label, const LabelSet& part);

// Their standard deviation, or 1 where all are the same. InputError if there is none.
float rating_spread(const Dataset& data, std::span<const Label> label, const LabelSet& part);

}  // namespace tusk
