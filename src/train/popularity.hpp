// What everybody may like, for users of whom nothing is known.
#pragma once

#include <span>

#include <tusk/dataset.hpp>
#include <tusk/model.hpp>

namespace tusk {

Popularity measure_popularity(const Dataset& data, std::span<const Label> label,
                              const LabelSet& part);

}  // namespace tusk
