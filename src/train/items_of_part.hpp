// What each user rated in a part of the ratings: those whose label is in `part`.
#pragma once

#include <span>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/model.hpp>

namespace tusk {

SeenItems items_of_part(const Dataset& data, std::span<const Label> label, const LabelSet& part);

// The ratings themselves, in the same order.
std::vector<float> ratings_of_part(const Dataset& data, std::span<const Label> label,
                                   const LabelSet& part);

}  // namespace tusk
