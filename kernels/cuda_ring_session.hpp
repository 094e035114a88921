// Matrix factorization by several processes with a GPU each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cuda/ring_work.hpp"
#include "cuda_handles.hpp"
#include "device_model.hpp"
#include "gpu_messages.hpp"
#include "hogwild_trainer.hpp"

namespace tusk {

// One model without validation. A GPU has its own users and room for all items; a part of the items
// arrives at its own place. Training goes on in one stream and messages in another.
class CudaRingSession : public MfSession {
 public:
  // By all processes. Throws DeviceError.
  CudaRingSession(int device, CudaRingWork work);
  ~CudaRingSession() override;

  // The errors are those of all processes. Throws Interrupted on all if one is to stop.
  std::vector<SquaredError> run_epoch(std::span<const float> rate) override;
  std::vector<ErrorSums> validate() override { return {{}}; }
  void checkpoint(std::size_t) override {}
  void retire(std::size_t) override { model_.retired = true; }
  // On the first process all of the model, on the others nothing.
  MfState state(std::size_t model) const override;

 private:
  int parts() const { return static_cast<int>(trainers_.size()); }
  // Factors and biases of a part of the items.
  std::array<GpuMessages::Block, 2> blocks_of(int part);
  std::vector<SquaredError> train_epoch(float rate);
  // Queues the messages that go beside the next step.
  void pass_on(int step);

  int device_;
  std::shared_ptr<Communicator> processes_;
  std::function<void()> check_stop_;
  Index users_;  // of all processes
  std::vector<Index> user_of_row_;
  std::vector<Index> item_of_row_;
  std::vector<Index> first_item_row_;
  CudaStream stream_;
  CudaStream message_stream_{CudaStream::Priority::high};
  // By the step's number modulo 2.
  std::array<CudaEvent, 2> trained_;
  std::array<CudaEvent, 2> arrived_;
  std::vector<std::unique_ptr<HogwildTrainer>> trainers_;  // by part of the items
  DeviceBuffer<Index> device_user_of_row_;
  DeviceBuffer<Index> device_item_row_;
  DeviceBuffer<Index> device_item_of_row_;
  DeviceModel model_;
  DeviceBuffer<ErrorSums> total_;
  mutable DeviceBuffer<float> unpacked_;  // of state(), so that it cannot run out of memory
  std::optional<GpuMessages> messages_;   // none with one process
  std::uint64_t epoch_ = 0;
  bool failed_ = false;  // in an epoch: what the others do is not known
};

}  // namespace tusk
