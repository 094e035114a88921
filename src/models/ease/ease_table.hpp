// From the inverse of EASE's matrix to its coefficients.
#pragma once

#include <span>
#include <vector>

#include "algebra/symmetric_inverse.hpp"
#include "models/ease/ease_weights.hpp"

namespace tusk {

// Names as in EaseWeights; T is float or double. Everything is borrowed.
template <class T>
struct EaseTableMaker {
  CsrView x;
  CsrView by_item;  // its transpose
  std::span<const double> diagonal;
  const ParallelFor& parallel_for;

  // From P [items, items]. `most`: how many neighbours of each item are kept; 0 keeps the table.
  void from_items(std::vector<T> inverse, int most, EaseWeights& weights) const;

  // From K^-1 [users, users]; with `most` 0 to the form by users. False where the precision of T
  // does not suffice.
  bool from_users(std::span<const T> inverse, int most, EaseWeights& weights) const;
};

}  // namespace tusk
