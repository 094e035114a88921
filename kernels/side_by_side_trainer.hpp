#pragma once

#include <deque>
#include <vector>

#include "cuda/hogwild_ratings.hpp"
#include "hogwild_arguments.hpp"
#include "trainer.hpp"

namespace tusk {

// Many models at the same time, each trained by one warp, rating after rating.
class SideBySideTrainer : public Trainer {
 public:
  // `ratings` are in one chunk. `stream` must outlive the trainer.
  SideBySideTrainer(HogwildRatings ratings, Precision precision, cudaStream_t stream);
  // Waits for the lanes: after a failed launch or record, `stream` does not.
  ~SideBySideTrainer() override;

  RowNumbers row_numbers() const override { return {}; }
  std::size_t error_places(const MfFit&) const override { return 1; }
  void start_epoch(std::span<DeviceModel* const> models, std::span<const float> rate,
                   std::uint64_t epoch) override;

 private:
  // Kernels of models of different lengths go on at the same time.
  struct Lane {
    CudaStream stream;
    CudaEvent done;
  };

  HogwildArguments arguments_of(DeviceModel& model, float rate, std::uint64_t epoch) const;

  Precision precision_;
  cudaStream_t stream_;
  DeviceBuffer<UserRun> runs_;
  DeviceBuffer<PackedRating> rating_;
  DeviceBuffer<Label> label_;
  std::vector<HogwildArguments> uploading_;  // what arguments_ is given in this epoch
  DeviceBuffer<HogwildArguments> arguments_;
  CudaEvent ready_;
  std::deque<Lane> lanes_;
};

}  // namespace tusk
