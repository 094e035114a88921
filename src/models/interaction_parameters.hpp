// What counts as an interaction, as parameters of each model that learns from interactions.
#pragma once

#include <string>
#include <vector>

#include <tusk/models.hpp>

#include "models/parameter_table.hpp"

namespace tusk {

inline constexpr const char* kInteractionParameters = "Interactions";

// Access(options) is an InteractionOptions.
template <class Options, class Access>
void add_interaction_parameters(ParameterTable<Options>& table, Access access) {
  Parameter& relevance = table.add(
      "relevance", [access](auto& options) -> auto& { return access(options).relevance; }, {},
      "the lowest rating that counts in full");
  relevance.usual = "4 on scales that end between 4 and 5, the same place on others; all weights";
  relevance.group = kInteractionParameters;
  Parameter& low_weight = table.add(
      "low-weight", [access](auto& options) -> auto& { return access(options).low_weight; },
      from_to(0, 1), "what ratings below {relevance} count: 0 leaves them out, 1 counts all alike");
  low_weight.search = [](float, const std::any&) { return std::string("0..1"); };
  low_weight.group = kInteractionParameters;
  Parameter& weighting = table.choose(
      "weighting", [access](auto& options) -> auto& { return access(options).weighting; },
      std::vector{Weighting::binary, Weighting::log, Weighting::linear},
      "what a weight w counts, of data read with {implicit}: binary (1), log (log2(1 + w)), linear "
      "(w)");
  weighting.group = kInteractionParameters;
}

}  // namespace tusk
