// The features of users or items that the means of their vectors depend on, in Gibbs sampling.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tusk/types.hpp>

#include "backend/link_draws.hpp"
#include "cpu/work_loop.hpp"
#include "model/transposed.hpp"

namespace tusk {

// X, the features of rows, of which those that are not known count as empty when B is drawn; shared
// by chains. Where either side of X is small, systems of X'X + b I are solved by a decomposition of
// the smaller of X'X and XX' that is computed once,
//   XX' = Q T Q' with T tridiagonal, so that (XX' + b I)^-1 = Q (T + b I)^-1 Q',
// and otherwise by conjugate gradients.
class LinkFeatures {
 public:
  // A larger matrix is not decomposed: it takes minutes.
  static constexpr Index kMostDense = 4096;

  // Features are borrowed.
  LinkFeatures(const CsrView& features, const std::vector<bool>& known, const WorkLoop& loop,
               Index most_dense = kMostDense);

  // The part of the work that runs on one thread. To be called once.
  void decompose();

  CsrView all() const { return features_; }
  CsrView known() const { return known_.view(); }
  CsrView transposed() const { return transposed_.view(); }
  // Whether rows that are not known have no features.
  bool only_known() const { return features_.size() == known_.view().size(); }
  Index size() const { return size_; }    // of what is decomposed; 0: neither is
  bool is_dual() const { return dual_; }  // whether that is XX'
  // Q and Q', [size, size]: each is read row by row, which is what memory is fast at.
  const float* basis() const { return basis_.data(); }
  const float* transposed_basis() const { return transposed_basis_.data(); }
  Tridiagonal tridiagonal() const { return {diagonal_, beside_}; }

  static std::uint64_t bytes(const CsrView& features);

 private:
  CsrView features_;
  SparseMatrixOf known_;
  Transposed transposed_;
  bool dual_;
  Index size_ = 0;
  std::vector<double> gram_;
  std::vector<float> basis_;
  std::vector<float> transposed_basis_;
  std::vector<double> diagonal_;
  std::vector<double> beside_;
};

}  // namespace tusk
