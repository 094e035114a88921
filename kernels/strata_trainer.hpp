#pragma once

#include <vector>

#include "cuda/strata_ratings.hpp"
#include "trainer.hpp"

namespace tusk {

// Deterministic training: an epoch is a launch for each round of blocks.
class StrataTrainer : public Trainer {
 public:
  // Everything is done on `stream`, which must outlive the trainer.
  StrataTrainer(StrataRatings ratings, Precision precision, cudaStream_t stream);

  RowNumbers row_numbers() const override {
    return {{user_of_row_.data(), user_row_.data()}, {item_of_row_.data(), item_row_.data()}};
  }
  std::size_t error_places(const MfFit&) const override {
    return static_cast<std::size_t>(host_.stripes);
  }
  void start_epoch(std::span<DeviceModel* const> models, std::span<const float> rate,
                   std::uint64_t epoch) override;

 private:
  StrataRatings host_;  // without what is in the GPU's memory
  Precision precision_;
  cudaStream_t stream_;
  DeviceBuffer<std::int64_t> first_;
  DeviceBuffer<BlockRating> rating_;
  DeviceBuffer<Label> label_;
  DeviceBuffer<Index> first_user_row_;
  DeviceBuffer<Index> first_item_row_;
  DeviceBuffer<Index> user_row_;
  DeviceBuffer<Index> item_row_;
  DeviceBuffer<Index> user_of_row_;
  DeviceBuffer<Index> item_of_row_;
  // The order of an epoch of one model: user stripes, and then item stripes.
  DeviceBuffer<int> stripe_order_;
  std::vector<std::vector<int>> uploading_;  // what stripe_order_ is given in this epoch
};

}  // namespace tusk
