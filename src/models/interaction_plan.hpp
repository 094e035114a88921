// The memory that models take to learn from interactions.
#pragma once

#include <span>

#include "models/algorithm.hpp"
#include "train/interactions.hpp"

namespace tusk {

// The largest plan of any entry of `train`: plan_of(weights) is that of one.
template <class Plan>
MfMemory largest_plan(const FitContext& context, const InteractionOptions& interactions,
                      std::span<const LabelSet> train, const Plan& plan_of) {
  MfMemory largest;
  for (const LabelSet& part : train) {
    const MfMemory memory =
        plan_of(interactions_of_part(context.data, context.label, part, interactions));
    if (memory.total() > largest.total()) largest = memory;
  }
  return largest;
}

}  // namespace tusk
