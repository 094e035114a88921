// From the number of factors a lane, known at run time, to a kernel that is compiled for it.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "cuda/row_layout.hpp"

namespace tusk {

// Calls visit(std::integral_constant<int, n>()) for n = factors_per_lane if rows of that length are
// kept in registers, else visit(std::integral_constant<int, 0>()).
template <class Visit, std::size_t... At>
void visit_factors_per_lane(int factors_per_lane, const Visit& visit, std::index_sequence<At...>) {
  const bool visited = ((factors_per_lane == kRegisterFactors[At] &&
                         (visit(std::integral_constant<int, kRegisterFactors[At]>()), true)) ||
                        ...);
  if (!visited) visit(std::integral_constant<int, 0>());
}

template <class Visit>
void visit_factors_per_lane(int factors_per_lane, const Visit& visit) {
  visit_factors_per_lane(factors_per_lane, visit,
                         std::make_index_sequence<kRegisterFactors.size()>());
}

}  // namespace tusk
