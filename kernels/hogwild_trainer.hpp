#pragma once

#include <optional>
#include <vector>

#include "cuda/hogwild_ratings.hpp"
#include "hogwild_launch.hpp"
#include "trainer.hpp"

namespace tusk {

// Lock-free training. Ratings in one chunk stay in the GPU's memory; those in several pass through
// it in each epoch, one chunk being copied while another is trained on.
class HogwildTrainer : public Trainer {
 public:
  // Training is done on `stream`, copies of chunks on `copy_stream`; both must outlive the trainer.
  HogwildTrainer(HogwildRatings ratings, Index users, Index items, Precision precision, int device,
                 cudaStream_t stream, cudaStream_t copy_stream);

  RowNumbers row_numbers() const override { return {}; }
  std::size_t error_places(const MfFit&) const override { return static_cast<std::size_t>(warps_); }
  void start_epoch(std::span<DeviceModel* const> models, std::span<const float> rate,
                   std::uint64_t epoch) override;

 private:
  // Room for a chunk: its runs, its ratings and its labels.
  struct Slot {
    DeviceBuffer<unsigned char> bytes;
    CudaEvent filled;
    CudaEvent trained;
  };

  bool resident() const { return slots_.size() == 1; }
  void fill(Slot& slot, const RunChunk& chunk, cudaStream_t stream);
  void start_chunk(Slot& slot, std::size_t chunk, DeviceModel& model, float rate,
                   std::uint64_t epoch);

  HogwildRatings host_;  // if all ratings stay in the GPU's memory, without them
  bool labelled_;
  Precision precision_;
  int warps_ = 0;  // that train at the same time
  cudaStream_t stream_;
  cudaStream_t copy_stream_;
  std::vector<PinnedMemory> pinned_;
  std::vector<Slot> slots_;
  DeviceBuffer<unsigned long long> taken_;
};

}  // namespace tusk
