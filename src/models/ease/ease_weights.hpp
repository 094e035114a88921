// What EASE has learned: the coefficients B, in one of three forms.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <tusk/types.hpp>

#include "algebra/symmetric_inverse.hpp"

namespace tusk {

// Of the items with interactions, which have places 0 .. items - 1 here. One of the forms is there,
// the others are empty:
// * `table`: B itself.
// * `user_table`, where users are fewer than items. With D the diagonal that is added to G, and
//   K = I + X D^-1 X', which is as large as there are users, Woodbury's identity is
//     P = D^-1 - D^-1 X' K^-1 X D^-1,
//   so that with W_uj = (K^-1 X)_uj / (d_j P_jj)
//     B_ij = (X'W)_ij / d_i for i != j, and x B = x D^-1 X' W - x diag(own),
//   where own_j = 1 / (d_j P_jj) - 1 is what B_jj would be. For a row x of X itself, a user who was
//   trained, that is x - (the user's row of W).
// * `neighbours`: of each item j those other items i whose B_ij is furthest from 0.
struct EaseWeights {
  std::vector<Index> item;       // [items]: the model's numbers of them
  std::vector<float> precision;  // [items]: P_jj

  std::vector<float> table;       // [items, items], or empty
  std::vector<float> user_table;  // W [users, items], or empty
  std::vector<float> diagonal;    // D [items], with `user_table`
  SparseMatrixOf neighbours;      // row j, column i: B_ij; without rows unless it is the form

  std::size_t items() const { return item.size(); }
  bool by_users() const { return !diagonal.empty(); }
  bool by_neighbours() const { return neighbours.view().rows() > 0; }
};

// Rows of weights of interactions by the places of EaseWeights; others are left out.
class EasePlaces {
 public:
  EasePlaces(std::span<const Index> item, Index items);

  Index of(Index item) const { return place_[static_cast<std::size_t>(item)]; }  // or kNone
  SparseMatrixOf placed(const SparseMatrixOf& weights, const ParallelFor& parallel_for) const;

 private:
  Index count_;
  std::vector<Index> place_;  // by item
};

// The items that X has, those with more entries first, then by number.
std::vector<Index> items_with_interactions(const SparseMatrixOf& weights);

}  // namespace tusk
