// The dampings, as parameters of each model that has a bias model within.
#pragma once

#include <string>

#include <tusk/models.hpp>

#include "models/parameter_table.hpp"

namespace tusk {

inline constexpr const char* kDampedMeans = "Damped means";

inline constexpr const char* kItemDampingHelp =
    "an item's bias is the sum of its deviations over their number plus this: larger values shrink "
    "the biases of items with few ratings";

inline void set_damping_range(Parameter& damping) {
  damping.range = from(0);
  damping.group = kDampedMeans;
  damping.search = [](float, const std::any&) { return std::string("1..50:log"); };
}

// Access(options) is a BiasOptions.
template <class Options, class Access>
void add_dampings(ParameterTable<Options>& table, Access access) {
  set_damping_range(table.add(
      "user-damping", [access](auto& options) -> auto& { return access(options).user_damping; },
      from(0),
      "a user's bias is the sum of his deviations over their number plus this: larger values "
      "shrink the biases of users with few ratings"));
  set_damping_range(table.add(
      "item-damping", [access](auto& options) -> auto& { return access(options).item_damping; },
      from(0), kItemDampingHelp));
}

}  // namespace tusk
