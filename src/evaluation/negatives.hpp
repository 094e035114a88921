// Random items that a user is known to have nothing to do with.
#pragma once

#include <span>
#include <vector>

#include <tusk/types.hpp>

#include "support/philox.hpp"

namespace tusk {

// `count` of the items of `catalogue` that are not in `excluded`, or all of them if they are fewer,
// every choice equally likely. Both ascend without repeats, as does the result, and the catalogue
// holds all that is excluded.
std::vector<Index> draw_negatives(std::span<const Index> catalogue, std::span<const Index> excluded,
                                  int count, RandomSequence& random);

}  // namespace tusk
