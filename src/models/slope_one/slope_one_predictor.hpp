// Predictions of Slope One from the ratings themselves, or from a table of all pairs of items.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include <tusk/predictor.hpp>

#include "model/transposed.hpp"

namespace tusk {

class SlopeOnePredictor : public Predictor {
 public:
  // Both are borrowed. `table_bytes` is the most that a table of all pairs of items may take; there
  // is none in models with more items. Predictions do not depend on it.
  SlopeOnePredictor(Backend& backend, const Model& model,
                    std::uint64_t table_bytes = kMostTableBytes);

  static constexpr std::uint64_t kMostTableBytes = std::uint64_t{448} << 20;

  std::vector<Prediction> predict(std::span<const Index> user,
                                  std::span<const Index> item) const override;
  std::unique_ptr<const Predictor> fold_in(CsrView ratings) const override;
  std::int64_t pairs_at_once() const override;
  std::uint64_t table_bytes(RankBy) const override { return table_bytes_; }

  // By somebody with these ratings; none: an unknown user. As predict().
  std::vector<Prediction> predict_for(std::span<const Index> rated, std::span<const float> own,
                                      std::span<const Index> item) const;

 private:
  // A sum of differences, or of means of them, and how many.
  struct Sum {
    double total = 0;
    std::int64_t count = 0;
  };
  // By item: the mean difference of an item's ratings from the other item's, by those who rated
  // both; NaN if nobody did, and of the item itself.
  using Row = std::span<const float>;

  // The mean differences of each of `items` from those that a user rated, summed.
  std::vector<Sum> sums(std::span<const Index> rated, std::span<const Index> items) const;
  // The row of an item: of the table, or else computed in `scratch`.
  Row row(const float* table, Index item, std::vector<float>& scratch) const;
  // Fills a row from `first` on.
  void compute_row(Index item, Index first, std::span<float> row, std::vector<Sum>& sums) const;
  // The table, [items, items], made once rows as costly as all of it were asked for; null until
  // then. `work` is what the next rows cost.
  const float* table(std::int64_t work) const;
  void build_table() const;

  // The differences that the rows of these items are made of.
  std::int64_t work(std::span<const Index> items) const;
  std::span<const float> ratings_of(const CsrView& matrix, Index row) const;

  Backend& backend_;
  const Model& model_;
  CsrView by_user_;
  Transposed by_item_;
  std::vector<std::int64_t> work_;  // by item
  std::uint64_t table_bytes_;       // 0: there is to be no table
  std::int64_t table_work_;
  mutable std::atomic<std::int64_t> asked_ = 0;
  mutable std::once_flag built_;
  mutable std::vector<float> table_;
};

}  // namespace tusk
