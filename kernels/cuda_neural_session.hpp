// Neural networks on a GPU.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "backend/neural_session.hpp"
#include "cuda/neural_plan.hpp"
#include "cuda_neural_model.hpp"

namespace tusk {

// Models are trained one after another, each by all of the GPU.
class CudaNeuralSession : public NeuralSession {
 public:
  CudaNeuralSession(int device, const CudaNeuralWork& work);
  ~CudaNeuralSession() override;

  std::vector<SquaredError> run_epoch(std::span<const float> rate) override;
  std::vector<ErrorSums> validate() override;
  void checkpoint(std::size_t model) override;
  void retire(std::size_t model) override;
  NeuralWeights state(std::size_t model) const override;

 private:
  struct Slot {
    std::unique_ptr<CudaNeuralModel> model;
    bool has_checkpoint = false;
    bool retired = false;
  };

  int device_;
  CudaStream stream_;
  DenseAlgebra algebra_;
  DeviceBuffer<unsigned char> room_;  // of cuBLAS
  std::function<void()> check_stop_;
  NeuralBuffers buffers_;
  std::deque<DeviceNeuralPart> parts_;
  std::deque<DeviceNeuralFeatures> features_;
  std::vector<Slot> slots_;
  std::uint64_t epoch_ = 0;
};

}  // namespace tusk
