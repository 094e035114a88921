// Predictions of Slope One from the ratings themselves: no table of all pairs of items is kept.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tusk/predictor.hpp>

#include "model/transposed.hpp"

namespace tusk {

class SlopeOnePredictor : public Predictor {
 public:
  // Both are borrowed.
  SlopeOnePredictor(Backend& backend, const Model& model);

  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override;
  std::int64_t pairs_at_once() const override;

 private:
  // A sum of differences, or of means of them, and how many.
  struct Sum {
    double total = 0;
    std::int64_t count = 0;
  };
  // For one user, the mean difference of each of `items` from what he rated, as a sum over that:
  // found from whoever rated the items, or from whoever rated what he rated. Both give the same
  // bits, as the differences between two items are added in order of user.
  std::vector<Sum> by_items(Index user, std::span<const Index> items) const;
  std::vector<Sum> by_user(Index user, std::span<const Index> items) const;
  // Of each item of a row, the ratings of all who rated it.
  std::int64_t work(std::span<const Index> items) const;
  std::span<const float> ratings_of(const CsrView& matrix, Index row) const;

  Backend& backend_;
  const Model& model_;
  CsrView by_user_;
  Transposed by_item_;
  std::vector<std::int64_t> work_;  // by item: the ratings of all who rated it
};

}  // namespace tusk
