// From the number of factors a lane, known at run time, to a kernel that is compiled for it.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "cuda/row_layout.hpp"

namespace tusk {

// Whether rows have so many factors a lane: RowLayout pads those in half precision to an even
// number.
template <class Storage>
constexpr bool is_row_length(int factors_per_lane) {
  return sizeof(Storage) == sizeof(float) || factors_per_lane % 2 == 0;
}

// Calls visit(std::integral_constant<int, n>()) for n = factors_per_lane if rows of that length are
// kept in registers, else visit(std::integral_constant<int, 0>()).
template <class Storage, class Visit, std::size_t... At>
void visit_factors_per_lane(int factors_per_lane, const Visit& visit, std::index_sequence<At...>) {
  const auto visit_if = [&](auto n) {
    if constexpr (is_row_length<Storage>(n)) {
      if (factors_per_lane == n) return visit(n), true;
    }
    return false;
  };
  const bool visited = (visit_if(std::integral_constant<int, kRegisterFactors[At]>()) || ...);
  if (!visited) visit(std::integral_constant<int, 0>());
}

template <class Storage, class Visit>
void visit_factors_per_lane(int factors_per_lane, const Visit& visit) {
  visit_factors_per_lane<Storage>(factors_per_lane, visit,
                                  std::make_index_sequence<kRegisterFactors.size()>());
}

}  // namespace tusk
