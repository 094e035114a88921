// A GPU whose machine has neither cuBLAS nor cuSOLVER nor NCCL.
#pragma once

#include "cuda/cuda_device.hpp"

namespace tusk::test {

class WithoutDense : public CudaDevice {
 public:
  std::string dense_problem() const override { return "cuBLAS is not there"; }
  std::unique_ptr<MfSession> open_ring(CudaRingWork) override { return nullptr; }
  std::unique_ptr<AlsSession> open_als(const AlsProblem&, const AlsPlan&) override {
    return nullptr;
  }
  std::unique_ptr<NeuralSession> open_neural(const CudaNeuralWork&) override { return nullptr; }
  std::unique_ptr<BayesSession> open_bayes(const CudaBayesWork&) override { return nullptr; }
  bool invert_gram(const GramProblem&, const GramPlan&, std::span<float>) override { return false; }
  bool invert_gram(const GramProblem&, const GramPlan&, std::span<double>) override {
    return false;
  }
};

}  // namespace tusk::test
