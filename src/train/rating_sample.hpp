// The training ratings that a model keeps to know its data by.
#pragma once

#include <span>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/model.hpp>

namespace tusk {

// At most 256 ratings of a part, evenly spread over it.
std::vector<SampledRating> sample_ratings(const Dataset& data, std::span<const Label> label,
                                          const LabelSet& part);

}  // namespace tusk
