// Matrix factorization on a GPU.
#pragma once

#include <memory>
#include <vector>

#include "cuda/cuda_device.hpp"
#include "cuda_handles.hpp"
#include "device_model.hpp"
#include "trainer.hpp"

namespace tusk {

// Parameters, validation ratings and as many training ratings as there is room for stay in the
// GPU's memory; of an epoch 24 bytes a model come back.
class CudaMfSession : public MfSession {
 public:
  CudaMfSession(int device, CudaMfWork work);
  ~CudaMfSession() override;

  std::vector<SquaredError> run_epoch(std::span<const float> rate) override;
  std::vector<ErrorSums> validate() override;
  void checkpoint(std::size_t model) override;
  void retire(std::size_t model) override;
  MfState state(std::size_t model) const override;

 private:
  std::vector<ErrorSums> read_totals();

  int device_;
  RatingScale scale_;
  Precision precision_;
  CudaStream stream_;
  CudaStream copy_stream_;
  std::unique_ptr<Trainer> trainer_;
  std::vector<std::int64_t> validation_offset_;  // by label; one more at the end
  DeviceBuffer<Index> validation_user_;
  DeviceBuffer<Index> validation_item_;
  DeviceBuffer<float> validation_rating_;
  std::vector<DeviceModel> models_;
  DeviceBuffer<ErrorSums> totals_;        // by model
  mutable DeviceBuffer<float> unpacked_;  // of state(), so that it cannot run out of memory
  std::uint64_t epoch_ = 0;
};

}  // namespace tusk
