// The entry of the CUDA module.
#include "cuda/cuda_module.hpp"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <tusk/error.hpp>

#include "cuda_als_session.hpp"
#include "cuda_bayes_session.hpp"
#include "cuda_dot_session.hpp"
#include "cuda_gram_inverse.hpp"
#include "cuda_mf_session.hpp"
#include "cuda_neural_session.hpp"
#include "cuda_ring_session.hpp"
#include "cuda_similar_session.hpp"
#include "dense_functions.hpp"
#include "model_launch.hpp"
#include "support/module_interface.hpp"

namespace tusk {
namespace {

std::string dense_problem() {
  try {
    dense_functions();
    return {};
  } catch (const DeviceError& error) {
    return error.what();
  }
}

class Gpu : public CudaDevice {
 public:
  explicit Gpu(int device) : device_(device) {
    TUSK_CUDA_TRY(cudaSetDevice(device));
    TUSK_CUDA_TRY(cudaGetDeviceProperties(&properties_, device));
  }

  std::string gpu() const override { return properties_.name; }

  std::uint64_t free_memory() const override {
    TUSK_CUDA_TRY(cudaSetDevice(device_));
    // Memory that earlier sessions have given back counts, too.
    TUSK_CUDA_TRY(cudaDeviceSynchronize());
    cudaMemPool_t pool = nullptr;
    TUSK_CUDA_TRY(cudaDeviceGetDefaultMemPool(&pool, device_));
    TUSK_CUDA_TRY(cudaMemPoolTrimTo(pool, 0));
    std::size_t free = 0;
    std::size_t total = 0;
    TUSK_CUDA_TRY(cudaMemGetInfo(&free, &total));
    return free;
  }

  SharedMemory shared_memory() const override {
    return {properties_.sharedMemPerMultiprocessor, properties_.reservedSharedMemPerBlock};
  }

  int multiprocessors() const override { return properties_.multiProcessorCount; }

  std::unique_ptr<MfSession> open_mf(CudaMfWork work) override {
    return std::make_unique<CudaMfSession>(device_, std::move(work));
  }

  std::unique_ptr<MfSession> open_ring(CudaRingWork work) override {
    return std::make_unique<CudaRingSession>(device_, std::move(work));
  }

  std::unique_ptr<DotSession> open_dot(const CudaDotWork& work) override {
    return std::make_unique<CudaDotSession>(device_, work);
  }

  std::unique_ptr<NeighbourSession> open_similar(const NeighbourProblem& problem,
                                                 const NeighbourPlan& plan) override {
    return std::make_unique<CudaSimilarSession>(device_, problem, plan);
  }

  std::string dense_problem() const override { return tusk::dense_problem(); }

  std::unique_ptr<AlsSession> open_als(const AlsProblem& problem, const AlsPlan& plan) override {
    return std::make_unique<CudaAlsSession>(device_, problem, plan);
  }

  std::unique_ptr<NeuralSession> open_neural(const CudaNeuralWork& work) override {
    return std::make_unique<CudaNeuralSession>(device_, work);
  }

  std::unique_ptr<BayesSession> open_bayes(const CudaBayesWork& work) override {
    return std::make_unique<CudaBayesSession>(device_, work);
  }

  bool invert_gram(const GramProblem& problem, const GramPlan& plan,
                   std::span<float> inverse) override {
    return invert_gram_on_gpu(device_, problem, plan, inverse);
  }

  bool invert_gram(const GramProblem& problem, const GramPlan& plan,
                   std::span<double> inverse) override {
    return invert_gram_on_gpu(device_, problem, plan, inverse);
  }

 private:
  int device_;
  cudaDeviceProp properties_{};
};

std::string refusal(int device) {
  cudaError_t result = cudaSetDevice(device);
  if (result == cudaSuccess) result = find_kernels();
  if (result == cudaSuccess) return {};
  cudaGetLastError();
  if (result == cudaErrorNoKernelImageForDevice || result == cudaErrorInvalidDeviceFunction ||
      result == cudaErrorUnsupportedPtxVersion) {
    return fmt::format(
        "this build of Tusk has no code for GPU number {}: it was compiled for "
        "architectures " TUSK_CUDA_ARCHITECTURES,
        device);
  }
  return fmt::format("GPU number {} does not start: {}", device, cudaGetErrorString(result));
}

std::unique_ptr<CudaDevice> open(int device) { return std::make_unique<Gpu>(device); }

constexpr CudaModule kModule{CUDART_VERSION, refusal, dense_problem, open};

}  // namespace
}  // namespace tusk

#define TUSK_EXPORT extern "C" __attribute__((visibility("default")))

TUSK_EXPORT const char* const tusk_cuda_interface = tusk::kModuleInterface;

TUSK_EXPORT const tusk::CudaModule* tusk_cuda_module() { return &tusk::kModule; }
